package io.github.flinkdeepfm.pipeline;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class ToolsTest {
  private static final String REQUIRED = "tools.required";
  private final String before = System.getProperty(REQUIRED, "");

  @BeforeEach
  @AfterEach
  void restore() {
    System.setProperty(REQUIRED, before);
  }

  @Test
  void aMissingToolSkipsTheCheckUnlessToolsAreRequired() {
    System.setProperty(REQUIRED, "false");
    assertThatThrownBy(() -> Tools.assume(false, "no promtool"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("no promtool");
    System.setProperty(REQUIRED, "true");
    assertThatThrownBy(() -> Tools.assume(false, "no promtool"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no promtool");
    Tools.assume(true, "no promtool");
  }
}
