package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.device.NoDeviceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * Finds the device of a slot by Flink's external resource framework (FLIP-108): the TaskManager's
 * resources named {@value #RESOURCE}, each with a property {@value #INDEX}.
 *
 * <p>Flink gives all slots of a TaskManager all of its devices; the subtasks take them in turn.
 */
final class SlotDevice {
  static final String RESOURCE = "gpu";
  static final String INDEX = "index";

  private SlotDevice() {}

  /**
   * The device that this slot's model is to be on.
   *
   * @return empty for the host, which only {@link DeviceMode#HOST} and, without GPUs, {@link
   *     DeviceMode#AUTO} choose
   * @throws NoDeviceException if the mode asks for a device that is not there
   */
  static Optional<Device> find(DeviceMode mode, RuntimeContext context) {
    return find(
        mode,
        () -> context.getExternalResourceInfos(RESOURCE),
        context.getTaskInfo().getIndexOfThisSubtask());
  }

  /** The same where there is no runtime context. */
  static Optional<Device> find(
      DeviceMode mode,
      Supplier<? extends Collection<ExternalResourceInfo>> resources,
      int subtask) {
    if (mode == DeviceMode.HOST || (mode == DeviceMode.AUTO && !Device.backendHasGpus())) {
      return Optional.empty();
    }
    return Optional.of(choose(resources.get(), subtask));
  }

  private static Device choose(Collection<ExternalResourceInfo> resources, int subtask) {
    if (resources.isEmpty()) {
      Device first = Device.of(0);
      if (Device.count() > 1) {
        throw new NoDeviceException(
            "expected external-resource.%s.* to say which of %d devices a TaskManager has, got none"
                .formatted(RESOURCE, Device.count()));
      }
      return first;
    }
    List<Integer> indices = new ArrayList<>();
    for (ExternalResourceInfo resource : resources) {
      String index = resource.getProperty(INDEX).orElse("nothing");
      try {
        indices.add(Integer.parseInt(index));
      } catch (NumberFormatException e) {
        throw new NoDeviceException(
            "external resource %s: expected a number as property %s, got %s"
                .formatted(RESOURCE, INDEX, index),
            e);
      }
    }
    indices.sort(null);
    return Device.of(indices.get(subtask % indices.size()));
  }
}
