package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.Serializable;

/** How the bytes of an event are written. */
public sealed interface EventFormat extends Serializable {
  /** One JSON object in UTF-8. */
  EventFormat JSON = new Json(Framing.NONE, false);

  /**
   * One JSON object in UTF-8 (RFC 8259).
   *
   * @param framing what is in front of each event; its schema is not asked for
   * @param mayLackFrame whether an event without the frame is read as it is
   */
  record Json(Framing framing, boolean mayLackFrame) implements EventFormat {
    @Override
    public String toString() {
      return "json, " + framing;
    }
  }

  /**
   * Avro's binary encoding of one record, without a container file around it.
   *
   * @param schema the writer's schema as JSON; null if the registry has it by the id in front of
   *     each event
   * @param registry whose frame is in front of each event
   */
  record Avro(String schema, RegistrySettings registry) implements EventFormat {
    @Override
    public String toString() {
      return "avro, " + registry;
    }
  }

  /**
   * Protobuf's binary encoding of one message.
   *
   * @param descriptors a FileDescriptorSet with all imports, in base64
   * @param message the message's full name
   * @param registry whose frame is in front of each event and names this message; it is not asked,
   *     because the numbers of Protobuf's fields hold for all versions of a schema
   */
  record Protobuf(String descriptors, String message, RegistrySettings registry)
      implements EventFormat {
    @Override
    public String toString() {
      return "protobuf " + message + ", " + registry;
    }
  }
}
