package io.github.flinkdeepfm.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostScorerTest {

  @ParameterizedTest(name = "N={0} F={1} D={2} H={3} DI={4} B={5} weighted={6}")
  @CsvSource({
    "1,1,1,1,1,1,false",
    "13,26,16,64,64,207,false",
    "3,5,7,9,11,13,true",
    "100,2,8,20,5,2,false",
    "5,4,33,17,65,129,false",
    "2,3,4,5,6,300,true",
    "13,6,64,16,32,97,false",
    "3,4,40,17,65,60,true"
  })
  void agreesWithTheDefinitionInDouble(
      int n, int f, int d, int h, int di, int batch, boolean weighted) {
    RandomModel model = new RandomModel(n, f, d, h, di, 50, weighted, n * 31L + batch);
    float[] dense = model.dense(batch);
    KeyedJaggedTensor kjt = model.bags(batch, 0, 4);
    ReferenceDeepFm reference = new ReferenceDeepFm(model);
    // No table projected, all of them, and the first half of them.
    long table = 50L * (di + 2) * Float.BYTES;
    for (long projectionBytes : new long[] {0, f * table, f / 2 * table}) {
      float[] logits = new float[batch];
      try (HostDeepFm host = model.host(projectionBytes);
          DeepFmScorer scorer = host.newScorer()) {
        assertThat(host.features.stream().filter(host.projections::has))
            .hasSize((int) (projectionBytes / table));
        scorer.score(dense, kjt, logits);
      }
      for (int row = 0; row < batch; row++) {
        ReferenceDeepFm.Result expected = reference.score(dense, kjt, row);
        assertThat((double) logits[row])
            .as("row %d, %d bytes of projections", row, projectionBytes)
            .isCloseTo(expected.logit(), within(1e-5 * expected.scale()));
      }
    }
  }

  /** Projected bags of few ids are looked up, those of many are not: that would take longer. */
  @Test
  void onlyEventsOfFewIdsGoByProjections() {
    assertThat(Projections.pay(26, 26, 32)).isTrue();
    assertThat(Projections.pay(4 * 26, 26, 64)).isTrue();
    assertThat(Projections.pay(5 * 26, 26, 64)).isFalse();

    RandomModel model = new RandomModel(13, 6, 64, 16, 32, 50, false, 5);
    KeyedJaggedTensor kjt = model.bags(200, 0, 8);
    int[] ids = new int[100];
    try (HostDeepFm host = model.host();
        DeepPathRows rows = new DeepPathRows(host, host.fewIds, 1)) {
      rows.countProjectedIds(kjt, 100, 100, ids);
    }
    assertThat(Arrays.stream(ids).boxed()).anyMatch(n -> Projections.pay(n, 6, 64));
    assertThat(Arrays.stream(ids).boxed()).anyMatch(n -> !Projections.pay(n, 6, 64));
    KeyedJaggedTensor row = RandomModel.slice(kjt, 142, 143);
    assertThat(ids[42]).isEqualTo(row.offsets()[6]);
  }

  @Test
  void activationsAndScoreAgreeBitForBit() {
    RandomModel model = new RandomModel(13, 4, 64, 16, 8, 40, false, 3);
    float[] dense = model.dense(150);
    KeyedJaggedTensor kjt = model.bags(150, 0, 3);
    float[] logits = new float[150];
    try (HostDeepFm host = model.host();
        DeepFmScorer scorer = host.newScorer()) {
      scorer.score(dense, kjt, logits);
      assertThat(scorer.forward(dense, kjt).logits()).isEqualTo(logits);
    }
  }

  @Test
  void aNaNRowLeavesItsNeighboursAlone() {
    RandomModel model = new RandomModel(2, 2, 4, 5, 6, 10, false, 9);
    float[] dense = model.dense(3);
    KeyedJaggedTensor kjt = model.bags(3, 1, 2);
    try (HostDeepFm host = model.host();
        DeepFmScorer scorer = host.newScorer()) {
      float[] clean = new float[3];
      scorer.score(dense, kjt, clean);
      dense[2] = Float.NaN;
      float[] logits = new float[3];
      scorer.score(dense, kjt, logits);
      assertThat(logits[1]).isNaN();
      assertThat(new float[] {logits[0], logits[2]}).isEqualTo(new float[] {clean[0], clean[2]});
    }
  }

  @Test
  void namesTheShapeThatDoesNotFit() {
    RandomModel model = new RandomModel(2, 2, 4, 5, 6, 10, false, 9);
    try (HostDeepFm host = model.host();
        DeepFmScorer scorer = host.newScorer()) {
      KeyedJaggedTensor kjt = model.bags(3, 1, 2);
      assertThatThrownBy(() -> scorer.score(new float[5], kjt, new float[3]))
          .hasMessageContaining("expected dense [3, 2]")
          .hasMessageContaining("got 5 floats");
      KeyedJaggedTensor other =
          KeyedJaggedTensor.ofTrusted(List.of("C0"), new long[0], new int[4], null);
      assertThatThrownBy(() -> scorer.score(new float[6], other, new float[3]))
          .hasMessageContaining("expected key C1 of table t1, got keys [C0]");
      KeyedJaggedTensor far =
          KeyedJaggedTensor.ofTrusted(
              List.of("C0", "C1"), new long[] {10}, new int[] {0, 1, 1}, null);
      assertThatThrownBy(() -> scorer.score(new float[2], far, new float[1]))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("10");
    }
  }
}
