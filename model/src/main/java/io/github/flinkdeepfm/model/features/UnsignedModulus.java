package io.github.flinkdeepfm.model.features;

/**
 * Unsigned integers modulo one divisor. For dividends of 32 bits without a division, whose 20 to 40
 * cycles would be most of what an id costs: D. Lemire, O. Kaser and N. Kurz, Faster remainder by
 * direct computation (2019).
 */
final class UnsignedModulus {
  private final long divisor;
  private final boolean divisorIs32Bit;

  /** 2^64 / divisor, rounded up; modulo 2^64. */
  private final long inverse;

  /**
   * @param divisor 1 or more
   */
  UnsignedModulus(long divisor) {
    this.divisor = divisor;
    divisorIs32Bit = divisor >>> Integer.SIZE == 0;
    inverse = Long.divideUnsigned(-1L, divisor) + 1;
  }

  /** The remainder of {@code dividend}, read as unsigned. */
  long of(long dividend) {
    if (dividend >>> Integer.SIZE != 0 || !divisorIs32Bit) {
      return Long.remainderUnsigned(dividend, divisor);
    }
    long fraction = inverse * dividend; // of dividend / divisor, in units of 2^-64
    long high = Math.multiplyHigh(fraction, divisor);
    return high + (fraction >> (Long.SIZE - 1) & divisor); // multiplyHigh reads it as signed
  }
}
