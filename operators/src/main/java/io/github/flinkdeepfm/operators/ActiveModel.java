package io.github.flinkdeepfm.operators;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What a checkpoint remembers of the model: the version that scores every event after it.
 *
 * <pre>
 *   byte 0      format, {@value #FORMAT}
 *   from 1      version, modified UTF-8 with its length before it (DataOutput.writeUTF)
 * </pre>
 *
 * Every format that was ever written stays readable.
 *
 * @param version the version's name
 */
record ActiveModel(String version) {
  private static final int FORMAT = 1;

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(version);
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
      if (format != FORMAT) {
        throw new IllegalStateException(
            "active-model state: expected format 1 to " + FORMAT + ", got " + format);
      }
      ActiveModel model = new ActiveModel(in.readUTF());
      if (in.read() >= 0) {
        throw new IllegalStateException("active-model state: expected no bytes after the version");
      }
      return model;
    } catch (IOException e) {
      throw new IllegalStateException("active-model state: " + bytes.length + " bytes, cut off", e);
    }
  }
}
