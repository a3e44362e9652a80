package io.github.flinkdeepfm.pipeline.topics;

/**
 * One thing about a topic, or the brokers, that does not suit the job.
 *
 * @param where {@code topic scores}, or {@code brokers}
 * @param found the setting and its value
 * @param means what follows for the job
 * @param cure what to set
 */
public record TopicFinding(
    Severity severity, String where, String found, String means, String cure) {

  /** What a finding does to the job. */
  public enum Severity {
    /** The job would fail by it, at once or at some event: it does not start. */
    STOPS,
    /** The job works; readers or operators may lose something by it. */
    RISKS,
    /** It could not be found out. */
    UNKNOWN
  }

  @Override
  public String toString() {
    return where + ": " + found + ": " + means + "; " + cure;
  }
}
