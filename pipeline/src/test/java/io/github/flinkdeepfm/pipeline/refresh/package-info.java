/**
 * Hundreds of refreshes of a job under load, with what they cost in memory and time. In: sizes;
 * out: a table, verdicts and {@code target/soak.json}. Read {@link
 * io.github.flinkdeepfm.pipeline.refresh.RefreshSoak} first.
 */
package io.github.flinkdeepfm.pipeline.refresh;
