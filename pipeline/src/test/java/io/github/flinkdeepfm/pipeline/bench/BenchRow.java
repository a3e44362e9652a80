package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One line of {@code bench.json}.
 *
 * @param name {@code kernel.S.uniform.B64}, {@code decode.vs_databind} …
 * @param unit of both values: {@code rows/s}, {@code events/s}, {@code ms} …
 * @param value ours, the median of the rounds
 * @param baseline what it stands beside; null if nothing
 * @param baselineValue its median in the same run; null if there is none
 * @param ratio ours over theirs in speed, so that above 1 is faster ({@code floor}: time over the
 *     floor); null if there is no baseline
 * @param lowest least ratio of the rounds, or least value where there is no baseline; null if there
 *     was one reading
 * @param highest greatest of the same; null if there was one reading
 * @param goal what the ratio (or the value, where there is no baseline) should be; null if none
 * @param note why a goal is missed, or how to read the row; null if there is nothing to say
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
  "name",
  "unit",
  "value",
  "baseline",
  "baseline_value",
  "ratio",
  "lowest",
  "highest",
  "goal",
  "note"
})
public record BenchRow(
    String name,
    String unit,
    double value,
    String baseline,
    @JsonProperty("baseline_value") Double baselineValue,
    Double ratio,
    Double lowest,
    Double highest,
    String goal,
    String note) {

  /** A single reading with nothing beside it. */
  public static BenchRow reading(String name, String unit, double value) {
    return new BenchRow(name, unit, value, null, null, null, null, null, null, null);
  }

  /**
   * @param goal for example {@code >= 1.3}
   */
  public BenchRow withGoal(String goal) {
    return new BenchRow(
        name, unit, value, baseline, baselineValue, ratio, lowest, highest, goal, note);
  }

  public BenchRow withNote(String note) {
    return new BenchRow(
        name, unit, value, baseline, baselineValue, ratio, lowest, highest, goal, note);
  }
}
