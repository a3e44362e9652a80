package io.github.flinkdeepfm.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/** An event's logit has the same bits whatever the micro-batch that it falls into. */
class BatchInvarianceTest {
  private static final int EVENTS = 4096;

  private static final long HALF = 13 * 500 * 66 * 4;

  private static final Case SMALL =
      new Case(new RandomModel(13, 26, 16, 64, 64, 500, false, 1), 4, HALF);
  private static final Case AWKWARD = new Case(new RandomModel(7, 3, 5, 9, 11, 100, true, 2), 5, 0);

  /** Events with up to 10 ids go by projections, those with more by the GEMM. */
  private static final Case PROJECTED =
      new Case(new RandomModel(7, 4, 40, 9, 11, 100, true, 4), 5, Projections.MAX_BYTES);

  private static final Case LARGE =
      new Case(new RandomModel(13, 26, 64, 512, 512, 200, true, 3), 3, 0);

  /** A model, a stream of events for it, and the bits that it gives them in one batch. */
  private static final class Case {
    final RandomModel model;
    final HostDeepFm host;
    final DeepFmScorer scorer;
    final float[] dense;
    final KeyedJaggedTensor kjt;
    final float[] expected = new float[EVENTS];

    Case(RandomModel model, int longestBag, long projectionBytes) {
      this.model = model;
      host = model.host(projectionBytes);
      scorer = host.newScorer();
      dense = model.dense(EVENTS);
      kjt = model.bags(EVENTS, 0, longestBag);
      scorer.score(dense, kjt, expected);
    }

    float[] score(int from, int to) {
      int n = model.config.numDenseFeatures();
      float[] logits = new float[to - from];
      scorer.score(
          Arrays.copyOfRange(dense, from * n, to * n), RandomModel.slice(kjt, from, to), logits);
      return logits;
    }
  }

  @AfterContainer
  static void close() {
    for (Case c : new Case[] {SMALL, AWKWARD, PROJECTED, LARGE}) {
      c.scorer.close();
      c.host.close();
    }
  }

  @Property(tries = 40)
  void anyRangeOfRowsIsScoredAlike(
      @ForAll @IntRange(min = 1, max = EVENTS) int size, @ForAll Random random) {
    check(SMALL, size, random);
    check(AWKWARD, size, random);
    check(PROJECTED, size, random);
  }

  @Property(tries = 8)
  void anyRangeOfRowsIsScoredAlikeByAWideModel(
      @ForAll @IntRange(min = 1, max = EVENTS) int size, @ForAll Random random) {
    check(LARGE, size, random);
  }

  @Property(tries = 5)
  void aStreamCutAtRandomBoundariesIsScoredAlike(@ForAll Random random) {
    for (Case c : new Case[] {SMALL, AWKWARD, PROJECTED}) {
      for (int from = 0; from < EVENTS; ) {
        int to = Math.min(EVENTS, from + 1 + random.nextInt(1 << (1 + random.nextInt(9))));
        assertBits(c, from, c.score(from, to));
        from = to;
      }
    }
  }

  /** Whatever stands beside it in its tile: other events, itself, or padding. */
  @Property(tries = 10)
  void anyNeighboursLeaveAnEventAlone(
      @ForAll @IntRange(min = 1, max = 700) int size, @ForAll Random random) {
    for (Case c : new Case[] {SMALL, AWKWARD, PROJECTED, LARGE}) {
      int[] order = random.ints(size, 0, EVENTS).toArray();
      int n = c.model.config.numDenseFeatures();
      float[] dense = new float[size * n];
      for (int i = 0; i < size; i++) {
        System.arraycopy(c.dense, order[i] * n, dense, i * n, n);
      }
      float[] logits = new float[size];
      c.scorer.score(dense, RandomModel.gather(c.kjt, order), logits);
      for (int i = 0; i < size; i++) {
        assertThat(Float.floatToRawIntBits(logits[i]))
            .as("event %d at row %d of %d", order[i], i, size)
            .isEqualTo(Float.floatToRawIntBits(c.expected[order[i]]));
      }
    }
  }

  private static void check(Case c, int size, Random random) {
    int from = random.nextInt(EVENTS - size + 1);
    assertBits(c, from, c.score(from, from + size));
  }

  private static void assertBits(Case c, int from, float[] logits) {
    for (int i = 0; i < logits.length; i++) {
      assertThat(Float.floatToRawIntBits(logits[i]))
          .as("row %d of a batch of %d", from + i, logits.length)
          .isEqualTo(Float.floatToRawIntBits(c.expected[from + i]));
    }
  }
}
