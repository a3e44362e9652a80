package io.github.flinkdeepfm.model.features;

import java.util.Map;

/** How an element of a sparse feature becomes an id of the feature's table. */
public sealed interface Encoding {

  /** What {@link Id} does with an integer outside the table. */
  enum OutOfRange {
    /** The event is a dead letter. */
    REJECT,
    /** The floor modulus by the table's rows. */
    MODULO,
    /** The id, and its weight, leaves the bag. */
    DROP
  }

  /** A JSON integer as it is. */
  record Id(long rows, OutOfRange onOutOfRange) implements Encoding {}

  /**
   * MurmurHash3 x86 32-bit of a string's UTF-8 bytes or an integer's decimal text, as unsigned,
   * modulo {@code buckets}, plus {@code offset}.
   */
  record Hash(int seed, long buckets, long offset) implements Encoding {}

  /** 1 to 16 hexadecimal digits as an unsigned integer, modulo the table's rows. */
  record Hex(long rows) implements Encoding {}

  /** Position in a list plus 1; unknown is 0. */
  record Vocabulary(Map<String, Integer> ids) implements Encoding {}

  /** How many of the ascending boundaries are ≤ the number. */
  record Bucketize(double[] boundaries) implements Encoding {}
}
