package io.github.flinkdeepfm.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowTilesTest {

  @ParameterizedTest(name = "in={0} out={1}")
  @CsvSource({
    "1,1",
    "13,64",
    "64,16",
    "432,64",
    "449,7",
    "901,33",
    "1728,512",
    "100,449",
    "64,1000"
  })
  void everyWayToMultiplyGivesARowTheSameBits(int in, int out) {
    BlasSetup.ensure();
    Random random = new Random(in);
    float[] weight = gaussians(random, in * out);
    float[] rows = gaussians(random, 40 * in);
    try (LinearWeights weights = new LinearWeights(weight, gaussians(random, out))) {
      RowTiles found = RowTiles.find(weights);
      float[] expected = new float[40 * out];
      multiply(weights, found, rows, 40, expected);
      for (int count : new int[] {1, 2, 3, 9, 33}) {
        float[] got = new float[count * out];
        multiply(weights, found, rows, count, got);
        assertThat(got).isEqualTo(Arrays.copyOf(expected, got.length));
      }
      if (found.hasJava()) {
        try (LinearTile java = new JavaLinearTile(weights, 40, found.blocks())) {
          float[] got = new float[40 * out];
          java.multiply(rows, 0, 40, got, 0);
          assertThat(got).isEqualTo(expected);
        }
      }
    }
  }

  /** A packed tile takes as long for one row as for 64. */
  @ParameterizedTest(name = "in={0} out={1}")
  @CsvSource({"100,449", "64,1000", "432,500", "1728,512"})
  void tilesThatNeedNoPackingAreTakenBeforeOthers(int in, int out) {
    assumeThat(BlasSetup.describe()).contains("SKYLAKEX");
    try (LinearWeights weights =
        new LinearWeights(gaussians(new Random(in), in * out), new float[out])) {
      assertThat(Arrays.stream(RowTiles.find(weights).gemm()).boxed())
          .isNotEmpty()
          .allMatch(rows -> weights.cut().isUnpacked(rows));
    }
  }

  @Test
  void inputsAreCutAsOpenBlasCutsThem() {
    assertThat(RowTiles.blockEnds(432, 448, 4)).containsExactly(432);
    assertThat(RowTiles.blockEnds(449, 448, 4)).containsExactly(224, 449);
    assertThat(RowTiles.blockEnds(1728, 448, 4)).containsExactly(448, 896, 1312, 1728);
  }

  private static void multiply(
      LinearWeights weights, RowTiles found, float[] rows, int count, float[] out) {
    try (TiledLinear linear = new TiledLinear(weights, found)) {
      linear.multiply(rows, 0, count, out);
    }
  }

  private static float[] gaussians(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
