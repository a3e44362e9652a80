package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.device.DeviceFailureException;
import io.github.flinkdeepfm.model.device.DeviceMemory;
import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.device.NoDeviceException;
import io.github.flinkdeepfm.model.device.OpExecutor;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.externalresource.ExternalResourceDriver;
import org.apache.flink.api.common.externalresource.ExternalResourceDriverFactory;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.plugin.PluginManager;
import org.apache.flink.runtime.externalresource.ExternalResourceInfoProvider;
import org.apache.flink.runtime.externalresource.ExternalResourceUtils;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From {@code external-resource.gpu.*} of a TaskManager's configuration to the slot's device. */
class SlotDeviceTest {
  @TempDir Path root;
  private Path directory;

  @BeforeEach
  void writeModel() throws Exception {
    directory = TestModel.write(root, "v1", 1);
  }

  /** Devices that the configuration names: {@code external-resource.gpu.param.indices: 0,1}. */
  public static final class FakeDrivers implements ExternalResourceDriverFactory {
    @Override
    public ExternalResourceDriver createExternalResourceDriver(Configuration config) {
      String[] indices = config.toMap().get("indices").split(",", -1);
      return amount -> {
        Set<ExternalResourceInfo> infos = new LinkedHashSet<>();
        for (int i = 0; i < amount; i++) {
          infos.add(new FakeInfo(indices[i]));
        }
        return infos;
      };
    }
  }

  @BeforeAll
  static void letTheCpuStandForADevice() {
    System.setProperty(Device.BUDGET_PROPERTY, Long.toString(1L << 40));
  }

  @AfterAll
  static void noMore() {
    System.clearProperty(Device.BUDGET_PROPERTY);
  }

  private record FakeInfo(String index) implements ExternalResourceInfo {
    @Override
    public Optional<String> getProperty(String key) {
      return key.equals(SlotDevice.INDEX) ? Optional.of(index) : Optional.empty();
    }

    @Override
    public Collection<String> getKeys() {
      return List.of(SlotDevice.INDEX);
    }
  }

  private static ExternalResourceInfoProvider resources(String... indices) {
    Configuration config = new Configuration();
    if (indices.length > 0) {
      config.setString("external-resources", "gpu");
      config.setString("external-resource.gpu.amount", Integer.toString(indices.length));
      config.setString("external-resource.gpu.driver-factory.class", FakeDrivers.class.getName());
      config.setString("external-resource.gpu.param.indices", String.join(",", indices));
    }
    PluginManager plugins =
        new PluginManager() {
          @Override
          public <P> Iterator<P> load(Class<P> service) {
            return List.of(service.cast(new FakeDrivers())).iterator();
          }
        };
    return ExternalResourceUtils.createStaticExternalResourceInfoProviderFromConfig(
        config, plugins);
  }

  private String numericsOf(DeviceMode mode, String... indices) throws Exception {
    ScoringSettings settings = ScoringSettings.ofDirectory(directory, "v1").withDevice(mode);
    try (MockEnvironment environment =
            new MockEnvironmentBuilder()
                .setExternalResourceInfoProvider(resources(indices))
                .build();
        OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness =
            new OneInputStreamOperatorTestHarness<>(
                new MicroBatchOperatorFactory<>(RawEvents.KIND, settings), environment)) {
      harness.setup(new BatchSnapshots());
      harness.open();
      MicroBatchOperator operator = (MicroBatchOperator) harness.getOperator();
      return operator.numerics();
    }
  }

  @Test
  void aSlotScoresOnTheDeviceThatItsTaskManagerHas() throws Exception {
    assertThat(numericsOf(DeviceMode.DEVICE, "0")).contains("/device/");
    assertThat(numericsOf(DeviceMode.DEVICE)).contains("/device/");
    assertThat(numericsOf(DeviceMode.AUTO, "0")).doesNotContain("/device/");
    assertThat(numericsOf(DeviceMode.HOST, "0")).doesNotContain("/device/");
  }

  @Test
  void aDeviceThatIsConfiguredAndNotThereIsNamed() {
    assertThatThrownBy(() -> numericsOf(DeviceMode.DEVICE, "7"))
        .isInstanceOf(NoDeviceException.class)
        .hasMessageContaining("expected a device below 1")
        .hasMessageContaining("got device 7");
    assertThatThrownBy(() -> numericsOf(DeviceMode.DEVICE, "first"))
        .isInstanceOf(NoDeviceException.class)
        .hasMessage("external resource gpu: expected a number as property index, got first");
  }

  @Test
  void aProcessHasOneCopyForEachDeviceAndOneForTheHost() {
    ModelStore store = new ModelStore(new SystemMemory());
    Device first = device(0, Long.MAX_VALUE);
    Device second = device(1, Long.MAX_VALUE);
    try (ModelStore.Lease host = store.acquire(directory);
        ModelStore.Lease one = store.acquire(directory, Optional.of(first));
        ModelStore.Lease same = store.acquire(directory, Optional.of(first));
        ModelStore.Lease other = store.acquire(directory, Optional.of(second))) {
      assertThat(same.model()).isSameAs(one.model());
      assertThat(other.model()).isNotSameAs(one.model());
      assertThat(host.model().onDevice()).isEmpty();
      assertThat(store.size()).isEqualTo(3);
      assertThat(first.memory().used()).isEqualTo(second.memory().used()).isPositive();
    }
    assertThat(store.size()).isZero();
    assertThat(first.memory().used()).isZero();
  }

  @Test
  void aVersionThatDoesNotFitOnTheDeviceIsRefused() throws Exception {
    RefreshRig rig = new RefreshRig(root.resolve("rig"));
    rig.publish("v1", 1);
    VersionLoader loader =
        new VersionLoader(
            new ModelStore(new SystemMemory()), rig.settings(), root, Optional.of(device(0, 100)));
    assertThatThrownBy(() -> loader.load("v1", Optional.empty()))
        .isInstanceOfSatisfying(
            RefusedVersionException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusalReason.NO_SPACE))
        .hasMessageContaining("a model version: expected ")
        .hasMessageContaining(" bytes of free memory, got 100");
    Device lost =
        device(0, Long.MAX_VALUE)
            .with(
                op -> {
                  throw new IllegalStateException("CUDA error 719");
                });
    VersionLoader failing =
        new VersionLoader(
            new ModelStore(new SystemMemory()), rig.settings(), root, Optional.of(lost));
    assertThatThrownBy(() -> failing.load("v1", Optional.empty()))
        .isInstanceOfSatisfying(
            RefusedVersionException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusalReason.DEVICE))
        .hasMessageContaining("CUDA error 719");
    assertThat(lost.memory().used()).isZero();
  }

  @Test
  void aDeviceThatIsLostWhileItScoresFailsTheTask() {
    AtomicBoolean isLost = new AtomicBoolean();
    Device device =
        device(0, Long.MAX_VALUE)
            .with(
                op -> {
                  if (isLost.get()) {
                    throw new IllegalStateException("CUDA error 719");
                  }
                  OpExecutor.ND4J.execute(op);
                });
    try (ModelStore.Lease lease =
            new ModelStore(new SystemMemory()).acquire(directory, Optional.of(device));
        DeepFmScorer scorer = lease.takeScorer()) {
      KeyedJaggedTensor kjt =
          KeyedJaggedTensor.ofTrusted(
              List.of("C1", "C2"), new long[] {1, 2}, new int[] {0, 1, 2}, null);
      scorer.score(new float[2], kjt, new float[1]);
      isLost.set(true);
      assertThatThrownBy(() -> scorer.score(new float[2], kjt, new float[1]))
          .isInstanceOf(DeviceFailureException.class)
          .hasMessageContaining("device 0: operation gather_nd")
          .hasMessageContaining("CUDA error 719");
    }
    assertThat(device.memory().used()).isZero();
  }

  private static Device device(int ordinal, long bytes) {
    return new Device(
        ordinal,
        DeviceMemory.ofBudget(ordinal, bytes),
        OpExecutor.ND4J,
        Device.DEFAULT_SPARE_SHARE);
  }
}
