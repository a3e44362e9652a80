package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Keeps scores as a transactional sink does: those of a checkpoint count once it is complete, and a
 * failure forgets the rest.
 */
final class CommittedScores extends RichMapFunction<ScoredEvent, Long>
    implements CheckpointedFunction, CheckpointListener {
  private static final long serialVersionUID = 1L;

  /** What one test has seen, by a name of the test's. */
  private static final Map<String, Log> LOGS = new ConcurrentHashMap<>();

  /** One score. */
  record Score(int subtask, long offset, String version, float logit) {}

  /** Of all subtasks and attempts. */
  static final class Log {
    private final Map<Integer, List<Score>> open = new TreeMap<>();
    private final Map<Integer, NavigableMap<Long, List<Score>>> pending = new TreeMap<>();
    private final NavigableMap<Long, List<Score>> committed = new TreeMap<>();
    private final Set<String> seen = new TreeSet<>();
    private final Map<Integer, Long> attempts = new TreeMap<>();
    private long lastAttempt;

    /**
     * @return identifies the attempt; what earlier ones of the subtask still say is ignored
     */
    synchronized long restored(int subtask, long checkpoint) {
      commit(subtask, checkpoint);
      pending.remove(subtask);
      open.put(subtask, new ArrayList<>());
      attempts.put(subtask, ++lastAttempt);
      return lastAttempt;
    }

    synchronized void add(long attempt, Score score) {
      if (attempts.get(score.subtask()) == attempt) {
        open.get(score.subtask()).add(score);
        seen.add(score.version());
      }
    }

    synchronized void barrier(long attempt, int subtask, long checkpoint) {
      if (attempts.get(subtask) != attempt) {
        return;
      }
      pending
          .computeIfAbsent(subtask, s -> new TreeMap<>())
          .put(checkpoint, open.put(subtask, new ArrayList<>()));
    }

    synchronized void commit(int subtask, long checkpoint) {
      NavigableMap<Long, List<Score>> done =
          pending.getOrDefault(subtask, new TreeMap<>()).headMap(checkpoint, true);
      done.values()
          .forEach(s -> committed.computeIfAbsent(checkpoint, c -> new ArrayList<>()).addAll(s));
      done.clear();
    }

    /** Every version that scored an event, committed or not. */
    synchronized Set<String> seen() {
      return new TreeSet<>(seen);
    }

    /** Scores by the completed checkpoint that made them count. */
    synchronized NavigableMap<Long, List<Score>> committed() {
      NavigableMap<Long, List<Score>> copy = new TreeMap<>();
      committed.forEach((checkpoint, scores) -> copy.put(checkpoint, List.copyOf(scores)));
      return copy;
    }

    /** Completed checkpoints hold scores of one version each, and go from older to newer ones. */
    void assertOneVersionAnEpoch() {
      committed()
          .forEach(
              (checkpoint, scores) ->
                  assertThat(scores.stream().map(Score::version).distinct())
                      .as("versions up to checkpoint %d", checkpoint)
                      .hasSize(1));
      List<String> order =
          committed().values().stream()
              .filter(scores -> !scores.isEmpty())
              .map(scores -> scores.get(0).version())
              .toList();
      assertThat(order).isSorted();
    }

    /** Whether scores of the version by each of so many subtasks count. */
    synchronized boolean isCommitted(String version, int subtasks) {
      return committed.values().stream()
              .flatMap(List::stream)
              .filter(s -> s.version().equals(version))
              .map(Score::subtask)
              .distinct()
              .count()
          == subtasks;
    }
  }

  private final String name;
  private transient long attempt;

  CommittedScores(String name) {
    this.name = name;
  }

  static Log log(String name) {
    return LOGS.computeIfAbsent(name, n -> new Log());
  }

  private int subtask() {
    return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    attempt = log(name).restored(subtask(), context.getRestoredCheckpointId().orElse(0));
  }

  @Override
  public Long map(ScoredEvent scored) {
    long offset = scored.event().source().offset();
    log(name).add(attempt, new Score(subtask(), offset, scored.modelVersion(), scored.logit()));
    return offset;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    log(name).barrier(attempt, subtask(), context.getCheckpointId());
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    log(name).commit(subtask(), checkpoint);
  }
}
