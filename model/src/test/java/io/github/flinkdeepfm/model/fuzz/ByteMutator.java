package io.github.flinkdeepfm.model.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages bytes as broken writers, networks and attackers do. */
public final class ByteMutator {
  private static final byte[] TELLING =
      "{}[]\",:0123456789-+.eE tfnNI\\u/\0\n\t\u001f\u007f".getBytes(StandardCharsets.US_ASCII);

  /** Whole or broken sequences that decoders of UTF-8 tend to get wrong, and byte order marks. */
  private static final int[][] SEQUENCES = {
    {0xEF, 0xBB, 0xBF},
    {0xFF, 0xFE},
    {0xFE, 0xFF, 0x00},
    {0xC0, 0x80},
    {0xC3},
    {0xC3, 0xA9},
    {0xE0, 0x80, 0xAF},
    {0xE2, 0x80, 0xA8},
    {0xED, 0xA0, 0xBD},
    {0xED, 0xB0, 0x80},
    {0xF0, 0x9F, 0x98, 0x80},
    {0xF0, 0x80, 0x80, 0x80},
    {0xF4, 0x90, 0x80, 0x80},
    {0xF8, 0x88, 0x80, 0x80, 0x80},
    {0x80},
    {0xFF}
  };

  private final Random random;

  public ByteMutator(Random random) {
    this.random = random;
  }

  /** One to four damages. */
  public byte[] mutate(byte[] original) {
    byte[] bytes = original;
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes = damaged(bytes);
    }
    return bytes;
  }

  /** Nothing but noise, of bytes that mean something in JSON or of any. */
  public byte[] noise(int maxLength) {
    byte[] bytes = new byte[random.nextInt(maxLength + 1)];
    random.nextBytes(bytes);
    for (int i = 0; random.nextInt(2) == 0 && i < bytes.length; i++) {
      bytes[i] = telling();
    }
    return bytes;
  }

  private byte[] damaged(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[] {telling()};
    }
    int at = random.nextInt(bytes.length);
    int end = at + random.nextInt(Math.min(40, bytes.length - at) + 1);
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> replaced(bytes, at, end, new byte[0]);
      case 2 -> replaced(bytes, at, at, new byte[] {telling()});
      case 3, 4 -> replaced(bytes, at, at + 1, new byte[] {telling()});
      case 5 -> replaced(bytes, at, at + 1, new byte[] {(byte) random.nextInt(256)});
      case 6 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 7 -> {
        int place = random.nextInt(4) == 0 ? 0 : at;
        yield replaced(bytes, place, place, sequence());
      }
      default -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
    };
  }

  private byte telling() {
    return TELLING[random.nextInt(TELLING.length)];
  }

  private byte[] sequence() {
    int[] sequence = SEQUENCES[random.nextInt(SEQUENCES.length)];
    byte[] bytes = new byte[sequence.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) sequence[i];
    }
    return bytes;
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.writeBytes(by);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }
}
