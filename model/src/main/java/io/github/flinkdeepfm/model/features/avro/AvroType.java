package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;

/** One type of the writer's schema: how its values are read, and how they are passed over. */
interface AvroType {

  void skip(AvroInput in) throws RejectedEventException;

  /** Reads the value as the JSON value that says the same. */
  void push(AvroInput in, ValueSink sink) throws RejectedEventException;
}
