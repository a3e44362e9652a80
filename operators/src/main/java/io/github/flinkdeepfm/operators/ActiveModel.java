package io.github.flinkdeepfm.operators;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What a checkpoint remembers of the model: the version that scores every event after it.
 *
 * <pre>
 *   byte 0      format, {@value #FORMAT}
 *   UTF         version
 *   UTF         submission of the job that wrote it, "" if none; from format 2 on
 * </pre>
 *
 * UTF is modified UTF-8 with its length before it (DataOutput.writeUTF). Every format that was ever
 * written stays readable.
 *
 * @param version the version's name
 * @param submission which submission of a job wrote it; empty without refresh
 */
record ActiveModel(String version, Optional<String> submission) {
  private static final int FORMAT = 2;

  ActiveModel(String version) {
    this(version, Optional.empty());
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(version);
      out.writeUTF(submission.orElse(""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IllegalStateException if the bytes are of no format that this release knows
   */
  static ActiveModel fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format < 1 || format > FORMAT) {
        throw new IllegalStateException(
            "active-model state: expected format 1 to " + FORMAT + ", got " + format);
      }
      String version = in.readUTF();
      String submission = format < 2 ? "" : in.readUTF();
      if (in.read() >= 0) {
        throw new IllegalStateException("active-model state: expected no bytes at the end");
      }
      return new ActiveModel(version, Optional.of(submission).filter(s -> !s.isEmpty()));
    } catch (IOException e) {
      throw new IllegalStateException("active-model state: " + bytes.length + " bytes, cut off", e);
    }
  }
}
