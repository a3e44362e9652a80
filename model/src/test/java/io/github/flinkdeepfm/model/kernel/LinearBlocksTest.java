package io.github.flinkdeepfm.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearBlocksTest {
  @Test
  void aWideLayerIsCutIntoEvenBlocksOfInputsAndOutputs() {
    LinearBlocks cut = LinearBlocks.of(1728, 512);
    assertThat(cut.inputEnds()).containsExactly(432, 864, 1296, 1728);
    assertThat(cut.outputEnds()).containsExactly(64, 128, 192, 256, 320, 384, 448, 512);
  }

  @Test
  void aLayerOfFewInputsStaysWhole() {
    LinearBlocks cut = LinearBlocks.of(13, 512);
    assertThat(cut.inputEnds()).containsExactly(13);
    assertThat(cut.outputEnds()).containsExactly(512);
  }

  @ParameterizedTest(name = "in={0} out={1}")
  @CsvSource({"1,1", "13,64", "449,7", "448,65", "897,1000", "5000,3", "3,5000"})
  void blocksCoverTheMatrixOnceAndNeedNoPacking(int in, int out) {
    LinearBlocks cut = LinearBlocks.of(in, out);
    long covered = 0;
    for (int i = 0; i < cut.inputBlocks(); i++) {
      for (int o = 0; o < cut.outputBlocks(); o++) {
        assertThat(cut.inputs(i)).isPositive();
        assertThat(cut.outputs(o)).isPositive();
        assertThat((long) cut.inputs(i) * cut.outputs(o)).isLessThanOrEqualTo(cut.most());
        covered += (long) cut.inputs(i) * cut.outputs(o);
      }
    }
    assertThat(covered).isEqualTo((long) in * out);
    assertThat(cut.isUnpacked(32)).isTrue();
  }
}
