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
 * @param timing where its time went; null if unknown
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
    Timing timing,
    Shadow shadow) {

  /**
   * The score of a second version.
   *
   * @param logit not finite if it has none for the event
   */
  public record Shadow(String modelVersion, float logit, float score) {}

  /**
   * Where an event's time went, in milliseconds.
   *
   * @param queue from the record's timestamp until it was read; -1 without a timestamp
   * @param batch until its micro-batch was scored
   * @param score for which its micro-batch was scored
   */
  public record Timing(long queue, long batch, float score) {}

  /** A score of one version alone, without its timing. */
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
        null,
        null);
  }
}
