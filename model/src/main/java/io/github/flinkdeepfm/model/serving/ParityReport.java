package io.github.flinkdeepfm.model.serving;

import java.util.List;

/**
 * How far a model's outputs are from its trainer's, output by output.
 *
 * @param rows one for each output that was compared
 * @param notes what was not compared, and why
 */
public record ParityReport(List<Row> rows, List<String> notes) {

  public ParityReport {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /**
   * One compared output.
   *
   * @param output its name in {@code expected.safetensors}
   * @param count values compared
   * @param maxAbs largest |got − expected|
   * @param maxRel largest |got − expected| / max(1, |expected|)
   * @param maxOfTolerance largest share of its tolerance that a value used; above 1 it failed
   * @param worst where the largest share was: expected and got
   */
  public record Row(
      String output, int count, double maxAbs, double maxRel, double maxOfTolerance, String worst) {

    public boolean passed() {
      return maxOfTolerance <= 1;
    }
  }

  public boolean passed() {
    return rows.stream().allMatch(Row::passed);
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }
}
