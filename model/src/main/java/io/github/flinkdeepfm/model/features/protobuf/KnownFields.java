package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import java.io.ByteArrayOutputStream;

/**
 * Takes fields that a message does not know out of its bytes, where they are many: Protobuf keeps
 * them all, a field of three bytes as some hundred.
 */
final class KnownFields {
  private static final int FEW = 1 << 12;
  private static final int MAX_NESTING = 64;

  private final WireInput in = new WireInput();
  private int unknown;

  /** The message without what it does not know, or as it is if that is little. */
  static byte[] of(Descriptor type, byte[] bytes) throws RejectedEventException {
    if (bytes.length <= 2 * FEW) { // no field is shorter
      return bytes;
    }
    KnownFields known = new KnownFields();
    known.in.begin(bytes);
    known.read(type, 0, bytes.length, null, 1);
    if (known.unknown <= FEW) {
      return bytes;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    known.read(type, 0, bytes.length, out, 1);
    return out.toByteArray();
  }

  /**
   * Goes through the message bytes[from, to).
   *
   * @param out gets what it knows; null to count what it does not know
   */
  private void read(Descriptor type, int from, int to, ByteArrayOutputStream out, int nesting)
      throws RejectedEventException {
    for (int at = from; at < to; at = in.next) {
      int tag = in.tag(at, to);
      int start = in.next;
      FieldDescriptor field = type.findFieldByNumber(tag >>> 3);
      boolean known = field != null && takes(field, tag & 7);
      boolean message = known && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (message && nesting < MAX_NESTING) {
        readMessage(field, tag, start, to, out, nesting);
        continue;
      }
      in.skip(tag, start, to, nesting);
      unknown += known ? 0 : 1;
      if (known && out != null) {
        out.write(in.bytes, at, in.next - at);
      }
    }
  }

  private static boolean takes(FieldDescriptor field, int wireType) {
    return wireType == field.getLiteType().getWireType()
        || (field.isPackable() && wireType == WireInput.DELIMITED);
  }

  private void readMessage(
      FieldDescriptor field, int tag, int start, int to, ByteArrayOutputStream out, int nesting)
      throws RejectedEventException {
    boolean group = (tag & 7) == WireInput.GROUP;
    int from = start;
    int end;
    if (group) {
      end = in.skipGroup(tag >>> 3, start, to, nesting);
    } else {
      long length = in.varint(start, to);
      from = in.next;
      in.next = in.after(from, length, to);
      end = in.next;
    }
    int after = in.next;
    ByteArrayOutputStream inside = out == null ? null : new ByteArrayOutputStream();
    read(field.getMessageType(), from, end, inside, nesting + 1);
    in.next = after;
    if (out != null) {
      writeVarint(out, tag);
      if (!group) {
        writeVarint(out, inside.size());
      }
      out.writeBytes(inside.toByteArray());
      if (group) {
        writeVarint(out, (tag & ~7) | WireInput.END_GROUP);
      }
    }
  }

  private static void writeVarint(ByteArrayOutputStream out, int value) {
    int rest = value;
    for (; (rest & ~0x7F) != 0; rest >>>= 7) {
      out.write(rest & 0x7F | 0x80);
    }
    out.write(rest);
  }
}
