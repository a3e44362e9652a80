package io.github.flinkdeepfm.model.features.protobuf;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The bytes of one message, and where in them the values are of fields that may come more than
 * once, as chains of spans.
 */
final class WireInput {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int DELIMITED = 2;
  static final int GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  /** The end of a chain. */
  static final int NONE = -1;

  private static final int MAX_NESTING = 64;
  private static final int USUAL_SPANS = 1 << 14;
  private static final int SPAN = 4;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  byte[] bytes;

  /** Behind what was read last. */
  int next;

  /** The event under way, by which a field knows whether it was seen; never 0, and never again. */
  long generation;

  /** Fields of no number of the message, or of another wire type than theirs. */
  int unknownFields;

  /** [start, end, wire type, next span] of each. */
  private int[] spans = new int[SPAN * 16];

  private int spansEnd;

  void begin(byte[] event) {
    bytes = event;
    generation++;
    unknownFields = 0;
    spansEnd = 0;
    if (spans.length > SPAN * USUAL_SPANS) {
      spans = new int[SPAN * 16];
    }
  }

  /** A varint of 64 bits that ends before {@code to}. */
  long varint(int from, int to) throws RejectedEventException {
    int at = from;
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at >= to) {
        throw malformed("no more bytes", at);
      }
      byte b = bytes[at++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        next = at;
        return value;
      }
    }
    throw malformed("a varint of more than 10 bytes", at);
  }

  int fixed32(int from, int to) throws RejectedEventException {
    next = after(from, Integer.BYTES, to);
    return (int) INTS.get(bytes, from);
  }

  long fixed64(int from, int to) throws RejectedEventException {
    next = after(from, Long.BYTES, to);
    return (long) LONGS.get(bytes, from);
  }

  /** Where {@code length} bytes end, which have to be there. */
  int after(int from, long length, int to) throws RejectedEventException {
    if (length < 0 || length > to - from) {
      throw malformed(Long.toUnsignedString(length) + " bytes of " + (to - from), from);
    }
    return from + (int) length;
  }

  /** The tag of a field: its number, times 8, plus its wire type. */
  int tag(int from, int to) throws RejectedEventException {
    long tag = varint(from, to);
    if (tag >>> Integer.SIZE != 0 || tag >>> 3 == 0) {
      throw malformed("a field of number " + (tag >>> 3), from);
    }
    return (int) tag;
  }

  /**
   * Passes over a group.
   *
   * @return where its fields end; {@link #next} is behind its end tag
   */
  int skipGroup(int number, int from, int to, int nesting) throws RejectedEventException {
    if (nesting > MAX_NESTING) {
      throw malformed("groups nested more than " + MAX_NESTING + " deep", from);
    }
    int at = from;
    while (true) {
      int tag = tag(at, to);
      if ((tag & 7) == END_GROUP) {
        if (tag >>> 3 != number) {
          throw malformed("the end of another group", at);
        }
        return at;
      }
      at = skip(tag, next, to, nesting);
    }
  }

  int skip(int tag, int from, int to, int nesting) throws RejectedEventException {
    switch (tag & 7) {
      case VARINT -> {
        var unused = varint(from, to);
      }
      case FIXED64 -> next = after(from, Long.BYTES, to);
      case FIXED32 -> next = after(from, Integer.BYTES, to);
      case DELIMITED -> {
        long length = varint(from, to);
        next = after(next, length, to);
      }
      case GROUP -> {
        var unused = skipGroup(tag >>> 3, from, to, nesting + 1);
      }
      default -> throw malformed("wire type " + (tag & 7), from);
    }
    return next;
  }

  /**
   * A new span at the end of a chain.
   *
   * @param last of the chain, or {@link #NONE}
   */
  int append(int last, int start, int end, int wireType) {
    if (spansEnd == spans.length) {
      spans = Arrays.copyOf(spans, spansEnd * 2);
    }
    int span = spansEnd;
    spans[span] = start;
    spans[span + 1] = end;
    spans[span + 2] = wireType;
    spans[span + 3] = NONE;
    spansEnd += SPAN;
    if (last != NONE) {
      spans[last + 3] = span;
    }
    return span;
  }

  int start(int span) {
    return spans[span];
  }

  int end(int span) {
    return spans[span + 1];
  }

  int wireType(int span) {
    return spans[span + 2];
  }

  int following(int span) {
    return spans[span + 3];
  }

  RejectedEventException malformed(String got, int at) {
    return new RejectedEventException(
        DeadLetterReason.MALFORMED,
        "expected one Protobuf message of its descriptor, got " + got + " (byte " + at + ")");
  }
}
