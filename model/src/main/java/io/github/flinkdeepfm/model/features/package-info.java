/**
 * From raw events to columns: {@code features.json} says how, {@link
 * io.github.flinkdeepfm.model.features.EventDecoder} does it.
 *
 * <p>Enters: a model directory's {@code features.json} and the bytes of one event at a time, JSON or (in packages of their own) Avro or Protobuf, which
 * write their rows through a {@link io.github.flinkdeepfm.model.features.MappedRow}.
 * Leaves: rows of a {@link io.github.flinkdeepfm.model.features.FeatureBatch}, and what is not a
 * feature in a {@link io.github.flinkdeepfm.model.features.DecodedEvent}; or a {@link
 * io.github.flinkdeepfm.model.features.RejectedEventException} with its reason. Events that are
 * Java values go the same way by {@link io.github.flinkdeepfm.model.features.RowBuilder}. Read
 * {@link io.github.flinkdeepfm.model.features.EventDecoder} first, then {@link
 * io.github.flinkdeepfm.model.features.FeaturesConfig}.
 */
package io.github.flinkdeepfm.model.features;
