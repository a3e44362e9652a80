package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.kernel.BlasSetup;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class DeviceArraysTest {
  static {
    BlasSetup.ensure();
  }

  @Test
  void closesEachOfItsArraysAndGivesTheirBytesBack() {
    Device device = TestDevice.ofBudget(100);
    DeviceArrays arrays = new DeviceArrays(device, "arrays");
    INDArray first = arrays.create(DataType.FLOAT, 'c', 2, 10);
    INDArray second = arrays.create(DataType.FLOAT16, 'f', 10);
    assertThat(device.memory().used()).isEqualTo(100);
    assertThatThrownBy(() -> arrays.create(DataType.INT32, 'c', 1))
        .isInstanceOf(DeviceMemoryException.class)
        .hasMessage("device 0: arrays: expected 4 bytes of free memory, got 0");
    arrays.close();
    assertThat(first.wasClosed()).isTrue();
    assertThat(second.wasClosed()).isTrue();
    assertThat(device.memory().used()).isZero();
    arrays.close();
    assertThat(device.memory().used()).isZero();
  }

  @Test
  void nativeMemoryOfClosedArraysIsFree() throws IOException {
    Device device = TestDevice.unlimited();
    long before = TestDevice.residentBytes();
    for (int i = 0; i < 80; i++) {
      try (DeviceArrays arrays = new DeviceArrays(device, "16 MB")) {
        arrays.create(DataType.FLOAT, 'c', 1 << 22);
      }
    }
    assertThat(TestDevice.residentBytes() - before).isLessThan(200L << 20); // Of 1,280 MB.
  }
}
