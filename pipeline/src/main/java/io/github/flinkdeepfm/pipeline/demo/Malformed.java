package io.github.flinkdeepfm.pipeline.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The kinds of malformed events, each made from a good one, with the reason it has to get. */
enum Malformed {
  TOMBSTONE(DeadLetterReason.TOMBSTONE),
  EMPTY_VALUE(DeadLetterReason.EMPTY),
  TRUNCATED_JSON(DeadLetterReason.NOT_JSON),
  NOT_AN_OBJECT(DeadLetterReason.WRONG_TYPE),
  NOT_UTF8(DeadLetterReason.NOT_JSON),
  NAN_LITERAL(DeadLetterReason.NOT_JSON),
  DENSE_OVERFLOW(DeadLetterReason.NOT_FINITE),
  DENSE_MISSING(DeadLetterReason.MISSING_DENSE),
  DENSE_IS_TEXT(DeadLetterReason.WRONG_TYPE),
  SPARSE_IS_OBJECT(DeadLetterReason.WRONG_TYPE),
  ID_TOO_LARGE(DeadLetterReason.ID_OUT_OF_RANGE),
  ID_NEGATIVE(DeadLetterReason.ID_OUT_OF_RANGE),
  NOT_HEXADECIMAL(DeadLetterReason.BAD_HEX),
  FEATURE_TWICE(DeadLetterReason.DUPLICATE_FIELD),
  EVENT_ID_LONG(DeadLetterReason.EVENT_ID_TOO_LONG),
  EVENT_TIME_NEGATIVE(DeadLetterReason.BAD_EVENT_TIME);

  private static final Malformed[] KINDS = values();
  private static final String I1 = "\"I1\":[^,]+";
  private static final String I13 = "\"I13\":[^}]+";
  private static final String C1 = "\"C1\":\\[[^\\]]*\\]";
  private static final String C3 = "\"C3\":\"[0-9a-f]+\"";

  private final DeadLetterReason reason;

  Malformed(DeadLetterReason reason) {
    this.reason = reason;
  }

  /** The dead letter's reason that the contract asks for. */
  DeadLetterReason reason() {
    return reason;
  }

  static Malformed draw(SplittableRandom random) {
    return KINDS[random.nextInt(KINDS.length)];
  }

  /**
   * Makes a malformed event of a good one.
   *
   * @param good a good event's bytes
   * @return other bytes; null for a tombstone
   */
  byte[] spoil(byte[] good, SplittableRandom random) {
    return switch (this) {
      case TOMBSTONE -> null;
      case EMPTY_VALUE -> new byte[0];
      case TRUNCATED_JSON -> Arrays.copyOf(good, 1 + random.nextInt(good.length - 1));
      case NOT_AN_OBJECT -> "[1,2,3]".getBytes(ISO_8859_1);
      case NOT_UTF8 -> replace(good, "\"event_id\":\"e", "\"event_id\":\"\u00ff");
      case NAN_LITERAL -> replace(good, I1, "\"I1\":NaN");
      case DENSE_OVERFLOW -> replace(good, I1, "\"I1\":1e400");
      case DENSE_MISSING -> replace(good, I13, "\"I13\":null");
      case DENSE_IS_TEXT -> replace(good, I1, "\"I1\":\"many\"");
      case SPARSE_IS_OBJECT -> replace(good, C1, "\"C1\":{\"id\":1}");
      case ID_TOO_LARGE -> replace(good, C1, "\"C1\":[" + PlantedTruth.LARGEST_TABLE + "]");
      case ID_NEGATIVE -> replace(good, C1, "\"C1\":[-1]");
      case NOT_HEXADECIMAL -> replace(good, C3, "\"C3\":\"unknown\"");
      case FEATURE_TWICE -> replace(good, "\"I1\":", "\"I2\":1,\"I1\":");
      case EVENT_ID_LONG -> replace(good, "\"event_id\":\"e", "\"event_id\":\"" + "e".repeat(1100));
      case EVENT_TIME_NEGATIVE -> replace(good, "\"event_time\":", "\"event_time\":-");
    };
  }

  private static byte[] replace(byte[] good, String pattern, String replacement) {
    return new String(good, ISO_8859_1).replaceFirst(pattern, replacement).getBytes(ISO_8859_1);
  }
}
