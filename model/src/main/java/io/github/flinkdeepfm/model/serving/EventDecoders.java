package io.github.flinkdeepfm.model.serving;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.GuardedDecoder;
import io.github.flinkdeepfm.model.features.JsonEventDecoder;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;

/** The decoder of each event format. */
public final class EventDecoders {
  private EventDecoders() {}

  /**
   * A decoder of events of the mapping's format, which outlives events that it fails at.
   *
   * @param features of the same model
   */
  public static EventDecoder of(EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    return new GuardedDecoder(() -> unguarded(mapping, features, model));
  }

  private static EventDecoder unguarded(
      EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    EventFormat format = mapping.format();
    if (format instanceof EventFormat.Avro avro) {
      return new AvroEventDecoder(mapping, avro, features, model);
    }
    if (format instanceof EventFormat.Protobuf protobuf) {
      return new ProtobufEventDecoder(mapping, protobuf, features, model);
    }
    return new JsonEventDecoder(mapping, (EventFormat.Json) format, features, model);
  }
}
