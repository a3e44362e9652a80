package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.kernel.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Device 0 of the CPU backend with memory and executor of a test's own. */
final class TestDevice {
  private TestDevice() {}

  static Device ofBudget(long bytes) {
    return new Device(
        0, DeviceMemory.ofBudget(0, bytes), OpExecutor.ND4J, Device.DEFAULT_SPARE_SHARE);
  }

  static Device unlimited() {
    return ofBudget(Long.MAX_VALUE);
  }

  static DeviceDeepFm load(Device device, RandomModel model) {
    return new DeviceDeepFm(
        device, model.config, model.parameters::get, model.tables, Optional.empty());
  }

  /** The device with an executor that writes down what it runs. */
  static Device recording(Device device, List<String> operations) {
    return device.with(
        op -> {
          operations.add(op.opName());
          device.executor().execute(op);
        });
  }

  /** Bytes of this process in memory, without mapped files. */
  static long residentBytes() throws IOException {
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return (Long.parseLong(pages[1]) - Long.parseLong(pages[2])) * 4096;
  }

  static List<String> newLog() {
    return new ArrayList<>();
  }
}
