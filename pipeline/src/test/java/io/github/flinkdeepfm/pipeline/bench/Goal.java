package io.github.flinkdeepfm.pipeline.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A bound such as {@code >= 1.3} on a row's ratio, or on its value if it has no ratio. */
record Goal(boolean atLeast, double bound) {
  private static final Pattern TEXT = Pattern.compile("(>=|<=) *([0-9.]+)");

  /**
   * @throws IllegalArgumentException if it is no bound
   */
  static Goal of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected >= or <= and a number, got " + text);
    }
    return new Goal(matcher.group(1).equals(">="), Double.parseDouble(matcher.group(2)));
  }

  /** Whether a row has no goal, or reaches it. */
  static boolean reached(BenchRow row) {
    if (row.goal() == null) {
      return true;
    }
    Goal goal = of(row.goal());
    double measured = row.ratio() == null ? row.value() : row.ratio();
    return goal.atLeast ? measured >= goal.bound : measured <= goal.bound;
  }
}
