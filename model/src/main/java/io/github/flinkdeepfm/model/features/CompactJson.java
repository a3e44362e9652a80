package io.github.flinkdeepfm.model.features;

import java.util.Arrays;

/** Valid JSON text without the white space between its tokens, so that it fits on one line. */
final class CompactJson {
  private CompactJson() {}

  /** Copies {@code bytes[from … to)}, one JSON value; what stands in strings is kept. */
  static byte[] copy(byte[] bytes, int from, int to) {
    byte[] out = new byte[to - from];
    int n = 0;
    boolean inString = false;
    for (int i = from; i < to; i++) {
      byte b = bytes[i];
      if (inString) {
        out[n++] = b;
        if (b == '\\') {
          out[n++] = bytes[++i];
        } else if (b == '"') {
          inString = false;
        }
      } else if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        out[n++] = b;
        inString = b == '"';
      }
    }
    return n == out.length ? out : Arrays.copyOf(out, n);
  }
}
