/**
 * The streaming job: a {@link io.github.flinkdeepfm.pipeline.config.JobConfig} enters, a Flink job
 * from the event topic to the score and dead-letter topics leaves. Read {@link
 * io.github.flinkdeepfm.pipeline.job.ScoringJob} first.
 */
package io.github.flinkdeepfm.pipeline.job;
