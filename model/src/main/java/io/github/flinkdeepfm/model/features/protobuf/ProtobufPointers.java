package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.PointerNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which of the mapped pointers lead to no field of a message. */
final class ProtobufPointers {
  private ProtobufPointers() {}

  static Set<String> dead(Descriptor message, PointerNode node) {
    Set<String> dead = new TreeSet<>();
    for (Map.Entry<String, PointerNode> child : node.children().entrySet()) {
      Optional<FieldDescriptor> field =
          message.getFields().stream()
              .filter(
                  f -> f.getName().equals(child.getKey()) || f.getJsonName().equals(child.getKey()))
              .findFirst();
      if (field.isEmpty()) {
        dead.add(child.getValue().pointer());
      } else if (field.get().isMapField()) {
        FieldDescriptor value = field.get().getMessageType().findFieldByNumber(2);
        child.getValue().children().values().forEach(key -> dead.addAll(below(value, key)));
      } else {
        dead.addAll(below(field.get(), child.getValue()));
      }
    }
    return dead;
  }

  private static Set<String> below(FieldDescriptor field, PointerNode node) {
    boolean one = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated();
    return one ? dead(field.getMessageType(), node) : Set.of();
  }
}
