package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;

/**
 * The schemas of the default layout, which are resources beside this class: {@code event.avsc},
 * {@code event.proto} and {@code event.desc}, what protoc makes of it.
 */
public final class EventSchemas {
  /** The message of {@code event.proto}. */
  public static final String MESSAGE = "flinkdeepfm.Event";

  private EventSchemas() {}

  /** For {@link EventFormat.Avro}. */
  public static String avro() {
    return new String(resource("event.avsc"), UTF_8);
  }

  /** For {@link EventFormat.Protobuf}. */
  public static String descriptors() {
    return Base64.getEncoder().encodeToString(resource("event.desc"));
  }

  private static byte[] resource(String name) {
    try (InputStream in = EventSchemas.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
