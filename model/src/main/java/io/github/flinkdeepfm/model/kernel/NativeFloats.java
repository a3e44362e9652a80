package io.github.flinkdeepfm.model.kernel;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/** Floats outside the heap, where BLAS reads and writes them; zero at first, freed when closed. */
final class NativeFloats implements AutoCloseable {
  /** A cache line, and a vector register of AVX-512. */
  private static final int ALIGNMENT = 64;

  private final FloatPointer pointer;
  private FloatBuffer buffer;

  NativeFloats(int size) {
    int slack = ALIGNMENT / Float.BYTES;
    this.pointer = new FloatPointer(size + slack);
    int skipped = (int) (-pointer.address() & (ALIGNMENT - 1)) / Float.BYTES;
    pointer.position(skipped).limit(skipped + size);
    this.buffer = pointer.asBuffer().slice();
    buffer.put(0, new float[size]);
  }

  /** For BLAS, from float {@code from} on; good until this is closed. */
  FloatPointer pointer(int from) {
    return new FloatPointer(pointer).position(pointer.position() + from);
  }

  /** The same floats; null once this is closed, so that nothing is written to freed memory. */
  FloatBuffer buffer() {
    return buffer;
  }

  @Override
  public void close() {
    buffer = null;
    pointer.close();
  }
}
