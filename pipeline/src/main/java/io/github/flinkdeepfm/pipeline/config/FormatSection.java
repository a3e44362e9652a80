package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.avro.AvroSchemas;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import io.github.flinkdeepfm.model.registry.RegistrySettings.Ids;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads how events are written: the keys format, schema, message and registry of {@code event}. */
final class FormatSection {
  private final Section event;
  private final Section registry;
  private final Secrets secrets;

  private enum Format {
    JSON,
    AVRO,
    PROTOBUF
  }

  /**
   * @param secrets learns the registry's
   */
  FormatSection(Section event, Secrets secrets) {
    this.event = event;
    this.registry = event.section("registry");
    this.secrets = secrets;
  }

  EventFormat read() {
    Format format = event.oneOf("format", Format.JSON, List.of(Format.values()));
    Optional<String> schema = event.text("schema");
    Optional<String> message = event.text("message");
    RegistrySettings settings = registry(format);
    if (message.isPresent() && format != Format.PROTOBUF) {
      event.problem("message", "names a message, which format: protobuf has");
    }
    return switch (format) {
      case JSON -> json(schema, settings);
      case AVRO -> avro(schema, settings);
      case PROTOBUF -> protobuf(schema, message, settings);
    };
  }

  private EventFormat json(Optional<String> schema, RegistrySettings settings) {
    if (schema.isPresent()) {
      event.problem("schema", "names a schema, which format: avro and protobuf have");
    }
    if (settings.url() != null) {
      registry.problem("url", "expected none: JSON is read without its schema, framing is enough");
    }
    return new EventFormat.Json(settings.framing(), false);
  }

  private EventFormat avro(Optional<String> schema, RegistrySettings settings) {
    if (settings.url() != null) {
      if (schema.isPresent()) {
        event.problem("schema", "expected none: the registry has the writers' schemas");
      }
      return new EventFormat.Avro(null, settings);
    }
    if (settings.framing() != Framing.NONE) {
      registry.problem(
          "url", "is required: Avro is read by the schema it was written with, by its id");
    }
    String text =
        schema
            .flatMap(this::bytes)
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .orElseGet(EventSchemas::avro);
    try {
      AvroSchemas.check(text);
    } catch (IllegalArgumentException e) {
      event.problem("schema", e.getMessage());
    }
    return new EventFormat.Avro(text, settings);
  }

  private EventFormat protobuf(
      Optional<String> schema, Optional<String> message, RegistrySettings settings) {
    if (settings.url() != null) {
      registry.problem(
          "url", "expected none: field numbers hold in all versions, event.schema is enough");
    }
    if (schema.isPresent() && message.isEmpty()) {
      event.problem("message", "is required with event.schema");
    }
    String descriptors =
        schema
            .flatMap(this::bytes)
            .map(Base64.getEncoder()::encodeToString)
            .orElseGet(EventSchemas::descriptors);
    String name = message.orElse(EventSchemas.MESSAGE);
    if (message.isPresent() || schema.isEmpty()) {
      try {
        var unused = ProtobufSchema.message(descriptors, name);
      } catch (IllegalArgumentException e) {
        event.problem("schema", e.getMessage());
      }
    }
    return new EventFormat.Protobuf(descriptors, name, settings);
  }

  private Optional<byte[]> bytes(String file) {
    try {
      return Optional.of(Files.readAllBytes(Path.of(file)));
    } catch (IOException | RuntimeException e) {
      event.problem("schema", "expected a readable file, got " + e);
      return Optional.empty();
    }
  }

  private RegistrySettings registry(Format format) {
    Optional<String> url = registry.text("url");
    url.ifPresent(this::checkUrl);
    Framing framing =
        registry.oneOf(
            "framing",
            url.isPresent() ? Framing.CONFLUENT : Framing.NONE,
            List.of(Framing.values()));
    Ids ids =
        registry.oneOf(
            "ids",
            framing == Framing.APICURIO_V2 ? Ids.GLOBAL : Ids.CONTENT,
            List.of(Ids.values()));
    Optional<String> user = registry.text("user");
    Optional<String> password = registry.text("password");
    Optional<String> token = registry.text("token");
    secrets.addOptions(Map.of("password", password.orElse(""), "token", token.orElse("")));
    Duration timeout =
        registry.duration("timeout", Duration.ofMillis(RegistrySettings.DEFAULT_TIMEOUT_MILLIS));
    if (url.isPresent() && framing == Framing.NONE && format == Format.AVRO) {
      registry.problem("framing", "expected the framing that has the schemas' ids, got none");
    }
    if (user.isPresent() != password.isPresent()) {
      registry.problem("user", "expected user and password, or neither");
    }
    if (token.isPresent() && user.isPresent()) {
      registry.problem("token", "expected a token, or user and password, not both");
    }
    registry.refuseUnknownKeys();
    return new RegistrySettings(
        framing,
        url.map(u -> u.replaceAll("/+$", "")).orElse(null),
        ids,
        user.orElse(null),
        password.orElse(null),
        token.orElse(null),
        Math.max(1, timeout.toMillis()));
  }

  private void checkUrl(String url) {
    try {
      URI uri = URI.create(url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // The problem below says it.
    }
    registry.problem("url", "expected http://HOST… or https://HOST…, without user or query");
  }
}
