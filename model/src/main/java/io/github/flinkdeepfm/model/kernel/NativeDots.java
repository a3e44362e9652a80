package io.github.flinkdeepfm.model.kernel;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * Sums over one row by BLAS, which has vector code for them; the JIT makes none of a sum. The row
 * is copied to native memory once for all of its sums, whose bits depend on its length alone. One
 * scorer's; not thread-safe.
 */
final class NativeDots implements AutoCloseable {
  private final NativeFloats row;
  private final NativeFloats ones;
  private final FloatPointer rowPointer;
  private final FloatPointer onesPointer;
  private int count;

  /**
   * @param most elements of a row
   */
  NativeDots(int most) {
    this.row = new NativeFloats(most);
    this.ones = new NativeFloats(most);
    for (int i = 0; i < most; i++) {
      ones.buffer().put(i, 1f);
    }
    this.rowPointer = row.pointer(0);
    this.onesPointer = ones.pointer(0);
  }

  /** Makes {@code x[from … from + count)} the row that the other methods are about. */
  void take(float[] x, int from, int count) {
    row.buffer().put(0, x, from, count);
    this.count = count;
  }

  float sum() {
    return openblas.cblas_sdot(count, rowPointer, 1, onesPointer, 1);
  }

  float squares() {
    return openblas.cblas_sdot(count, rowPointer, 1, rowPointer, 1);
  }

  /** The dot product with another row of that length. */
  float dot(FloatPointer other) {
    return openblas.cblas_sdot(count, rowPointer, 1, other, 1);
  }

  @Override
  public void close() {
    row.close();
    ones.close();
  }
}
