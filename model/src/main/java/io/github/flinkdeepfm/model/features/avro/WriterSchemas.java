package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.DeadPointers;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.NoSuchSchemaException;
import io.github.flinkdeepfm.model.registry.RegistryException;
import io.github.flinkdeepfm.model.registry.SchemaRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The plan of the schema that an event was written with: always the same, or by its frame's id. */
final class WriterSchemas {
  private static final int MOST_PLANS = 256;
  private static final int MOST_MISSING = 4096;
  private static final long MISSING_MILLIS = 60_000;

  private final MappedRow row;
  private final Framing framing;
  private final SchemaRegistry registry;

  /** Null if the registry has the schemas. */
  private final AvroPlan only;

  private final Map<Long, AvroPlan> plans = recent(MOST_PLANS);

  /** Apart: events that name ever other ids must not drive out the plans. */
  private final Map<Long, Missing> missing = recent(MOST_MISSING);

  private long lastId;
  private AvroPlan last;

  /**
   * An id without a schema that events can be read by.
   *
   * @param until when it is asked for again, by {@link System#nanoTime}
   */
  private record Missing(String why, long until) {}

  WriterSchemas(EventFormat.Avro format, MappedRow row) {
    this.row = row;
    framing = format.registry().framing();
    registry = SchemaRegistry.of(format.registry());
    only = format.schema() == null ? null : planOf(format.schema(), row);
  }

  private static AvroPlan planOf(String schema, MappedRow row) {
    AvroType record = AvroSchemas.compile(List.of(schema));
    DeadPointers.warn("the Avro schema", AvroPointers.dead(record, row.root()));
    return new AvroPlan(record, row);
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
    AvroPlan plan = plans.get(id);
    if (plan != null) {
      return plan;
    }
    last = null;
    Missing known = missing.get(id);
    if (known != null && System.nanoTime() - known.until <= 0) {
      throw unknown(id, known.why);
    }
    try {
      plan = new AvroPlan(AvroSchemas.compile(registry.fetch(id).texts()), row);
    } catch (NoSuchSchemaException e) {
      throw missing(id, e.getMessage());
    } catch (IllegalArgumentException e) {
      throw missing(id, "the registry has another kind of schema: " + e.getMessage());
    }
    plans.put(id, plan);
    return plan;
  }

  private RejectedEventException missing(long id, String why) {
    missing.put(id, new Missing(why, System.nanoTime() + MISSING_MILLIS * 1_000_000));
    return unknown(id, why);
  }

  private static RejectedEventException unknown(long id, String why) {
    return new RejectedEventException(
        DeadLetterReason.UNKNOWN_SCHEMA,
        "expected the id of an Avro record's schema, got %s: %s"
            .formatted(Long.toUnsignedString(id), why));
  }

  /** The entries that were used last. */
  private static <V> Map<Long, V> recent(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
        return size() > most;
      }
    };
  }
}
