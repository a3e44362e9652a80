package io.github.flinkdeepfm.operators.refresh;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint keeps of the coordinator.
 *
 * <pre>
 *   byte        format, {@value #FORMAT}
 *   UTF         version that is active from this checkpoint on, "" if not known yet
 *   int         count of refused versions, then for each
 *     UTF         version
 *     long        its created_at in epoch milliseconds
 *     UTF         why, at most {@value #MAX_DETAIL} characters
 * </pre>
 *
 * Every format that was ever written stays readable.
 *
 * @param active empty if not known yet
 * @param refused by version
 */
record CoordinatorState(String active, Map<String, Refusal> refused) {
  static final CoordinatorState EMPTY = new CoordinatorState("", Map.of());

  private static final int FORMAT = 1;
  private static final int MAX_DETAIL = 1_000;

  /**
   * A version that is not tried again. One of the same name that was made at another time is.
   *
   * @param createdAt epoch milliseconds
   */
  record Refusal(long createdAt, String detail) {
    Refusal {
      detail = detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail;
    }
  }

  CoordinatorState {
    refused = new TreeMap<>(refused);
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(active);
      out.writeInt(refused.size());
      for (Map.Entry<String, Refusal> entry : refused.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeLong(entry.getValue().createdAt());
        out.writeUTF(entry.getValue().detail());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IllegalStateException if the bytes are of no format that this release knows
   */
  static CoordinatorState fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new IllegalStateException(
            "coordinator state: expected format 1 to " + FORMAT + ", got " + format);
      }
      String active = in.readUTF();
      Map<String, Refusal> refused = new TreeMap<>();
      int count = in.readInt();
      if (count < 0) {
        throw new IllegalStateException("coordinator state: expected refusals, got " + count);
      }
      for (int i = 0; i < count; i++) {
        refused.put(in.readUTF(), new Refusal(in.readLong(), in.readUTF()));
      }
      if (in.read() >= 0) {
        throw new IllegalStateException("coordinator state: expected no bytes after the refusals");
      }
      return new CoordinatorState(active, refused);
    } catch (IOException e) {
      throw new IllegalStateException("coordinator state: " + bytes.length + " bytes, cut off", e);
    }
  }
}
