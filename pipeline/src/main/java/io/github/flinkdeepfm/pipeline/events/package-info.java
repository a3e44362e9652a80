/**
 * The event topic as a source that knows what its state means: where a job begins, whether a
 * restored state is of this topic, and what became of offsets that are gone. A gap is found by the
 * broker's answer that an offset is out of range, not by watching offsets: transactions and
 * compaction leave gaps that are no loss, and a partition that was emptied has no next record. So a
 * record costs no more than one look at whether its subtask has just passed a gap. Read {@link
 * io.github.flinkdeepfm.pipeline.events.EventSource} first.
 */
package io.github.flinkdeepfm.pipeline.events;
