package io.github.flinkdeepfm.model.features;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON pointer (RFC 6901) as the field names on its way. Its steps go through objects only: a
 * number is a field's name, too.
 */
public final class FieldPointer {
  private FieldPointer() {}

  /** The names on the way; empty if {@code pointer} is not a JSON pointer to a field. */
  public static Optional<List<String>> parse(String pointer) {
    if (!pointer.startsWith("/")) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    for (String part : pointer.substring(1).split("/", -1)) {
      for (int i = part.indexOf('~'); i >= 0; i = part.indexOf('~', i + 1)) {
        if (i + 1 == part.length() || (part.charAt(i + 1) != '0' && part.charAt(i + 1) != '1')) {
          return Optional.empty();
        }
      }
      names.add(part.replace("~1", "/").replace("~0", "~"));
    }
    return Optional.of(names);
  }

  static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
