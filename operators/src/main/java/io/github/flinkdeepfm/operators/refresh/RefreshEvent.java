package io.github.flinkdeepfm.operators.refresh;

import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/**
 * What coordinator and subtasks say to each other.
 *
 * <pre>
 *   subtask  ── Hello(active) ─────────────▶ coordinator   on open
 *            ◀──────── Prepare(round, v, m) ───            may come twice
 *            ── Ready | Refused(round) ────▶
 *            ── Sampled ───────────────────▶               once, when it has enough live events
 *            ◀──────── Commit(v, N) ───────                before the barrier of checkpoint N
 *            ◀──────── Abort(round) ───────
 *            ── Done ──────────────────────▶               the input has ended
 * </pre>
 */
sealed interface RefreshEvent extends OperatorEvent {

  /** The subtask is open and scores with {@code active}. */
  record Hello(String active) implements RefreshEvent {}

  /** Nothing will be read any more. */
  record Done() implements RefreshEvent {}

  /** The canary has as many live events as it asks for. */
  record Sampled() implements RefreshEvent {}

  /**
   * The version of this round is loaded, checked and warm.
   *
   * @param compared what the canary found
   */
  record Ready(long round, Comparison compared) implements RefreshEvent {}

  /** The version of this round cannot be used here. */
  record Refused(long round, RefusalReason reason, String detail) implements RefreshEvent {}

  /**
   * Load this version.
   *
   * @param manifest SHA-256 of the manifest that the coordinator has checked, in hexadecimal
   * @param ordered whether it is taken whatever live events say of it
   */
  record Prepare(long round, String version, String manifest, boolean ordered)
      implements RefreshEvent {}

  /** Let go of what was prepared for this round. */
  record Abort(long round) implements RefreshEvent {}

  /** Make the version of this round active at the first barrier from {@code checkpoint} on. */
  record Commit(long round, String version, long checkpoint) implements RefreshEvent {
    /** Instead of a checkpoint's number: at the next micro-batch. */
    static final long NOW = -1;
  }
}
