package io.github.flinkdeepfm.pipeline.config;

import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must not be printed: the values of secret keys, and whatever came from the environment. It
 * is looked for in texts of any origin, such as the messages of Kafka's exceptions.
 */
final class Secrets {
  private static final String HIDDEN = "******";

  /** Hiding what is shorter would hide half of every text, and little is secret about it. */
  private static final int SHORTEST = 4;

  /** The values inside a JAAS configuration. */
  private static final Pattern QUOTED =
      Pattern.compile("=\\s*(?:\"([^\"]*)\"|'([^']*)'|([^\\s;]+))");

  /** Longest first, so that none is hidden in part only. */
  private final SortedMap<String, String> shownAs =
      new TreeMap<>(
          Comparator.comparingInt(String::length).reversed().thenComparing(value -> value));

  /** A value of the environment variable {@code name}. */
  void addVariable(String name, String value) {
    add(value, "${" + name + "}");
  }

  /** The values of those options that may hold a secret. */
  void addOptions(Map<String, String> options) {
    options.forEach(
        (key, value) -> {
          if (Options.isSecret(key)) {
            add(value, HIDDEN);
            Matcher parts = QUOTED.matcher(value);
            while (parts.find()) {
              for (int i = 1; i <= parts.groupCount(); i++) {
                add(parts.group(i), HIDDEN);
              }
            }
          }
        });
  }

  private void add(String value, String instead) {
    if (value != null && value.length() >= SHORTEST) {
      shownAs.putIfAbsent(value, instead);
    }
  }

  /** The text without them. */
  String hide(String text) {
    String hidden = text;
    for (Map.Entry<String, String> secret : shownAs.entrySet()) {
      hidden = hidden.replace(secret.getKey(), secret.getValue());
    }
    return hidden;
  }
}
