package io.github.flinkdeepfm.sql;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the project's README says of SQL. */
final class Readme {
  private Readme() {}

  /** From its heading to the next. */
  static String section() throws Exception {
    return find("(?ms)^## In Flink SQL$.*?(?=^## )", Files.readString(Path.of("../../README.md")));
  }

  /** The statements of the example. */
  static String statements() throws Exception {
    String block = find("(?ms)^```sql\n.*?^```", section());
    return block.substring("```sql\n".length(), block.length() - "```".length());
  }

  private static String find(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    if (!found.find()) {
      throw new AssertionError("expected a part of the README like " + pattern + ", got none");
    }
    return found.group();
  }
}
