package io.github.flinkdeepfm.model.features;

import java.util.List;

/** How one element of a sparse feature becomes an id of the feature's table. */
public sealed interface Encoding {

  /** What {@link Id} does with an integer that is not a row of the table. */
  enum OnOutOfRange {
    /** The event becomes a dead letter. */
    REJECT,
    /** The floor modulus by num_embeddings. */
    MODULO,
    /** The id, and its weight, leaves the bag. */
    DROP
  }

  /** A JSON integer as it is. */
  record Id(OnOutOfRange onOutOfRange) implements Encoding {}

  /**
   * MurmurHash3 x86 32-bit of a string's UTF-8 bytes or an integer's decimal text, as unsigned,
   * modulo {@code buckets}, plus {@code offset}.
   *
   * @param seed the 32 bits of the unsigned seed
   * @param buckets above 0; buckets + offset ≤ num_embeddings
   * @param offset 0 or more
   */
  record Hash(int seed, long buckets, long offset) implements Encoding {}

  /** 1 to 16 hexadecimal digits as an unsigned integer, modulo num_embeddings. */
  record Hex() implements Encoding {}

  /**
   * A string's position in the list + 1; 0 for any other string.
   *
   * @param words distinct; fewer than num_embeddings
   */
  record Vocabulary(List<String> words) implements Encoding {
    public Vocabulary {
      words = List.copyOf(words);
    }
  }

  /**
   * How many boundaries are ≤ a number, compared in double.
   *
   * @param boundaries finite, strictly ascending; fewer than num_embeddings
   */
  record Bucketize(List<Double> boundaries) implements Encoding {
    public Bucketize {
      boundaries = List.copyOf(boundaries);
    }
  }
}
