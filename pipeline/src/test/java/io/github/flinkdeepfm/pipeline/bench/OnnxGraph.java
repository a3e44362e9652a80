package io.github.flinkdeepfm.pipeline.bench;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes an ONNX {@code ModelProto} of float nodes, field by field as onnx.proto3 numbers them:
 * what the few benchmarks need of the format, without its generated classes.
 */
final class OnnxGraph {
  /** {@code TensorProto.DataType}. */
  static final int FLOAT = 1;

  static final int INT64 = 7;

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int ATTRIBUTE_INT = 2;
  private static final int LOCATION_EXTERNAL = 1;

  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

  /** A message's fields. */
  @FunctionalInterface
  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  /**
   * An input of the graph.
   *
   * @param dims numbers, or strings for sizes that vary
   */
  OnnxGraph input(String name, int type, Object... dims) {
    put(11, value(name, type, dims));
    return this;
  }

  OnnxGraph output(String name, int type, Object... dims) {
    put(12, value(name, type, dims));
    return this;
  }

  /** A constant. */
  OnnxGraph constant(String name, float[] values, long... dims) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return constant(name, FLOAT, bytes.array(), dims);
  }

  OnnxGraph constant(String name, long[] values, long... dims) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return constant(name, INT64, bytes.array(), dims);
  }

  private OnnxGraph constant(String name, int type, byte[] bytes, long... dims) {
    put(
        5,
        tensor -> {
          putTensor(tensor, name, type, dims);
          tensor.writeByteArray(9, bytes);
        });
    return this;
  }

  /**
   * A constant of floats that the session is given when it is made, with {@code addInitializer}.
   */
  OnnxGraph external(String name, long... dims) {
    put(
        5,
        tensor -> {
          putTensor(tensor, name, FLOAT, dims);
          tensor.writeByteArray(
              13,
              message(
                  entry -> {
                    entry.writeString(1, "location");
                    entry.writeString(2, "given");
                  }));
          tensor.writeEnum(14, LOCATION_EXTERNAL);
        });
    return this;
  }

  OnnxGraph node(String type, List<String> inputs, String output) {
    return node(type, inputs, output, "", 0);
  }

  /**
   * @param attribute its only attribute, an int; empty if it has none
   */
  OnnxGraph node(String type, List<String> inputs, String output, String attribute, long value) {
    put(
        1,
        node -> {
          for (String input : inputs) {
            node.writeString(1, input);
          }
          node.writeString(2, output);
          node.writeString(3, output);
          node.writeString(4, type);
          if (!attribute.isEmpty()) {
            node.writeByteArray(
                5,
                message(
                    a -> {
                      a.writeString(1, attribute);
                      a.writeInt64(3, value);
                      a.writeEnum(20, ATTRIBUTE_INT);
                    }));
          }
        });
    return this;
  }

  /** The whole model. */
  byte[] toBytes() {
    return message(
        model -> {
          model.writeInt64(1, IR_VERSION);
          model.writeByteArray(7, graph.toByteArray());
          model.writeByteArray(8, message(opset -> opset.writeInt64(2, OPSET)));
        });
  }

  private static void putTensor(CodedOutputStream tensor, String name, int type, long... dims)
      throws IOException {
    for (long dim : dims) {
      tensor.writeInt64(1, dim);
    }
    tensor.writeInt32(2, type);
    tensor.writeString(8, name);
  }

  private static Fields value(String name, int type, Object... dims) {
    byte[] shape =
        message(
            out -> {
              for (Object dim : dims) {
                out.writeByteArray(
                    1,
                    message(
                        d -> {
                          if (dim instanceof Number size) {
                            d.writeInt64(1, size.longValue());
                          } else {
                            d.writeString(2, (String) dim);
                          }
                        }));
              }
            });
    byte[] tensor =
        message(
            out -> {
              out.writeInt32(1, type);
              out.writeByteArray(2, shape);
            });
    return value -> {
      value.writeString(1, name);
      value.writeByteArray(2, message(t -> t.writeByteArray(1, tensor)));
    };
  }

  private void put(int field, Fields fields) {
    graph.writeBytes(message(out -> out.writeByteArray(field, message(fields))));
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array took no more", e);
    }
    return bytes.toByteArray();
  }
}
