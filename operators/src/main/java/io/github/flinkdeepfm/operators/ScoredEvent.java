package io.github.flinkdeepfm.operators;

/**
 * An event with its score. Immutable; the arrays are never written to.
 *
 * @param event the record that was scored, for its key, headers and coordinates
 * @param eventId the event's id, or its coordinates as text
 * @param timestamp event time in epoch milliseconds, or {@link RawEvent#NO_TIMESTAMP}
 * @param logit the model's output before the sigmoid; finite
 * @param score the sigmoid of the logit, 0 to 1
 * @param modelVersion the version that encoded and scored it
 * @param numerics fingerprint of the arithmetic: equal fingerprints give equal bits
 * @param scoredAt epoch milliseconds
 * @param label the label's JSON text in UTF-8; null if the event has none
 * @param copied JSON text of the fields to copy, by their place in the mapping; null: absent
 * @param shadow what a second version makes of the event; null without one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ScoredEvent(
    RawEvent event,
    String eventId,
    long timestamp,
    float logit,
    float score,
    String modelVersion,
    String numerics,
    long scoredAt,
    byte[] label,
    byte[][] copied,
    Shadow shadow) {

  /**
   * The score of a second version.
   *
   * @param logit not finite if it has none for the event
   */
  public record Shadow(String modelVersion, float logit, float score) {}

  /** A score of one version alone. */
  public ScoredEvent(
      RawEvent event,
      String eventId,
      long timestamp,
      float logit,
      float score,
      String modelVersion,
      String numerics,
      long scoredAt,
      byte[] label,
      byte[][] copied) {
    this(
        event,
        eventId,
        timestamp,
        logit,
        score,
        modelVersion,
        numerics,
        scoredAt,
        label,
        copied,
        null);
  }
}
