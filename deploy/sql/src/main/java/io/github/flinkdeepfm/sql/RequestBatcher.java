package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.operators.DirectScorer.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.table.data.RowData;

/**
 * Collects requests into micro-batches. One that is full is scored by the thread that fills it, one
 * that has lingered by a timer's: no more requests may come until it is.
 */
final class RequestBatcher implements AutoCloseable {
  /** What scores a batch. Called by one thread at a time. */
  interface Scorer extends AutoCloseable {
    /** One outcome for each row, in their order. */
    List<Outcome> score(List<RowData> rows);

    /** What a requester gets; throws if its request fails. */
    RowData output(Outcome outcome);

    @Override
    void close();
  }

  private final Scorer scorer;
  private final int maxRequests;
  private final long lingerMillis;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "model-linger");
            thread.setDaemon(true);
            return thread;
          });

  /** Under this, and the scorer too. */
  private final List<RowData> rows = new ArrayList<>();

  private List<CompletableFuture<Collection<RowData>>> results = new ArrayList<>();
  private long batches;
  private boolean closed;

  /**
   * @param maxRequests a batch is scored when it has as many
   * @param lingerMillis a batch is scored so long after its first request
   */
  RequestBatcher(Scorer scorer, int maxRequests, long lingerMillis) {
    this.scorer = scorer;
    this.maxRequests = maxRequests;
    this.lingerMillis = lingerMillis;
  }

  /** What comes for a row; fails once this is closed. */
  CompletableFuture<Collection<RowData>> add(RowData row) {
    CompletableFuture<Collection<RowData>> result = new CompletableFuture<>();
    Runnable completion = null;
    synchronized (this) {
      if (closed) {
        result.completeExceptionally(isClosed());
        return result;
      }
      rows.add(row);
      results.add(result);
      if (rows.size() >= maxRequests || lingerMillis == 0) {
        completion = score();
      } else if (rows.size() == 1) {
        long batch = batches;
        var unused = timer.schedule(() -> lingered(batch), lingerMillis, TimeUnit.MILLISECONDS);
      }
    }
    if (completion != null) {
      completion.run();
    }
    return result;
  }

  private void lingered(long batch) {
    Runnable completion;
    synchronized (this) {
      if (batch != batches || closed) {
        return; // It was full before.
      }
      completion = score();
    }
    completion.run();
  }

  /** Scores what is there; what comes back tells the requesters, who must not hold this up. */
  private Runnable score() {
    List<CompletableFuture<Collection<RowData>>> done = results;
    results = new ArrayList<>();
    batches++;
    try {
      List<Outcome> outcomes = scorer.score(rows);
      return () -> complete(done, outcomes);
    } catch (RuntimeException | Error e) {
      return () -> done.forEach(result -> result.completeExceptionally(e));
    } finally {
      rows.clear();
    }
  }

  private void complete(List<CompletableFuture<Collection<RowData>>> done, List<Outcome> outcomes) {
    for (int i = 0; i < done.size(); i++) {
      try {
        done.get(i).complete(List.of(scorer.output(outcomes.get(i))));
      } catch (RuntimeException | Error e) {
        done.get(i).completeExceptionally(e);
      }
    }
  }

  private static IllegalStateException isClosed() {
    return new IllegalStateException("expected an open model, got a request while it closes");
  }

  /** Fails the requests that wait for their micro-batch. Again, it does nothing. */
  @Override
  public void close() {
    List<CompletableFuture<Collection<RowData>>> waiting;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      timer.shutdownNow();
      waiting = results;
      results = new ArrayList<>();
      rows.clear();
    }
    waiting.forEach(result -> result.completeExceptionally(isClosed()));
    scorer.close(); // Whoever scored has left, and nobody scores after.
  }
}
