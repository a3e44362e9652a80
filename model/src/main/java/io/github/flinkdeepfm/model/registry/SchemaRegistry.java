package io.github.flinkdeepfm.model.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a registry for schemas by their ids, over the REST API that goes with the framing:
 *
 * <pre>
 *   CONFLUENT              GET {url}/schemas/ids/{id}            {"schema": "…", "references": […]}
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
   * The schema of an id; empty if the registry says that there is none.
   *
   * @throws RegistryException if no answer came in time, or not one of a registry
   */
  public Optional<Schemas> fetch(long id) {
    Schemas known = fetched.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Schemas> schemas = ask(id);
    if (fetched.size() >= MOST_SCHEMAS) {
      fetched.clear();
    }
    schemas.ifPresent(s -> fetched.put(id, s));
    return schemas;
  }

  private Optional<Schemas> ask(long id) {
    String number = Long.toUnsignedString(id);
    boolean confluent = settings.framing() == Framing.CONFLUENT;
    String kind = settings.ids() == RegistrySettings.Ids.GLOBAL ? "globalIds" : "contentIds";
    String path = confluent ? "/schemas/ids/" + number : "/ids/" + kind + "/" + number;
    Optional<String> answer = get(path);
    if (answer.isEmpty() || !confluent) {
      return answer.map(text -> new Schemas(List.of(text)));
    }
    List<String> texts = new ArrayList<>();
    addWithReferences(path, answer.get(), texts);
    return Optional.of(new Schemas(texts));
  }

  private void addWithReferences(String path, String answer, List<String> texts) {
    JsonNode schema = tree(path, answer);
    for (JsonNode reference : schema.path("references")) {
      String subject =
          "/subjects/%s/versions/%d"
              .formatted(
                  URLEncoder.encode(reference.path("subject").asText(), UTF_8).replace("+", "%20"),
                  reference.path("version").asInt());
      String referred =
          get(subject)
              .orElseThrow(() -> failed(subject, "the schema that " + path + " names", null));
      addWithReferences(subject, referred, texts);
    }
    if (!schema.path("schema").isTextual()) {
      throw failed(path, "got an answer without a schema", null);
    }
    String text = schema.path("schema").asText();
    if (!texts.contains(text)) {
      texts.add(text);
    }
  }

  private JsonNode tree(String path, String answer) {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw failed(path, "got no JSON", e);
    }
  }

  /** The answer; empty for 404. */
  private Optional<String> get(String path) {
    long deadline = System.nanoTime() + settings.timeoutMillis() * 1_000_000;
    long pause = FIRST_PAUSE_MILLIS;
    for (int tries = 1; ; tries++) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      try {
        return Optional.of(getOnce(path, (int) Math.max(1, left)));
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

  private String getOnce(String path, int timeoutMillis) throws IOException {
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
    if (status == 404) {
      http.disconnect();
      throw new FileNotFoundException(path);
    }
    if (status != 200) {
      http.disconnect();
      throw new IOException("HTTP " + status);
    }
    try (InputStream in = http.getInputStream()) {
      byte[] answer = in.readNBytes(LONGEST_ANSWER + 1);
      if (answer.length > LONGEST_ANSWER) {
        throw failed(path, "got more than " + LONGEST_ANSWER + " bytes", null);
      }
      return new String(answer, UTF_8);
    }
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
