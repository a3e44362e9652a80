package io.github.flinkdeepfm.model.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a registry for schemas by their ids, over the REST API that goes with the framing:
 *
 * <pre>
 *   CONFLUENT              GET {url}/schemas/ids/{id}            {"schema": "…", "references": […]}
 *                          GET {url}/subjects/{s}/versions/{v}   of each reference, the same
 *   APICURIO, APICURIO_V2  GET {url}/ids/contentIds/{id}         the schema (or globalIds)
 * </pre>
 *
 * Confluent's API is served by Apicurio, too, below {@code /apis/ccompat/v7}. Blocks; a registry
 * that is down is asked again, ever more slowly, until the time is up. What an id has had once it
 * has for good, so all decoders of a process share what was fetched: a new model version needs no
 * registry. Thread-safe.
 */
public final class SchemaRegistry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;
  private static final int LONGEST_ANSWER = 16 << 20;
  private static final int MOST_REFERENCES = 256;
  private static final int LONGEST_SHOWN = 120;

  /** How registries say that they have no such schema, or that none could have such an id. */
  private static final Set<Integer> NONE = Set.of(400, 404, 422);

  private static final int MOST_SCHEMAS = 1024;
  private static final Map<RegistrySettings, SchemaRegistry> OF_PROCESS = new ConcurrentHashMap<>();

  private final RegistrySettings settings;
  private final Map<Long, Schemas> fetched = new ConcurrentHashMap<>();

  /** Schemas that belong together: each before those that use it, the one asked for last. */
  public record Schemas(List<String> texts) {
    public Schemas {
      texts = List.copyOf(texts);
    }
  }

  private SchemaRegistry(RegistrySettings settings) {
    this.settings = settings;
  }

  /** The one of this process. */
  public static SchemaRegistry of(RegistrySettings settings) {
    return OF_PROCESS.computeIfAbsent(settings, SchemaRegistry::new);
  }

  /**
   * The schema of an id, with those that it refers to.
   *
   * @throws NoSuchSchemaException if the registry says that there is none
   * @throws RegistryException if no answer came in time, or not one of a registry
   */
  public Schemas fetch(long id) throws NoSuchSchemaException {
    Schemas known = fetched.get(id);
    if (known != null) {
      return known;
    }
    Schemas schemas = ask(id);
    if (fetched.size() >= MOST_SCHEMAS) {
      fetched.clear();
    }
    fetched.put(id, schemas);
    return schemas;
  }

  private Schemas ask(long id) throws NoSuchSchemaException {
    String number = Long.toUnsignedString(id);
    boolean confluent = settings.framing() == Framing.CONFLUENT;
    String kind = settings.ids() == RegistrySettings.Ids.GLOBAL ? "globalIds" : "contentIds";
    String path = confluent ? "/schemas/ids/" + number : "/ids/" + kind + "/" + number;
    long deadline = System.nanoTime() + settings.timeoutMillis() * 1_000_000;
    Optional<String> answer = get(path, deadline);
    if (answer.isEmpty()) {
      throw new NoSuchSchemaException("the registry has none");
    }
    if (!confluent) {
      return new Schemas(List.of(answer.get()));
    }
    Set<String> texts = new LinkedHashSet<>();
    addWithReferences(path, answer.get(), deadline, new HashSet<>(), texts);
    return new Schemas(List.copyOf(texts));
  }

  /**
   * @param seen the references that were followed: schemas may share one, and a registry may have
   *     any, one back too
   */
  private void addWithReferences(
      String path, String answer, long deadline, Set<String> seen, Set<String> texts)
      throws NoSuchSchemaException {
    JsonNode schema = tree(path, answer);
    for (JsonNode reference : schema.path("references")) {
      // One that was deleted since still holds for what was written by it.
      String subject =
          "/subjects/%s/versions/%d?deleted=true"
              .formatted(
                  URLEncoder.encode(reference.path("subject").asText(), UTF_8).replace("+", "%20"),
                  reference.path("version").asInt());
      if (!seen.add(subject)) {
        continue;
      }
      if (seen.size() > MOST_REFERENCES) {
        throw new NoSuchSchemaException("it refers to more than " + MOST_REFERENCES + " others");
      }
      Optional<String> referred = get(subject, deadline);
      if (referred.isEmpty()) {
        throw new NoSuchSchemaException(
            "the registry has none that it refers to as " + shortened(subject));
      }
      addWithReferences(subject, referred.get(), deadline, seen, texts);
    }
    if (!schema.path("schema").isTextual()) {
      throw failed(path, "got an answer without a schema", null);
    }
    texts.add(schema.path("schema").asText());
  }

  private static String shortened(String path) {
    return path.length() <= LONGEST_SHOWN ? path : path.substring(0, LONGEST_SHOWN) + "…";
  }

  private JsonNode tree(String path, String answer) {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw failed(path, "got no JSON", e);
    }
  }

  /** The answer; empty if there is nothing of this path. */
  private Optional<String> get(String path, long deadline) {
    long pause = FIRST_PAUSE_MILLIS;
    for (int tries = 1; ; tries++) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      try {
        return Optional.of(getOnce(path, deadline));
      } catch (FileNotFoundException e) {
        return Optional.empty();
      } catch (InterruptedIOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw failed(path, "was interrupted", e);
        }
        requireTime(left, pause, path, tries, e);
      } catch (IOException e) {
        requireTime(left, pause, path, tries, e);
      }
      sleep(pause, path);
      pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
    }
  }

  private void requireTime(long left, long pause, String path, int tries, IOException e) {
    if (left <= pause) {
      throw failed(
          path,
          "got in %d ms, asked %d times: %s".formatted(settings.timeoutMillis(), tries, e),
          e);
    }
  }

  private String getOnce(String path, long deadline) throws IOException {
    int timeoutMillis = (int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
    HttpURLConnection http =
        (HttpURLConnection) URI.create(settings.url() + path).toURL().openConnection();
    http.setConnectTimeout(timeoutMillis);
    http.setReadTimeout(timeoutMillis);
    http.setInstanceFollowRedirects(false); // credentials go where they were meant to
    http.setUseCaches(false);
    authenticate(http);
    int status = http.getResponseCode();
    if (status == 401 || status == 403) {
      throw failed(path, "was refused with HTTP " + status, null);
    }
    if (NONE.contains(status)) {
      http.disconnect();
      throw new FileNotFoundException(path);
    }
    if (status != 200) {
      http.disconnect();
      throw new IOException("HTTP " + status);
    }
    try (InputStream in = http.getInputStream()) {
      return read(in, path, deadline);
    }
  }

  /** The socket's timeout is for each read of it, and there may be many. */
  private String read(InputStream in, String path, long deadline) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    for (int n = in.read(part); n >= 0; n = in.read(part)) {
      answer.write(part, 0, n);
      if (answer.size() > LONGEST_ANSWER) {
        throw failed(path, "got more than " + LONGEST_ANSWER + " bytes", null);
      }
      if (System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("the answer takes too long");
      }
    }
    return answer.toString(UTF_8);
  }

  private void authenticate(HttpURLConnection http) {
    if (settings.token() != null) {
      http.setRequestProperty("Authorization", "Bearer " + settings.token());
    } else if (settings.user() != null) {
      String pair = settings.user() + ":" + settings.password();
      http.setRequestProperty(
          "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
    }
  }

  private void sleep(long millis, String path) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(path, "was interrupted", e);
    }
  }

  private RegistryException failed(String path, String got, Throwable cause) {
    return new RegistryException(
        "schema registry: expected an answer of " + settings.url() + path + ", " + got, cause);
  }
}
