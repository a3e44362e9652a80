/**
 * A real Kafka broker in this process, for the demo, tests and local clusters. In: a directory.
 * Out: an address on the loopback interface that any Kafka client can use. Read {@link
 * io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka} first; {@link
 * io.github.flinkdeepfm.pipeline.broker.BrokerMain} runs the same broker in a JVM of its own.
 */
package io.github.flinkdeepfm.pipeline.broker;
