package io.github.flinkdeepfm.model.deepfm;

import static org.assertj.core.api.Assertions.assertThat;

import org.nd4j.linalg.api.ndarray.INDArray;

/** How near f32 results must be to TorchRec's. */
public final class GoldenTolerance {
  private static final double RELATIVE = 1e-5;

  private GoldenTolerance() {}

  /** Every element within 1e-5 of max(1, |expected|); NaN and infinities equal. */
  public static void assertClose(String what, INDArray got, float[] expected) {
    float[] flat = got.dup('c').data().asFloat();
    assertThat(flat).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < flat.length; i++) {
      assertClose(what + "[" + i + "]", flat[i], expected[i], Math.abs(expected[i]));
    }
  }

  /**
   * As {@link #assertClose}, but the last column, fm, is a difference of large numbers: its
   * tolerance scales with (S² + Q) / 2, S the sum and Q the sum of squares of the row of x.
   *
   * @param x input of the interaction, [B, any]
   */
  public static void assertInteractionClose(INDArray got, float[] expected, INDArray x) {
    int columns = (int) got.size(1);
    assertThat(expected).hasSize((int) got.length());
    for (int b = 0; b < got.size(0); b++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < x.size(1); i++) {
        sum += x.getDouble(b, i);
        squares += x.getDouble(b, i) * x.getDouble(b, i);
      }
      for (int c = 0; c < columns; c++) {
        float want = expected[b * columns + c];
        double scale = c == columns - 1 ? (sum * sum + squares) / 2 : Math.abs(want);
        assertClose("interaction[" + b + ", " + c + "]", got.getFloat(b, c), want, scale);
      }
    }
  }

  private static void assertClose(String what, float got, float expected, double scale) {
    boolean close =
        Float.compare(got, expected) == 0
            || (Float.isFinite(expected)
                && Math.abs((double) got - expected) <= RELATIVE * Math.max(1, scale));
    assertThat(close).as("%s: expected %s, got %s", what, expected, got).isTrue();
  }
}
