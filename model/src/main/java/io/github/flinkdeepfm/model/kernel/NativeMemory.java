package io.github.flinkdeepfm.model.kernel;

import org.bytedeco.javacpp.Pointer;

/**
 * What JavaCPP, through which ND4J allocates its arrays, counts in this process. The JVM knows
 * nothing of it; what the C library keeps beside it is not in it.
 */
public final class NativeMemory {
  private NativeMemory() {}

  /** Bytes that are allocated now. */
  public static long bytes() {
    return Pointer.totalBytes();
  }

  /** Most bytes that may be ({@code org.bytedeco.javacpp.maxbytes}); 0: without limit. */
  public static long maxBytes() {
    return Pointer.maxBytes();
  }
}
