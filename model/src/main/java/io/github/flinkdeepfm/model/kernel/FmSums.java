package io.github.flinkdeepfm.model.kernel;

/**
 * The two sums of {@code FMInteractionArch} over one row of its input: of all elements, and of all
 * their squares. Scoring and training take them from here, so that both mean the same bits.
 *
 * <p>A row is folded in four, again and again, a fixed order that the JIT turns into vector
 * instructions. One instance is reused for all rows. Not thread-safe.
 */
public final class FmSums {
  /** Rows of fewer elements are added up one after another. */
  private static final int FOLDED = 64;

  private float[] sums = new float[0];
  private float[] squareSums = new float[0];
  private float[] nextSums = new float[0];
  private float[] nextSquareSums = new float[0];
  private float sum;
  private float squares;

  /** Takes the sums of {@code x[from … from + width)}. */
  public void of(float[] x, int from, int width) {
    int quarter = width / 4;
    int n = quarter + width % 4;
    if (sums.length < n) {
      sums = new float[n];
      squareSums = new float[n];
      nextSums = new float[n];
      nextSquareSums = new float[n];
    }
    foldRow(x, from, quarter);
    for (int i = quarter; i < n; i++) {
      float last = x[from + 3 * quarter + i];
      sums[i] = last;
      squareSums[i] = last * last;
    }
    while (n >= FOLDED) {
      quarter = n / 4;
      int left = n % 4;
      fold(sums, nextSums, quarter);
      fold(squareSums, nextSquareSums, quarter);
      System.arraycopy(sums, 4 * quarter, nextSums, quarter, left);
      System.arraycopy(squareSums, 4 * quarter, nextSquareSums, quarter, left);
      swap();
      n = quarter + left;
    }
    addUp(n);
  }

  private void foldRow(float[] x, int from, int quarter) {
    float[] s = sums;
    float[] q = squareSums;
    int b = from + quarter;
    int c = b + quarter;
    int d = c + quarter;
    for (int i = 0; i < quarter; i++) {
      s[i] = (x[from + i] + x[b + i]) + (x[c + i] + x[d + i]);
      float square = x[from + i] * x[from + i];
      square = Math.fma(x[b + i], x[b + i], square);
      square = Math.fma(x[c + i], x[c + i], square);
      q[i] = Math.fma(x[d + i], x[d + i], square);
    }
  }

  private static void fold(float[] from, float[] to, int quarter) {
    int c = 2 * quarter;
    int d = 3 * quarter;
    for (int i = 0; i < quarter; i++) {
      to[i] = (from[i] + from[quarter + i]) + (from[c + i] + from[d + i]);
    }
  }

  private void swap() {
    float[] s = sums;
    sums = nextSums;
    nextSums = s;
    float[] q = squareSums;
    squareSums = nextSquareSums;
    nextSquareSums = q;
  }

  private void addUp(int n) {
    float s0 = 0;
    float s1 = 0;
    float q0 = 0;
    float q1 = 0;
    int i = 0;
    for (; i + 1 < n; i += 2) {
      s0 += sums[i];
      s1 += sums[i + 1];
      q0 += squareSums[i];
      q1 += squareSums[i + 1];
    }
    if (i < n) {
      s0 += sums[i];
      q0 += squareSums[i];
    }
    sum = s0 + s1;
    squares = q0 + q1;
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
