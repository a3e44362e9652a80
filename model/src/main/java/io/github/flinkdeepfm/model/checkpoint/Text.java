package io.github.flinkdeepfm.model.checkpoint;

/** Names out of untrusted files, made fit for an error message or a path. */
final class Text {
  private static final int MAX_QUOTED = 200;

  private Text() {}

  /** Quotes a name; control characters are escaped and what is too long is cut. */
  static String quote(String name) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(name.length(), MAX_QUOTED); i++) {
      char c = name.charAt(i);
      if (Character.isISOControl(c)) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    if (name.length() > MAX_QUOTED) {
      quoted.append("… (").append(name.length()).append(" characters)");
    }
    return quoted.append('"').toString();
  }

  /** Whether this names a file inside a directory and cannot lead out of it. */
  static boolean isPlainFileName(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.chars()
            .noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
  }

  /** Whether this may name a version: a path segment that is safe on every storage. */
  static boolean isVersion(String name) {
    return name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  }
}
