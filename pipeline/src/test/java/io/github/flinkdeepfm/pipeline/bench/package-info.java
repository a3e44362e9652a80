/**
 * Benchmarks: both sides of each comparison in one process and one run, in turns, and their ratio.
 *
 * <p>{@code mvn -q -Pbench -DskipTests verify} runs {@link
 * io.github.flinkdeepfm.pipeline.bench.Bench}, which runs each part in a JVM of its own and gathers
 * their rows in {@code target/bench.json} and, as a table for the README, {@code target/bench.md}.
 * {@code -Dbench.parts=Name,Name} runs some parts only and keeps the other parts' rows of an
 * earlier run.
 *
 * <p>Read {@link io.github.flinkdeepfm.pipeline.bench.SideBySide} first: how a rate is taken.
 */
package io.github.flinkdeepfm.pipeline.bench;
