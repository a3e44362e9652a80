package io.github.flinkdeepfm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Tools that some checks need and that not every machine has. */
public final class Tools {
  private Tools() {}

  /**
   * Skips the test when a tool is not there, and says why; fails it with {@code
   * -Dtools.required=true}, for machines that have to have all of them.
   *
   * @param missing what it means that the tool is not there
   */
  public static void assume(boolean there, String missing) {
    if (Boolean.getBoolean("tools.required")) {
      assertThat(there).as("%s (tools.required)", missing).isTrue();
    }
    assumeTrue(there, missing);
  }
}
