package io.github.flinkdeepfm.model.features;

import java.util.ArrayList;
import java.util.List;

/** The syntax of JSON pointers (RFC 6901), strict: Jackson's own takes {@code ~2} for a name. */
final class JsonPointers {
  private JsonPointers() {}

  /**
   * The field names on the way, outermost first; empty for the whole document.
   *
   * @throws IllegalArgumentException if it is not a JSON pointer
   */
  static List<String> parse(String pointer) {
    List<String> names = new ArrayList<>();
    if (pointer.isEmpty()) {
      return names;
    }
    if (pointer.charAt(0) != '/') {
      throw invalid(pointer);
    }
    StringBuilder name = new StringBuilder();
    for (int i = 1; i < pointer.length(); i++) {
      char c = pointer.charAt(i);
      if (c == '/') {
        names.add(name.toString());
        name.setLength(0);
      } else if (c == '~') {
        i++;
        char escaped = i < pointer.length() ? pointer.charAt(i) : '/';
        if (escaped != '0' && escaped != '1') {
          throw invalid(pointer);
        }
        name.append(escaped == '0' ? '~' : '/');
      } else {
        name.append(c);
      }
    }
    names.add(name.toString());
    return names;
  }

  /** A field name as one step of a pointer. */
  static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static IllegalArgumentException invalid(String pointer) {
    return new IllegalArgumentException(
        "expected a JSON pointer (\"/\" before each name, ~0 for ~, ~1 for /), got \""
            + pointer
            + "\"");
  }
}
