package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.RegistryException;
import io.github.flinkdeepfm.model.registry.SchemaRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The plan of the schema that an event was written with: always the same, or by its frame's id. */
final class WriterSchemas {
  private static final int MOST_PLANS = 256;
  private static final long MISSING_MILLIS = 60_000;

  private final MappedRow row;
  private final Framing framing;
  private final SchemaRegistry registry;

  /** Null if the registry has the schemas. */
  private final AvroPlan only;

  private final Map<Long, Known> byId =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
          return size() > MOST_PLANS;
        }
      };
  private long lastId;
  private AvroPlan last;

  /**
   * What the registry said of an id.
   *
   * @param plan null if there is no schema that events can be read by, for the reason {@code why}
   * @param until when it is asked again, by {@link System#nanoTime}; only without a plan
   */
  private record Known(AvroPlan plan, String why, long until) {}

  WriterSchemas(EventFormat.Avro format, MappedRow row) {
    this.row = row;
    framing = format.registry().framing();
    registry = SchemaRegistry.of(format.registry());
    only =
        format.schema() == null
            ? null
            : new AvroPlan(AvroSchemas.compile(List.of(format.schema())), row);
  }

  int frameLength() {
    return framing.length();
  }

  /**
   * @throws RejectedEventException if the event is not framed, or the registry has no such schema
   * @throws RegistryException if the registry does not answer
   */
  AvroPlan planOf(byte[] value) throws RejectedEventException {
    if (!framing.isFramed(value)) {
      throw new RejectedEventException(
          DeadLetterReason.MALFORMED,
          "expected an event framed as " + framing + ", got another first byte or less");
    }
    if (only != null) {
      return only;
    }
    long id = framing.id(value);
    if (last == null || id != lastId) {
      last = planOf(id);
      lastId = id;
    }
    return last;
  }

  private AvroPlan planOf(long id) throws RejectedEventException {
    Known known = byId.get(id);
    if (known == null || (known.plan == null && System.nanoTime() - known.until > 0)) {
      known = ask(id);
      byId.put(id, known);
    }
    if (known.plan == null) {
      last = null;
      throw new RejectedEventException(
          DeadLetterReason.UNKNOWN_SCHEMA,
          "expected the id of an Avro record's schema, got %s: %s"
              .formatted(Long.toUnsignedString(id), known.why));
    }
    return known.plan;
  }

  private Known ask(long id) {
    Optional<SchemaRegistry.Schemas> schemas = registry.fetch(id);
    String why = "the registry has none";
    if (schemas.isPresent()) {
      try {
        return new Known(new AvroPlan(AvroSchemas.compile(schemas.get().texts()), row), "", 0);
      } catch (IllegalArgumentException e) {
        why = "the registry has another kind of schema: " + e.getMessage();
      }
    }
    return new Known(null, why, System.nanoTime() + MISSING_MILLIS * 1_000_000);
  }
}
