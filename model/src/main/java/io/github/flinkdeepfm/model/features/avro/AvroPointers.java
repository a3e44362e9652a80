package io.github.flinkdeepfm.model.features.avro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.features.PointerNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which of the mapped pointers lead to no field of a schema. */
final class AvroPointers {
  /** Of each record once, as {@link AvroPlan} has it. */
  private final Map<AvroContainers.RecordType, Map<PointerNode, Set<String>>> records =
      new HashMap<>();

  private AvroPointers() {}

  /** Below a value of a type; through a union, those that none of its branches has. */
  static Set<String> dead(AvroType type, PointerNode node) {
    return new AvroPointers().below(type, node);
  }

  private Set<String> below(AvroType type, PointerNode node) {
    if (!(type instanceof AvroContainers.RecordType record)) {
      return find(type, node);
    }
    Map<PointerNode, Set<String>> known = records.computeIfAbsent(record, r -> new HashMap<>());
    Set<String> dead = known.get(node);
    if (dead == null) {
      dead = find(type, node);
      known.put(node, dead);
    }
    return dead;
  }

  private Set<String> find(AvroType type, PointerNode node) {
    Set<String> dead = new TreeSet<>();
    if (type instanceof AvroContainers.UnionType union) {
      Set<String> alive = new TreeSet<>();
      for (AvroType branch : union.branches()) {
        if (branch instanceof AvroContainers.RecordType
            || branch instanceof AvroContainers.MapType) {
          Set<String> ofBranch = below(branch, node);
          node.children().values().stream()
              .map(PointerNode::pointer)
              .filter(pointer -> !ofBranch.contains(pointer))
              .forEach(alive::add);
          dead.addAll(ofBranch);
        }
      }
      dead.removeAll(alive);
      return dead;
    }
    for (Map.Entry<String, PointerNode> child : node.children().entrySet()) {
      if (type instanceof AvroContainers.MapType map) {
        dead.addAll(below(map.value(), child.getValue()));
      } else if (type instanceof AvroContainers.RecordType record) {
        AvroType field = field(record, child.getKey());
        if (field == null) {
          dead.add(child.getValue().pointer());
        } else {
          dead.addAll(below(field, child.getValue()));
        }
      }
    }
    return dead;
  }

  private static AvroType field(AvroContainers.RecordType record, String name) {
    for (int i = 0; i < record.names.length; i++) {
      if (name.equals(new String(record.names[i], UTF_8))) {
        return record.types[i];
      }
    }
    return null;
  }
}
