package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HashEncoderTest {
  private static final long UNSIGNED = 1L << 32;

  /** Published vectors of MurmurHash3_x86_32. */
  @ParameterizedTest
  @CsvSource({
    "'', 0, 0",
    "'', 1, 514e28b7",
    "'', ffffffff, 81f16f39",
    "a, 9747b28c, 7fa09ea6",
    "aa, 9747b28c, 5d211726",
    "aaa, 9747b28c, 283e0130",
    "aaaa, 9747b28c, 5a97808a",
    "ab, 9747b28c, 74875592",
    "abc, 9747b28c, c84a62dd",
    "abcd, 9747b28c, f0478627",
    "'Hello, world!', 9747b28c, 24884cba",
    "ππππππππ, 9747b28c, d58063c1"
  })
  void isMurmurHash3(String text, String seed, String hash) {
    Encoding.Hash all = new Encoding.Hash(Integer.parseUnsignedInt(seed, 16), UNSIGNED, 0);
    byte[] utf8 = Events.utf8(text);
    long id = new HashEncoder(all, "/x").ofText(utf8, 0, utf8.length);
    assertThat(Long.toHexString(id)).isEqualTo(hash);
  }
}
