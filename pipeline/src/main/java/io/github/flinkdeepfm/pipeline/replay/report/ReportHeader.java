package io.github.flinkdeepfm.pipeline.replay.report;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What was replayed and how.
 *
 * @param title of the page
 * @param ranges what was read
 * @param versions of the models that took part
 * @param fingerprints numerics fingerprints: of the recorded scores and of this machine
 * @param configurationHash of the job's configuration
 * @param command the command line, without secrets
 */
public record ReportHeader(
    String title,
    Mode mode,
    List<Range> ranges,
    List<String> versions,
    List<String> fingerprints,
    String configurationHash,
    Instant created,
    String command) {

  /** What the two sides of a {@link ReplayRow} are. */
  public enum Mode {
    /** The recorded score, and the same version's computed again. */
    REPRODUCE("recorded", "replayed"),
    /** Two versions. */
    COMPARE("baseline", "candidate");

    private final String baseline;
    private final String candidate;

    Mode(String baseline, String candidate) {
      this.baseline = baseline;
      this.candidate = candidate;
    }
  }

  /**
   * Offsets of one partition, or lines of a file.
   *
   * @param from first
   * @param to one after the last
   */
  public record Range(String topic, int partition, long from, long to) {}

  /** As it stands in the report. */
  record Facts(
      String title,
      String mode,
      String baselineName,
      String candidateName,
      String created,
      String command,
      String configurationHash,
      List<Range> ranges,
      List<String> versions,
      List<String> fingerprints) {}

  Facts facts() {
    return new Facts(
        title,
        mode.name().toLowerCase(Locale.ROOT),
        mode.baseline,
        mode.candidate,
        created.toString(),
        command,
        configurationHash,
        ranges,
        versions,
        fingerprints);
  }
}
