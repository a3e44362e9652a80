/**
 * What the brokers keep and take of the job's topics: a {@link
 * io.github.flinkdeepfm.pipeline.topics.TopicNeeds} enters, findings and the bounds of a record's
 * timestamp leave. Read {@link io.github.flinkdeepfm.pipeline.topics.TopicLook} first. The bounds
 * are one volatile read a record; everything else happens at the start and once an hour, on a
 * thread of its own.
 */
package io.github.flinkdeepfm.pipeline.topics;
