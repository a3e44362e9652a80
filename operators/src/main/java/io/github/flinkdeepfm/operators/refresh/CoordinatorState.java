package io.github.flinkdeepfm.operators.refresh;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
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
 *     UTF         SHA-256 of its manifest, "" if not known; from format 2 on
 *     UTF         why, at most {@value #MAX_DETAIL} characters
 *   from format 2 on:
 *   int         count of the active version and its bases, as far as known, then for each
 *     UTF         version
 *     UTF         SHA-256 of its manifest
 *   int         count of stays, then for each, oldest first
 *     UTF         version
 *     long        since, epoch milliseconds
 *     long        until, epoch milliseconds, {@value ActiveHistory.Stay#STILL} for still active
 * </pre>
 *
 * Every format that was ever written stays readable.
 *
 * @param active empty if not known yet
 * @param refused by version
 * @param manifests of what is active, by version
 * @param stays which versions were active when
 */
record CoordinatorState(
    String active,
    Map<String, Refusal> refused,
    Map<String, String> manifests,
    List<ActiveHistory.Stay> stays) {
  static final CoordinatorState EMPTY = new CoordinatorState("", Map.of(), Map.of(), List.of());

  private static final int FORMAT = 2;
  private static final int MAX_DETAIL = 1_000;

  /**
   * A version that is not tried again. One of the same name that was made at another time, or has
   * another manifest, is.
   *
   * @param createdAt epoch milliseconds
   * @param manifest SHA-256 of its manifest; empty if not known
   */
  record Refusal(long createdAt, String manifest, String detail) {
    Refusal {
      detail = detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail;
    }

    boolean isOf(Target target) {
      return createdAt == target.createdAt()
          && (manifest.isEmpty() || manifest.equals(target.manifest()));
    }
  }

  CoordinatorState {
    refused = new TreeMap<>(refused);
    manifests = new TreeMap<>(manifests);
    stays = List.copyOf(stays);
  }

  CoordinatorState withStays(List<ActiveHistory.Stay> known) {
    return new CoordinatorState(active, refused, manifests, known);
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
        out.writeUTF(entry.getValue().manifest());
        out.writeUTF(entry.getValue().detail());
      }
      out.writeInt(manifests.size());
      for (Map.Entry<String, String> entry : manifests.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeUTF(entry.getValue());
      }
      out.writeInt(stays.size());
      for (ActiveHistory.Stay stay : stays) {
        out.writeUTF(stay.version());
        out.writeLong(stay.since());
        out.writeLong(stay.until());
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
      if (format < 1 || format > FORMAT) {
        throw new IllegalStateException(
            "coordinator state: expected format 1 to " + FORMAT + ", got " + format);
      }
      String active = in.readUTF();
      Map<String, Refusal> refused = new TreeMap<>();
      for (int i = count(in); i > 0; i--) {
        refused.put(
            in.readUTF(), new Refusal(in.readLong(), format < 2 ? "" : in.readUTF(), in.readUTF()));
      }
      Map<String, String> manifests = new TreeMap<>();
      List<ActiveHistory.Stay> stays = new ArrayList<>();
      if (format >= 2) {
        for (int i = count(in); i > 0; i--) {
          manifests.put(in.readUTF(), in.readUTF());
        }
        for (int i = count(in); i > 0; i--) {
          stays.add(new ActiveHistory.Stay(in.readUTF(), in.readLong(), in.readLong()));
        }
      }
      if (in.read() >= 0) {
        throw new IllegalStateException("coordinator state: expected no bytes at the end");
      }
      return new CoordinatorState(active, refused, manifests, stays);
    } catch (IOException e) {
      throw new IllegalStateException("coordinator state: " + bytes.length + " bytes, cut off", e);
    }
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0) {
      throw new IllegalStateException(
          "coordinator state: expected a number of entries, got " + count);
    }
    return count;
  }
}
