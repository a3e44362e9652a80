package io.github.flinkdeepfm.pipeline.replay;

/**
 * One thing that stands between a recording and its reproduction.
 *
 * @param kind what it is
 * @param topic of the event, or of the record that cannot be read
 * @param detail one line: expected, got
 * @param eventId empty if not known
 * @param recorded the recorded score; null if there is none
 * @param replayed the replayed score; null if there is none
 * @param event the event's bytes; null if they are not at hand
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Finding(
    Kind kind,
    String topic,
    int partition,
    long offset,
    String detail,
    String eventId,
    Side recorded,
    Side replayed,
    byte[] event) {

  /** Kinds of findings; all but {@link #OTHER_NUMERICS} fail a reproduction. */
  public enum Kind {
    /** Another logit than recorded: other bits, or beyond tolerance on other arithmetic. */
    MISMATCH("other logits than recorded"),
    /** The event has a recorded score, but is a dead letter when it is replayed. */
    REJECTED("scores of events that are dead letters now"),
    /** The event has a recorded dead letter; replayed, it has a score or another reason. */
    OTHER_OUTCOME("dead letters that come out otherwise"),
    /** The recorded score is of another event id than the record at its coordinates. */
    OTHER_EVENT("scores of another event than the topic holds there"),
    /** Within tolerance, but not of the same bits, or not of this machine's arithmetic. */
    OTHER_NUMERICS("scores of another machine's arithmetic, within tolerance"),
    /** An event without score and without dead letter. */
    MISSING_SCORE("events without score or dead letter"),
    /** An event with more than one outcome. */
    DOUBLED("events with more than one outcome"),
    /** A score or an asked-for offset whose event retention has deleted. */
    RETENTION_GAP("events deleted by retention"),
    /** A score in the range whose event the topic does not have, for another reason. */
    ORPHAN_SCORE("scores without their event"),
    /** Scores of a version that the model root does not have. */
    VERSION_GONE("scores and dead letters of versions that are gone"),
    /** A record of the score or dead-letter topic that is not of the contract's layout. */
    UNREADABLE("records of another schema among the outcomes");

    final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  /** One side's score. */
  public record Side(String modelVersion, float logit, String numerics) {}

  /** One line for people. */
  String toLine() {
    return "%s %s-%d-%d%s%s: %s"
        .formatted(
            kind,
            topic,
            partition,
            offset,
            eventId.isEmpty() ? "" : " (event " + eventId + ")",
            recorded == null ? "" : " version " + recorded.modelVersion(),
            detail);
  }

  static Finding of(Kind kind, String topic, int partition, long offset, String detail) {
    return new Finding(kind, topic, partition, offset, detail, "", null, null, null);
  }
}
