package io.github.flinkdeepfm.model.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeapTableTest {
  @Test
  void rowsAreReadWhereTheyLieNow() {
    HeapTable table = new HeapTable(2, new float[] {1, 2, 3, 4, 5, 6});
    table.values()[3] = 40;

    float[] out = new float[4];
    table.readRow(1, out, 1);

    assertThat(out).containsExactly(0, 3, 40, 0);
    assertThat(table.rows()).isEqualTo(3);
  }

  @Test
  void touchReadsTheNamedRowsOnly() {
    HeapTable table = new HeapTable(1, new float[] {0, Float.intBitsToFloat(3), 0});

    assertThat(table.touch(new long[] {0, 1, 2}, 1, 2)).isEqualTo(6);
    assertThat(table.touch(new long[] {0, 1, 2}, 2, 3)).isZero();
  }

  @Test
  void valuesThatAreNoWholeRowsAreRefused() {
    assertThatThrownBy(() -> new HeapTable(2, new float[3])).hasMessageContaining("3 values");
    assertThatThrownBy(() -> new HeapTable(0, new float[0])).hasMessageContaining("dimension 0");
  }
}
