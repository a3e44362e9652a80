package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Turns the element that a cursor stands at into an id of its feature's table. */
abstract class IdEncoder {
  /** The element leaves its bag. */
  static final long DROPPED = -1;

  /**
   * The element is of a type, or has a value, that the methods below do not take: {@link #encode}
   * takes it after all or says why not.
   */
  static final long REFUSED = -2;

  /**
   * The id of the element that starts at {@code token}.
   *
   * @return 0 ≤ id &lt; rows, or {@link #DROPPED}
   */
  abstract long encode(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException;

  /** The id of an integer, {@link #DROPPED}, or {@link #REFUSED}. */
  long ofInteger(long value) {
    return REFUSED;
  }

  /** Of an integer from 2^63 to 2^64 - 1, by its bits. */
  long ofUnsigned(long bits) {
    return REFUSED;
  }

  /** Of a number that has a fraction or an exponent or does not fit 64 bits. */
  long ofNumber(double value) {
    return REFUSED;
  }

  /** Of the string utf8[from, to), well-formed UTF-8. */
  long ofText(byte[] utf8, int from, int to) {
    return REFUSED;
  }

  /**
   * The encoder of a feature.
   *
   * @param rows num_embeddings of the feature's table
   */
  static IdEncoder of(SparseFeature feature, long rows) {
    String pointer = feature.source();
    Encoding encoding = feature.encoding();
    if (encoding instanceof Encoding.Id id) {
      return new IntegerIdEncoder(id.onOutOfRange(), rows, pointer);
    }
    if (encoding instanceof Encoding.Hash hash) {
      return new HashEncoder(hash, pointer);
    }
    if (encoding instanceof Encoding.Hex) {
      return new HexEncoder(rows, pointer);
    }
    if (encoding instanceof Encoding.Vocabulary vocabulary) {
      return new VocabularyEncoder(vocabulary, pointer);
    }
    return new BucketEncoder((Encoding.Bucketize) encoding, pointer);
  }
}
