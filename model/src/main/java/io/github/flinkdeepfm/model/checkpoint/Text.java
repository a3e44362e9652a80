package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

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

  /** One error for all that is wrong with a document. */
  static InvalidModelException invalid(Object document, List<String> problems) {
    return new InvalidModelException(
        document
            + ": "
            + (problems.size() == 1 ? "" : problems.size() + " problems:\n  - ")
            + String.join("\n  - ", problems));
  }

  /** Whether this names a file inside a directory and cannot lead out of it. */
  static boolean isPlainFileName(String name) {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.chars()
            .anyMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c))) {
      return false;
    }
    try {
      return Path.of(name).getNameCount() == 1;
    } catch (InvalidPathException e) {
      // A name that this platform's locale cannot express.
      return false;
    }
  }

  /** Whether this may name a version: a path segment that is safe on every storage. */
  static boolean isVersion(String name) {
    return name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  }
}
