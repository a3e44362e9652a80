/**
 * Events in Avro's binary encoding (Avro 1.12 specification, "Binary Encoding"), read straight into
 * columns.
 *
 * <p>Enters: the writer's schema, which is compiled once into a plan with the mapped pointers, and
 * the bytes of one record at a time. Leaves: what {@link
 * io.github.flinkdeepfm.model.features.EventDecoder} says. Read {@link
 * io.github.flinkdeepfm.model.features.avro.AvroEventDecoder} first, then {@link
 * io.github.flinkdeepfm.model.features.avro.AvroPlan}.
 */
package io.github.flinkdeepfm.model.features.avro;
