package io.github.flinkdeepfm.model.registry;

import java.io.Serializable;

/**
 * The registry of a topic's schemas. {@code toString} hides the credentials.
 *
 * @param framing what is in front of each event
 * @param url of the registry's REST API; null if it is not asked
 * @param ids what kind of id Apicurio's serializer writes
 * @param user with {@code password} for HTTP's basic authentication, or null
 * @param token for HTTP's bearer authentication, or null
 * @param timeoutMillis most time that one schema may take to come, with retries and all that it
 *     refers to
 */
public record RegistrySettings(
    Framing framing,
    String url,
    Ids ids,
    String user,
    String password,
    String token,
    long timeoutMillis)
    implements Serializable {

  public static final long DEFAULT_TIMEOUT_MILLIS = 30_000;

  /** No frame, no registry. */
  public static final RegistrySettings NONE =
      new RegistrySettings(
          Framing.NONE, null, Ids.CONTENT, null, null, null, DEFAULT_TIMEOUT_MILLIS);

  /** Kinds of id, of Apicurio only. */
  public enum Ids {
    /** The default of Apicurio's serializers since 3.0. */
    CONTENT,
    /** The default up to 2.x. */
    GLOBAL
  }

  /** A registry without credentials. */
  public static RegistrySettings of(Framing framing, String url) {
    Ids ids = framing == Framing.APICURIO_V2 ? Ids.GLOBAL : Ids.CONTENT;
    return new RegistrySettings(framing, url, ids, null, null, null, DEFAULT_TIMEOUT_MILLIS);
  }

  @Override
  public String toString() {
    return framing + (url == null ? "" : " of " + url);
  }
}
