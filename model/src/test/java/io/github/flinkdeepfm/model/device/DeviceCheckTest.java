package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a user with a GPU runs, on the CPU backend. */
class DeviceCheckTest {

  @Test
  void passesOnTheCpuBackend() throws Exception {
    assertThat(new DeviceCheck(true, TestDevice.unlimited()).run()).isTrue();
  }
}
