/**
 * Events in Protobuf's binary encoding (protobuf.dev, "Encoding"), read straight into columns.
 *
 * <p>Enters: the descriptors of a message, which are compiled once into a plan with the mapped
 * pointers, and the bytes of one message at a time. Leaves: what {@link
 * io.github.flinkdeepfm.model.features.EventDecoder} says. Read {@link
 * io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder} first, then {@link
 * io.github.flinkdeepfm.model.features.protobuf.MessagePlan}.
 */
package io.github.flinkdeepfm.model.features.protobuf;
