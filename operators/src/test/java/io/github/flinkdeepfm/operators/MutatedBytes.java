package io.github.flinkdeepfm.operators;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/** Stored state, damaged at random: changed, cut, extended, or nothing but noise. */
public final class MutatedBytes {
  private MutatedBytes() {}

  /** So many damaged forms of {@code original}; the same for a seed. */
  public static void forEach(byte[] original, int count, long seed, Consumer<byte[]> consumer) {
    Random random = new Random(seed);
    for (int n = 0; n < count; n++) {
      byte[] bytes = original.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            random.nextBoolean()
                ? (byte) random.nextInt(256)
                : (byte) (bytes[at] + random.nextInt(3) - 1);
      }
      if (random.nextInt(4) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 10));
      }
      if (random.nextInt(20) == 0) {
        random.nextBytes(bytes);
      }
      consumer.accept(bytes);
    }
  }
}
