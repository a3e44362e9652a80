package io.github.flinkdeepfm.pipeline.config;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Options that are passed through by their own keys, in key order. {@code toString} hides the
 * values of keys that may hold a secret.
 */
public record Options(SortedMap<String, String> values) implements Serializable {
  private static final List<String> SECRET_WORDS =
      List.of(
          "password",
          "passwd",
          "secret",
          "token",
          "jaas",
          "credential",
          "key-material",
          "keystore.key",
          "private",
          "certificate.chain",
          "apikey",
          "api-key",
          "api.key",
          "access-key",
          "access.key",
          "account.key",
          "service-key",
          "basic.auth",
          "basic-auth",
          "auth-params",
          "http-headers");

  public Options {
    values = new TreeMap<>(values);
  }

  public static Options of(Map<String, String> values) {
    return new Options(new TreeMap<>(values));
  }

  /** A fresh copy in the form that Kafka's clients take. */
  public Properties toProperties() {
    Properties properties = new Properties();
    properties.putAll(values);
    return properties;
  }

  /** Whether the value of this key must never be printed. */
  public static boolean isSecret(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return SECRET_WORDS.stream().anyMatch(lower::contains);
  }

  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(e -> e.getKey() + "=" + (isSecret(e.getKey()) ? "******" : e.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
