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

  /** How {@link Hash} reads the hash's 32 bits. */
  enum Signedness {
    /** 0 to 2^32 - 1, as {@code mmh3.hash(x, signed=False)} of Python. */
    UNSIGNED,
    /** Two's complement, with the floor modulus, as {@code mmh3.hash(x) % buckets}. */
    SIGNED,
    /** The absolute value of that, 0 to 2^31, as {@code abs(mmh3.hash(x)) % buckets}. */
    ABS
  }

  /**
   * A JSON integer as it is.
   *
   * @param accept what counts as an integer, too
   */
  record Id(OnOutOfRange onOutOfRange, Accept accept) implements Encoding {
    /** Of integers alone. */
    public Id(OnOutOfRange onOutOfRange) {
      this(onOutOfRange, Accept.NONE);
    }
  }

  /**
   * MurmurHash3 x86 32-bit of a string's UTF-8 bytes or an integer's decimal text, modulo {@code
   * buckets}, plus {@code offset}.
   *
   * @param seed the 32 bits of the unsigned seed
   * @param buckets above 0; buckets + offset ≤ num_embeddings
   * @param offset 0 or more
   * @param accept what counts as an integer, too; of strings that makes a difference to "-0" alone,
   *     which is then the integer 0
   */
  record Hash(int seed, long buckets, long offset, Signedness signedness, Accept accept)
      implements Encoding {
    /** Unsigned, of strings and integers alone. */
    public Hash(int seed, long buckets, long offset) {
      this(seed, buckets, offset, Signedness.UNSIGNED, Accept.NONE);
    }
  }

  /**
   * 1 to 16 hexadecimal digits as an integer, modulo num_embeddings.
   *
   * @param width 64: unsigned; 32: the low 32 bits in two's complement, with the floor modulus, as
   *     an int32 array of NumPy has them
   */
  record Hex(int width) implements Encoding {
    /** Unsigned. */
    public Hex() {
      this(Long.SIZE);
    }
  }

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
