package io.github.flinkdeepfm.model.kernel;

/**
 * The two sums of {@code FMInteractionArch} over one row of its input: of all elements, and of all
 * their squares. For training and for projected rows; {@link DeepPathRows} takes a row's from BLAS.
 *
 * <p>One instance is reused for all rows. Not thread-safe.
 */
public final class FmSums {
  private static final int LANES = 8;

  private float sum;
  private float squares;

  /**
   * Takes the sums of {@code x[from … from + width)}, each in eight interleaved partial sums: as
   * many as keep the CPU's adders busy.
   */
  public void of(float[] x, int from, int width) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    float q0 = 0;
    float q1 = 0;
    float q2 = 0;
    float q3 = 0;
    float q4 = 0;
    float q5 = 0;
    float q6 = 0;
    float q7 = 0;
    int i = from;
    int end = from + width;
    for (; i + LANES <= end; i += LANES) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
      s4 += x[i + 4];
      s5 += x[i + 5];
      s6 += x[i + 6];
      s7 += x[i + 7];
      q0 = Math.fma(x[i], x[i], q0);
      q1 = Math.fma(x[i + 1], x[i + 1], q1);
      q2 = Math.fma(x[i + 2], x[i + 2], q2);
      q3 = Math.fma(x[i + 3], x[i + 3], q3);
      q4 = Math.fma(x[i + 4], x[i + 4], q4);
      q5 = Math.fma(x[i + 5], x[i + 5], q5);
      q6 = Math.fma(x[i + 6], x[i + 6], q6);
      q7 = Math.fma(x[i + 7], x[i + 7], q7);
    }
    for (; i < end; i++) {
      s0 += x[i];
      q0 = Math.fma(x[i], x[i], q0);
    }
    sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    squares = ((q0 + q1) + (q2 + q3)) + ((q4 + q5) + (q6 + q7));
  }

  /** S, the sum of all elements. */
  public float sum() {
    return sum;
  }

  /** The sum of all squares. */
  public float squares() {
    return squares;
  }

  /** 0.5·(S² − Σ of squares). */
  public float fm() {
    return fm(sum, squares);
  }

  /** The FM term of a row whose elements have this sum and sum of squares. */
  static float fm(float sum, float squares) {
    return 0.5f * (sum * sum - squares);
  }
}
