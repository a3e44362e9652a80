package io.github.flinkdeepfm.model.modules;

/**
 * Arithmetic on whole rows, in loops that the JIT vectorises: arrays of one length from their
 * beginning, one index. (Java 17 makes scalar code of a loop whose arrays begin at different
 * variable offsets, and of one that writes to two arrays.)
 */
public final class Rows {
  private Rows() {}

  /** to += a. */
  public static void add(float[] to, float[] a) {
    for (int j = 0; j < to.length; j++) {
      to[j] += a[j];
    }
  }

  /** to += a, then b, then c, then d. */
  public static void add(float[] to, float[] a, float[] b, float[] c, float[] d) {
    for (int j = 0; j < to.length; j++) {
      to[j] = (((to[j] + a[j]) + b[j]) + c[j]) + d[j];
    }
  }

  /** to += x·a, fused. */
  public static void addScaled(float[] to, float x, float[] a) {
    for (int j = 0; j < to.length; j++) {
      to[j] = Math.fma(x, a[j], to[j]);
    }
  }

  /** to += x0·a, then x1·b, then x2·c, then x3·d, each fused. */
  public static void addScaled(
      float[] to,
      float x0,
      float[] a,
      float x1,
      float[] b,
      float x2,
      float[] c,
      float x3,
      float[] d) {
    for (int j = 0; j < to.length; j++) {
      float sum = Math.fma(x0, a[j], to[j]);
      sum = Math.fma(x1, b[j], sum);
      sum = Math.fma(x2, c[j], sum);
      to[j] = Math.fma(x3, d[j], sum);
    }
  }

  /** PyTorch's {@code ReLU} of the first {@code count} values: NaN stays NaN. */
  public static void relu(float[] values, int count) {
    for (int j = 0; j < count; j++) {
      values[j] = Math.max(values[j], 0f);
    }
  }

  /** The dot product of two parts, in eight interleaved fused sums. */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      s0 = Math.fma(a[aFrom + i], b[bFrom + i], s0);
      s1 = Math.fma(a[aFrom + i + 1], b[bFrom + i + 1], s1);
      s2 = Math.fma(a[aFrom + i + 2], b[bFrom + i + 2], s2);
      s3 = Math.fma(a[aFrom + i + 3], b[bFrom + i + 3], s3);
      s4 = Math.fma(a[aFrom + i + 4], b[bFrom + i + 4], s4);
      s5 = Math.fma(a[aFrom + i + 5], b[bFrom + i + 5], s5);
      s6 = Math.fma(a[aFrom + i + 6], b[bFrom + i + 6], s6);
      s7 = Math.fma(a[aFrom + i + 7], b[bFrom + i + 7], s7);
    }
    for (; i < count; i++) {
      s0 = Math.fma(a[aFrom + i], b[bFrom + i], s0);
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
