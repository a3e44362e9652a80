package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The bytes of one record, read from front to back; whatever they are, reading them ends. */
final class AvroInput {
  private static final int MAX_NESTING = 64;

  /**
   * Values without bytes that an event may have beyond one for each of its bytes: array items and
   * record fields that are null, or records of such. Nothing else bounds their number: records
   * nested 40 deep, each of two fields of the next, are 2^40 values in no byte at all.
   */
  private static final int MAX_EMPTY_VALUES = 1 << 16;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int NO_END = -1;

  byte[] bytes;
  int position;

  /** The event under way, by which a plan knows what it has seen; it never comes again. */
  long generation;

  private int nesting;
  private int emptyValues;
  private int blockEnd;

  void begin(byte[] event, int from) {
    bytes = event;
    position = from;
    generation++;
    nesting = 0;
    emptyValues = 0;
  }

  void requireEnd() throws RejectedEventException {
    if (position != bytes.length) {
      throw malformed("more after its end");
    }
  }

  long readLong() throws RejectedEventException {
    int at = position;
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at == bytes.length) {
        throw malformed("no more bytes");
      }
      byte b = bytes[at++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        position = at;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw malformed("a number of more than 64 bits");
  }

  int readInt() throws RejectedEventException {
    long value = readLong();
    if (value != (int) value) {
      throw malformed("an int of more than 32 bits");
    }
    return (int) value;
  }

  /** The index of a branch or symbol, of {@code count}. */
  int readIndex(int count) throws RejectedEventException {
    long index = readLong();
    if (index < 0 || index >= count) {
      throw malformed("index " + index + " of " + count);
    }
    return (int) index;
  }

  boolean readBoolean() throws RejectedEventException {
    require(1);
    byte b = bytes[position];
    if (b != 0 && b != 1) {
      throw malformed("a boolean of " + b);
    }
    position++;
    return b == 1;
  }

  float readFloat() throws RejectedEventException {
    require(Float.BYTES);
    float value = Float.intBitsToFloat((int) INTS.get(bytes, position));
    position += Float.BYTES;
    return value;
  }

  double readDouble() throws RejectedEventException {
    require(Double.BYTES);
    double value = Double.longBitsToDouble((long) LONGS.get(bytes, position));
    position += Double.BYTES;
    return value;
  }

  /** A length of bytes that are there. */
  int readLength() throws RejectedEventException {
    long length = readLong();
    if (length < 0 || length > bytes.length - position) {
      throw malformed(length + " bytes of " + (bytes.length - position));
    }
    return (int) length;
  }

  void skip(int length) throws RejectedEventException {
    require(length);
    position += length;
  }

  /** Checks the text bytes[from, position). */
  void requireText(int from) throws RejectedEventException {
    if (!Utf8.isText(bytes, from, position)) {
      throw malformed("a string that is not UTF-8");
    }
  }

  /** The items of the array's or map's next block; 0 is its end. */
  long readBlock() throws RejectedEventException {
    long items = readLong();
    if (items >= 0) {
      blockEnd = NO_END;
      return items;
    }
    if (items == Long.MIN_VALUE) {
      throw malformed("a block of 2^63 items");
    }
    int length = readLength();
    blockEnd = position + length;
    return -items;
  }

  /** Where the block that begins here says that it ends; negative if it does not. */
  int blockEnd() {
    return blockEnd;
  }

  void requireBlockEnd(int end) throws RejectedEventException {
    if (end >= 0 && end != position) {
      throw malformed("a block of another length than it says");
    }
  }

  /** Counts an item or field that began at {@code from}, if it had no bytes. */
  void requireProgress(int from) throws RejectedEventException {
    if (position == from && ++emptyValues - bytes.length > MAX_EMPTY_VALUES) {
      throw malformed("more than " + emptyValues + " values without bytes");
    }
  }

  /** A record, array or map begins. */
  void enter() throws RejectedEventException {
    if (++nesting > MAX_NESTING) {
      throw malformed("values nested more than " + MAX_NESTING + " deep");
    }
  }

  void leave() {
    nesting--;
  }

  private void require(int length) throws RejectedEventException {
    if (length > bytes.length - position) {
      throw malformed("no more bytes");
    }
  }

  private RejectedEventException malformed(String got) {
    return new RejectedEventException(
        DeadLetterReason.MALFORMED,
        "expected one Avro record of its schema, got " + got + " (byte " + position + ")");
  }
}
