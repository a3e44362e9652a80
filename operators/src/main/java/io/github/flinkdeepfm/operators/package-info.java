/**
 * Micro-batching and scoring as Flink operators. In: {@link
 * io.github.flinkdeepfm.operators.RawEvent}s, undecoded. Out: {@link
 * io.github.flinkdeepfm.operators.ScoredEvent}s, and {@link
 * io.github.flinkdeepfm.operators.DeadLetter}s as a side output; each event is one of the two. Or,
 * of a user's own type, {@link io.github.flinkdeepfm.operators.Scored} and {@link
 * io.github.flinkdeepfm.operators.Rejected}. Read {@link
 * io.github.flinkdeepfm.operators.DeepFmScoring} first, then {@link
 * io.github.flinkdeepfm.operators.ScoringPipeline}.
 */
package io.github.flinkdeepfm.operators;
