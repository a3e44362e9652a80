package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.DirectScorer.Outcome;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.junit.jupiter.api.Test;

/** When a micro-batch of requests closes. */
class RequestBatcherTest {
  /** Logits are the rows' first fields; a negative one fails its batch, 13 and 14 themselves. */
  private static final class Recording implements RequestBatcher.Scorer {
    int closings;
    final List<Integer> sizes = new CopyOnWriteArrayList<>();
    boolean closed;

    @Override
    public List<Outcome> score(List<RowData> rows) {
      assertThat(closed).isFalse();
      sizes.add(rows.size());
      return rows.stream()
          .map(
              row -> {
                if (row.getFloat(0) < 0) {
                  throw new IllegalStateException("batch");
                }
                return new Outcome(row.getFloat(0), 0, "v", null, null);
              })
          .toList();
    }

    @Override
    public RowData output(Outcome outcome) {
      if (outcome.logit() == 14) {
        throw new AssertionError("row");
      }
      if (outcome.logit() == 13) {
        throw new IllegalArgumentException("row");
      }
      return row(outcome.logit());
    }

    @Override
    public void close() {
      closed = true;
      closings++;
    }
  }

  private static RowData row(float logit) {
    return GenericRowData.of(logit);
  }

  private static float logit(CompletableFuture<Collection<RowData>> result) throws Exception {
    return result.get(10, TimeUnit.SECONDS).iterator().next().getFloat(0);
  }

  @Test
  void closesWhenAllThatMayBeUnderWayAreThere() throws Exception {
    Recording scorer = new Recording();
    try (RequestBatcher batcher = new RequestBatcher(scorer, 3, 60_000)) {
      CompletableFuture<Collection<RowData>> first = batcher.add(row(1));
      CompletableFuture<Collection<RowData>> second = batcher.add(row(2));
      assertThat(first).isNotDone();
      assertThat(logit(batcher.add(row(3)))).isEqualTo(3);
      assertThat(logit(first)).isEqualTo(1);
      assertThat(logit(second)).isEqualTo(2);
      assertThat(scorer.sizes).containsExactly(3);
    }
    assertThat(scorer.closed).isTrue();
  }

  @Test
  void closesWhenItsFirstRequestHasLingered() throws Exception {
    Recording scorer = new Recording();
    try (RequestBatcher batcher = new RequestBatcher(scorer, 100, 20)) {
      CompletableFuture<Collection<RowData>> first = batcher.add(row(1));
      assertThat(logit(batcher.add(row(2)))).isEqualTo(2);
      assertThat(logit(first)).isEqualTo(1);
      assertThat(logit(batcher.add(row(4)))).isEqualTo(4);
      assertThat(scorer.sizes).containsExactly(2, 1);
    }
  }

  @Test
  void withoutLingerEachRequestIsABatch() throws Exception {
    Recording scorer = new Recording();
    try (RequestBatcher batcher = new RequestBatcher(scorer, 100, 0)) {
      assertThat(logit(batcher.add(row(1)))).isEqualTo(1);
      assertThat(logit(batcher.add(row(2)))).isEqualTo(2);
      assertThat(scorer.sizes).containsExactly(1, 1);
    }
  }

  @Test
  void requestsThatWaitWhenItClosesFailAndSoDoThoseAfter() {
    Recording scorer = new Recording();
    RequestBatcher batcher = new RequestBatcher(scorer, 2, 60_000);
    CompletableFuture<Collection<RowData>> waiting = batcher.add(row(1));
    batcher.close();
    batcher.close();
    assertThat(waiting).isCompletedExceptionally();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(batcher.add(row(2))::get)
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasMessageContaining("got a request while it closes");
    }
    assertThat(scorer.sizes).isEmpty();
    assertThat(scorer.closings).isOne();
  }

  @Test
  void anErrorOfOneRequestFailsItAlone() throws Exception {
    try (RequestBatcher batcher = new RequestBatcher(new Recording(), 2, 60_000)) {
      CompletableFuture<Collection<RowData>> failed = batcher.add(row(14));
      assertThat(logit(batcher.add(row(1)))).isEqualTo(1);
      assertThatThrownBy(() -> failed.get(1, TimeUnit.SECONDS))
          .hasCauseInstanceOf(AssertionError.class);
    }
  }

  @Test
  void aRequestThatFailsLeavesItsNeighboursAndAFailedBatchFailsThemAll() throws Exception {
    try (RequestBatcher batcher = new RequestBatcher(new Recording(), 2, 60_000)) {
      CompletableFuture<Collection<RowData>> failed = batcher.add(row(13));
      assertThat(logit(batcher.add(row(1)))).isEqualTo(1);
      assertThatThrownBy(failed::get).hasMessageContaining("row");
      CompletableFuture<Collection<RowData>> neighbour = batcher.add(row(1));
      assertThatThrownBy(batcher.add(row(-1))::get).hasMessageContaining("batch");
      assertThatThrownBy(neighbour::get).hasMessageContaining("batch");
      CompletableFuture<Collection<RowData>> next = batcher.add(row(5));
      assertThat(logit(batcher.add(row(6)))).isEqualTo(6);
      assertThat(logit(next)).isEqualTo(5);
    }
  }
}
