/**
 * The job's configuration: {@code job.yaml} enters, an immutable {@link
 * io.github.flinkdeepfm.pipeline.config.JobConfig} leaves, or one exception that lists every
 * mistake. Read {@link io.github.flinkdeepfm.pipeline.config.JobConfig} first, then {@link
 * io.github.flinkdeepfm.pipeline.config.JobConfigReader}.
 */
package io.github.flinkdeepfm.pipeline.config;
