package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.Locale;

/** What became of the events and scores of a range. */
public enum Coverage {
  MATCHED("events with a recorded score"),
  MISSING_SCORE("events without a recorded score"),
  DOUBLED("events with more than one recorded score"),
  DEAD_LETTERED("events recorded as dead letters"),
  RETENTION_GAP("offsets of the range that the topic no longer holds"),
  VERSION_GONE("scores of a version that is no longer retained"),
  OTHER_NUMERICS("scores recorded under another numerics fingerprint, compared to tolerance"),
  MIXED_SCHEMA("events that one of the versions cannot encode"),
  UNREADABLE("records of another schema among the recorded scores and dead letters"),
  OTHER_OUTCOME("events recorded as dead letters that come out otherwise"),
  ORPHAN_SCORE("recorded scores without an event in the range"),
  UNMATCHED_LABEL("labels without an event in the range");

  private final String meaning;

  Coverage(String meaning) {
    this.meaning = meaning;
  }

  /** A phrase for the report. */
  public String meaning() {
    return meaning;
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
