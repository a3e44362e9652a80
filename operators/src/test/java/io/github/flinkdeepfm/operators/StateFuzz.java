package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Tries stored state that was damaged at random: changed, cut, extended, or nothing but noise. Each
 * form is a state that can be written and read again, or an error that names the state. What all of
 * them came to is in {@code target/fuzz.json}; {@code mvn verify -Pfuzz} tries more.
 */
public final class StateFuzz {
  private static final int CASES = Integer.getInteger("fuzz.states", 100_000);
  private static final Path REPORT = Path.of("target", "fuzz.json");
  private static final Map<String, Row> ROWS = new TreeMap<>();

  /** One format. */
  record Row(long seed, int cases, int read, int refused) {}

  private StateFuzz() {}

  /**
   * @param name of the format, for the report
   * @param errors how the message of every refusal begins
   * @param read from bytes to a state
   * @param write the other way
   */
  public static <S> void run(
      String name,
      byte[] stored,
      long seed,
      String errors,
      Function<byte[], S> read,
      Function<S, byte[]> write)
      throws IOException {
    Random random = new Random(seed);
    int states = 0;
    for (int n = 0; n < CASES; n++) {
      byte[] bytes = damaged(stored, random);
      try {
        S state = read.apply(bytes);
        assertThat(read.apply(write.apply(state))).isEqualTo(state);
        states++;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageStartingWith(errors);
      }
    }
    assertThat(states).as("read").isBetween(CASES / 10, CASES / 10 * 9);
    report(name, new Row(seed, CASES, states, CASES - states));
  }

  private static byte[] damaged(byte[] original, Random random) {
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
    return bytes;
  }

  private static synchronized void report(String name, Row row) throws IOException {
    System.out.println("state: " + name + " " + row);
    ROWS.put(name, row);
    Files.writeString(
        REPORT,
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(ROWS));
  }
}
