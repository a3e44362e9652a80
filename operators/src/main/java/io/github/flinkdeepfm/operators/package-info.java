/**
 * Micro-batching and scoring as Flink operators. In: {@link
 * io.github.flinkdeepfm.operators.RawEvent}s, undecoded. Out: {@link
 * io.github.flinkdeepfm.operators.ScoredEvent}s, and {@link
 * io.github.flinkdeepfm.operators.DeadLetter}s as a side output; each event is one of the two. Read
 * {@link io.github.flinkdeepfm.operators.ScoringPipeline} first.
 */
package io.github.flinkdeepfm.operators;
