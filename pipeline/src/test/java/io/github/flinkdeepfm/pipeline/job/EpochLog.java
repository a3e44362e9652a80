package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.ScoredEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Between the scorer and the sinks: notes which versions scored up to which completed checkpoint,
 * forgetting as the sinks do what a failure undoes, and fails when it is told to.
 */
final class EpochLog extends RichMapFunction<ScoredEvent, ScoredEvent>
    implements CheckpointedFunction, CheckpointListener {
  private static final long serialVersionUID = 1L;
  private static final Map<String, Notes> NOTES = new ConcurrentHashMap<>();

  /** Of all subtasks and attempts of one test's job. */
  static final class Notes {
    /** The next score of subtask 0 fails the task. */
    final AtomicBoolean failNext = new AtomicBoolean();

    /** The first score by this version fails subtask 0. */
    volatile String failAtFirstOf;

    private final Map<Integer, List<String>> open = new HashMap<>();
    private final Map<Integer, NavigableMap<Long, List<String>>> pending = new HashMap<>();
    private final NavigableMap<Long, Map<Integer, TreeSet<String>>> committed = new TreeMap<>();

    private synchronized void restored(int subtask, long checkpoint) {
      commit(subtask, checkpoint);
      pending.remove(subtask);
      open.put(subtask, new ArrayList<>());
    }

    private synchronized void add(int subtask, String version) {
      boolean first = version.equals(failAtFirstOf);
      if (subtask == 0 && (first || failNext.get())) {
        failAtFirstOf = null;
        failNext.set(false);
        throw new IllegalStateException("injected");
      }
      open.get(subtask).add(version);
    }

    private synchronized void barrier(int subtask, long checkpoint) {
      pending
          .computeIfAbsent(subtask, s -> new TreeMap<>())
          .put(checkpoint, open.put(subtask, new ArrayList<>()));
    }

    private synchronized void commit(int subtask, long checkpoint) {
      var done = pending.getOrDefault(subtask, new TreeMap<>()).headMap(checkpoint, true);
      var epoch = committed.computeIfAbsent(checkpoint, c -> new TreeMap<>());
      done.values().forEach(v -> epoch.computeIfAbsent(subtask, s -> new TreeSet<>()).addAll(v));
      done.clear();
    }

    /** By completed checkpoint and subtask: the versions that scored since the one before. */
    synchronized NavigableMap<Long, Map<Integer, TreeSet<String>>> committed() {
      return new TreeMap<>(committed);
    }

    synchronized boolean isCommittedByAll(String version, int subtasks) {
      return committed.values().stream()
              .flatMap(epoch -> epoch.entrySet().stream())
              .filter(e -> e.getValue().contains(version))
              .map(Map.Entry::getKey)
              .distinct()
              .count()
          == subtasks;
    }
  }

  private final String name;

  EpochLog(String name) {
    this.name = name;
  }

  static Notes notes(String name) {
    return NOTES.computeIfAbsent(name, n -> new Notes());
  }

  private int subtask() {
    return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    notes(name).restored(subtask(), context.getRestoredCheckpointId().orElse(0));
  }

  @Override
  public ScoredEvent map(ScoredEvent scored) {
    notes(name).add(subtask(), scored.modelVersion());
    return scored;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    notes(name).barrier(subtask(), context.getCheckpointId());
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    notes(name).commit(subtask(), checkpoint);
  }
}
