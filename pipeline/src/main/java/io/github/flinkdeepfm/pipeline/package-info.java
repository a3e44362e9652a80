/**
 * The job graph, Kafka, configuration and the command line. {@link
 * io.github.flinkdeepfm.pipeline.Main} is where every command starts; read {@code job.ScoringJob}
 * for the data's way.
 */
package io.github.flinkdeepfm.pipeline;
