package io.github.flinkdeepfm.model.features.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.Descriptor;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.registry.Framing;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/**
 * What a registry's serializer puts in front of a message: after the schema's id, which of the
 * schema's messages it is. Another than the configured one is refused: by this one's field numbers
 * its bytes might well be read, as something else.
 *
 * <pre>
 *   CONFLUENT              the message's index in its file, for a nested one those of all levels;
 *                          [0] is one zero byte
 *   APICURIO, APICURIO_V2  a delimited message Ref {string name = 1;}, the name without its package
 * </pre>
 *
 * Confluent counts messages as they stand in the .proto file: the entries of maps, which
 * descriptors have as nested messages, do not count.
 */
final class MessageFrame {
  private static final int NAME = 1 << 3 | WireInput.DELIMITED;
  private static final int MOST_SHOWN = 8;
  private static final int LONGEST_SHOWN = 64;

  private final Framing framing;
  private final String message;
  private final int[] indexes;
  private final byte[] name;
  private final byte[] fullName;

  MessageFrame(Framing framing, Descriptor message) {
    this.framing = framing;
    this.message = message.getFullName();
    indexes = indexes(message);
    name = message.getName().getBytes(UTF_8);
    fullName = message.getFullName().getBytes(UTF_8);
  }

  private static int[] indexes(Descriptor message) {
    ArrayDeque<Integer> path = new ArrayDeque<>();
    for (Descriptor at = message; at != null; at = at.getContainingType()) {
      Descriptor parent = at.getContainingType();
      List<Descriptor> siblings =
          parent == null ? at.getFile().getMessageTypes() : parent.getNestedTypes();
      path.addFirst(
          (int)
              siblings.subList(0, at.getIndex()).stream()
                  .filter(sibling -> !sibling.getOptions().getMapEntry())
                  .count());
    }
    return path.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Where the message begins.
   *
   * @throws RejectedEventException if the event is not framed so, or as another message
   */
  int end(WireInput in) throws RejectedEventException {
    if (!framing.isFramed(in.bytes)) {
      throw new RejectedEventException(
          DeadLetterReason.MALFORMED,
          "expected an event framed as " + framing + ", got another first byte or less");
    }
    return switch (framing) {
      case NONE -> 0;
      case CONFLUENT -> afterIndexes(in);
      case APICURIO, APICURIO_V2 -> afterName(in);
    };
  }

  /** How many indexes there are, then each, all of them zigzag varints; none stands for [0]. */
  private int afterIndexes(WireInput in) throws RejectedEventException {
    int from = framing.length();
    long count = zigzag(in, from);
    if (count < 0 || count > in.bytes.length) {
      throw in.malformed(count + " message indexes", from);
    }
    boolean same = count == indexes.length;
    for (int i = 0; i < count; i++) {
      long index = zigzag(in, in.next);
      same = same && index == indexes[i];
    }
    if (count == 0) {
      same = indexes.length == 1 && indexes[0] == 0;
    }
    if (!same) {
      throw another(Arrays.toString(indexes), shownIndexes(in, count));
    }
    return in.next;
  }

  private static long zigzag(WireInput in, int from) throws RejectedEventException {
    long zigzag = in.varint(from, in.bytes.length);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  private String shownIndexes(WireInput in, long count) throws RejectedEventException {
    StringJoiner shown = new StringJoiner(", ", "[", "]");
    var unused = zigzag(in, framing.length());
    for (int i = 0; i < Math.min(count, MOST_SHOWN); i++) {
      shown.add(Long.toString(zigzag(in, in.next)));
    }
    return count == 0 ? "[0]" : count > MOST_SHOWN ? shown.add("…").toString() : shown.toString();
  }

  private int afterName(WireInput in) throws RejectedEventException {
    long length = in.varint(framing.length(), in.bytes.length);
    int from = in.next;
    int to = in.after(from, length, in.bytes.length);
    int nameStart = from;
    int nameEnd = from;
    for (int at = from; at < to; at = in.next) {
      int tag = in.tag(at, to);
      int start = in.next;
      if (tag == NAME) {
        long bytes = in.varint(start, to);
        nameStart = in.next;
        nameEnd = in.after(nameStart, bytes, to);
        in.next = nameEnd;
      } else {
        in.skip(tag, start, to, 1);
      }
    }
    if (!isName(name, in, nameStart, nameEnd) && !isName(fullName, in, nameStart, nameEnd)) {
      int shown = Math.min(nameEnd, nameStart + LONGEST_SHOWN);
      String got = new String(in.bytes, nameStart, shown - nameStart, UTF_8);
      throw another(new String(name, UTF_8), got.replaceAll("\\p{Cntrl}", "?"));
    }
    return to;
  }

  private static boolean isName(byte[] name, WireInput in, int from, int to) {
    return Arrays.equals(name, 0, name.length, in.bytes, from, to);
  }

  private RejectedEventException another(String expected, String got) {
    return new RejectedEventException(
        DeadLetterReason.MALFORMED,
        "expected the frame of message %s (%s), got another message's: %s"
            .formatted(expected, message, got));
  }
}
