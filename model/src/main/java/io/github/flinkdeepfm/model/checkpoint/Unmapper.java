package io.github.flinkdeepfm.model.checkpoint;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * Unmaps a buffer now instead of when the garbage collector finds it: a refresh every few minutes
 * would otherwise pile up mappings and keep deleted files on the disk. Java 17 has no public call
 * for it; this is {@code sun.misc.Unsafe.invokeCleaner} of module {@code jdk.unsupported}.
 */
final class Unmapper {
  private static final Object UNSAFE;
  private static final Method INVOKE_CLEANER;

  static {
    try {
      Class<?> type = Class.forName("sun.misc.Unsafe");
      Field instance = type.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      UNSAFE = instance.get(null);
      INVOKE_CLEANER = type.getMethod("invokeCleaner", ByteBuffer.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Unmapper() {}

  /**
   * After this any read through the buffer, its slices or its views crashes the process: the caller
   * has seen to it that nobody holds one.
   *
   * @param buffer as {@code FileChannel.map} returned it, not a slice
   */
  static void unmap(MappedByteBuffer buffer) {
    try {
      INVOKE_CLEANER.invoke(UNSAFE, buffer);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("expected to unmap a file's buffer, got " + e, e);
    }
  }
}
