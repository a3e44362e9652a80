package io.github.flinkdeepfm.model.features.avro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.features.ByteKeys;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.PointerNode;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A writer's schema with the mapped pointers in it: each field is read into its sinks, or stepped
 * into, or passed over. Records and maps are objects, a union is its branch.
 */
final class AvroPlan {
  private final MappedRow row;
  private final Step root;

  /**
   * One for each record and pointer, however many ways lead there: through unions, their number is
   * a power of what the schema's text is long.
   */
  private final Map<AvroContainers.RecordType, Map<PointerNode, Step>> records = new HashMap<>();

  private interface Step {
    void read(AvroInput in) throws RejectedEventException;
  }

  /**
   * @param record of {@link AvroSchemas}
   */
  AvroPlan(AvroType record, MappedRow row) {
    this.row = row;
    root = step(record, row.root());
  }

  /** Reads the record at hand into the row, and that nothing comes after it. */
  void read(AvroInput in) throws RejectedEventException {
    root.read(in);
    in.requireEnd();
  }

  private Step step(AvroType type, PointerNode node) {
    List<ValueSink> sinks = node.sinks();
    if (node.children().isEmpty() && sinks.size() == 1) {
      ValueSink sink = sinks.get(0);
      return in -> type.push(in, sink);
    }
    Step into = node.children().isEmpty() ? type::skip : stepInto(type, node);
    return sinks.isEmpty() ? into : shared(type, sinks.toArray(new ValueSink[0]), into);
  }

  /** Rare: several read the value, each by itself. */
  private static Step shared(AvroType type, ValueSink[] sinks, Step into) {
    return in -> {
      int from = in.position;
      for (ValueSink sink : sinks) {
        in.position = from;
        type.push(in, sink);
      }
      in.position = from;
      into.read(in);
    };
  }

  private Step stepInto(AvroType type, PointerNode node) {
    if (type instanceof AvroContainers.RecordType fields) {
      Map<PointerNode, Step> known = records.computeIfAbsent(fields, r -> new HashMap<>());
      Step step = known.get(node);
      if (step == null) {
        step = record(fields, node);
        known.put(node, step);
      }
      return step;
    }
    if (type instanceof AvroContainers.MapType map) {
      return new MapStep(map.value(), node);
    }
    if (type instanceof AvroContainers.UnionType union) {
      Step[] branches = new Step[union.branches().length];
      for (int i = 0; i < branches.length; i++) {
        branches[i] = stepInto(union.branches()[i], node);
      }
      return in -> branches[in.readIndex(branches.length)].read(in);
    }
    ValueSink noObject = node.noObject();
    return in -> type.push(in, noObject);
  }

  private Step record(AvroContainers.RecordType type, PointerNode node) {
    Step[] fields = new Step[type.types.length];
    int mapped = 0;
    for (int i = 0; i < fields.length; i++) {
      AvroType fieldType = type.types[i];
      PointerNode child = node.children().get(new String(type.names[i], UTF_8));
      fields[i] = child == null ? fieldType::skip : step(fieldType, child);
      mapped += child == null ? 0 : 1;
    }
    int unknown = fields.length - mapped;
    return in -> {
      in.enter();
      for (Step field : fields) {
        field.read(in);
      }
      row.countUnknownFields(unknown);
      in.leave();
    };
  }

  /** The names below a pointer as keys of a map. */
  private final class MapStep implements Step {
    private final AvroType type;
    private final ByteKeys places = new ByteKeys();
    private final Step[] values;
    private final String[] pointers;
    private final long[] seen;

    MapStep(AvroType type, PointerNode node) {
      this.type = type;
      int n = node.children().size();
      values = new Step[n];
      pointers = new String[n];
      seen = new long[n];
      int place = 0;
      for (Map.Entry<String, PointerNode> child : node.children().entrySet()) {
        places.put(child.getKey().getBytes(UTF_8), place);
        values[place] = step(type, child.getValue());
        pointers[place++] = child.getValue().pointer();
      }
    }

    @Override
    public void read(AvroInput in) throws RejectedEventException {
      in.enter();
      for (long items = in.readBlock(); items != 0; items = in.readBlock()) {
        int end = in.blockEnd();
        for (long i = 0; i < items; i++) {
          readEntry(in);
        }
        in.requireBlockEnd(end);
      }
      in.leave();
    }

    private void readEntry(AvroInput in) throws RejectedEventException {
      int length = in.readLength();
      int from = in.position;
      in.skip(length);
      int place = places.find(in.bytes, from, in.position);
      if (place == ByteKeys.ABSENT) {
        type.skip(in);
        row.countUnknownFields(1);
        return;
      }
      if (seen[place] == in.generation) {
        throw new RejectedEventException(
            DeadLetterReason.DUPLICATE_FIELD,
            "expected each field once, got it twice (" + pointers[place] + ")");
      }
      seen[place] = in.generation;
      values[place].read(in);
    }
  }
}
