/**
 * The whole pipeline on one machine, from generated clicks to verified scores. In: a number of
 * events and a seed. Out: a live view and a summary that is counted from what a consumer of its own
 * read back. Read {@link io.github.flinkdeepfm.pipeline.demo.Demo} first; then {@link
 * io.github.flinkdeepfm.pipeline.demo.ClickStream} (the events), {@link
 * io.github.flinkdeepfm.pipeline.demo.Accounting} (what is verified).
 */
package io.github.flinkdeepfm.pipeline.demo;
