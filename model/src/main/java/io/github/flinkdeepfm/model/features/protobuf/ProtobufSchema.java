package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Messages of a FileDescriptorSet, as protoc writes it with all imports. */
public final class ProtobufSchema {
  private final Map<String, FileDescriptorProto> protos = new LinkedHashMap<>();
  private final Map<String, FileDescriptor> files = new LinkedHashMap<>();

  private ProtobufSchema(FileDescriptorSet set) {
    set.getFileList().forEach(file -> protos.put(file.getName(), file));
  }

  /**
   * @param descriptors in base64
   * @param name the message's full name
   * @throws IllegalArgumentException if it is not there
   */
  public static Descriptor message(String descriptors, String name) {
    ProtobufSchema schema;
    try {
      schema =
          new ProtobufSchema(FileDescriptorSet.parseFrom(Base64.getDecoder().decode(descriptors)));
      schema.build();
    } catch (InvalidProtocolBufferException | DescriptorValidationException e) {
      throw new IllegalArgumentException(
          "expected a FileDescriptorSet (protoc --descriptor_set_out --include_imports), got "
              + e.getMessage(),
          e);
    }
    TreeSet<String> names = new TreeSet<>();
    for (FileDescriptor file : schema.files.values()) {
      for (Descriptor top : file.getMessageTypes()) {
        Descriptor found = find(top, name, names);
        if (found != null) {
          return found;
        }
      }
    }
    throw new IllegalArgumentException("expected one of the messages " + names + ", got " + name);
  }

  private static Descriptor find(Descriptor message, String name, TreeSet<String> names) {
    if (message.getFullName().equals(name)) {
      return message;
    }
    names.add(message.getFullName());
    for (Descriptor nested : message.getNestedTypes()) {
      Descriptor found = nested.getOptions().getMapEntry() ? null : find(nested, name, names);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** A file comes behind its imports. */
  private void build() throws DescriptorValidationException {
    for (FileDescriptorProto proto : protos.values()) {
      FileDescriptor[] imports =
          proto.getDependencyList().stream().map(this::imported).toArray(FileDescriptor[]::new);
      files.put(proto.getName(), FileDescriptor.buildFrom(proto, imports));
    }
  }

  private FileDescriptor imported(String name) {
    FileDescriptor file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException(
          "expected all imports, each before its use (protoc --include_imports), got no " + name);
    }
    return file;
  }
}
