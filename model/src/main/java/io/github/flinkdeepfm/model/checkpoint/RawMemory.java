package io.github.flinkdeepfm.model.checkpoint;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import sun.misc.Unsafe;

/**
 * Reads mapped memory by address, with nothing checked: what a buffer does for each access beside
 * the read keeps the CPU from having many cache misses under way at once.
 */
final class RawMemory {
  private static final Unsafe UNSAFE = unsafe();

  private RawMemory() {}

  private static Unsafe unsafe() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new IllegalStateException("expected a little-endian machine");
    }
    try {
      Field instance = Unsafe.class.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return (Unsafe) instance.get(null);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Where a mapping begins; good until it is unmapped. */
  static long address(MappedByteBuffer mapping) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(mapping));
  }

  static byte getByte(long address) {
    return UNSAFE.getByte(address);
  }

  static short getShort(long address) {
    return UNSAFE.getShort(address);
  }

  /** Copies floats to {@code out[offset … offset + count)}. */
  static void getFloats(long address, float[] out, int offset, int count) {
    UNSAFE.copyMemory(
        null,
        address,
        out,
        Unsafe.ARRAY_FLOAT_BASE_OFFSET + (long) offset * Float.BYTES,
        (long) count * Float.BYTES);
  }
}
