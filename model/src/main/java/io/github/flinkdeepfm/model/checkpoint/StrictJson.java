package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the JSON documents of a model directory: one object, no key twice, bounded. */
public final class StrictJson {
  static final int MAX_BYTES = 64 << 20;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /**
   * Reads a whole file.
   *
   * @throws InvalidModelException if the file is not there or cannot be read
   * @throws InvalidConfigurationException if it is not one JSON object
   */
  public static ObjectNode readObject(Path file) {
    return readObject(file, MAX_BYTES);
  }

  /** As {@link #readObject(Path)}, of a document that has a bound of its own. */
  static ObjectNode readObject(Path file, int maxBytes) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(maxBytes + 1);
    } catch (IOException e) {
      throw new InvalidModelException(file + ": expected a readable file, got " + e, e);
    }
    if (bytes.length > maxBytes) {
      throw invalid(file.toString(), "at most " + maxBytes + " bytes, got more");
    }
    try {
      return parseObject(
          file.toString(),
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw invalid(file.toString(), "UTF-8, got other bytes");
    }
  }

  /**
   * @param document names the text in errors
   */
  static ObjectNode parseObject(String document, String text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node instanceof ObjectNode object) {
        return object;
      }
      throw invalid(document, "a JSON object, got " + node.getNodeType());
    } catch (JsonProcessingException e) {
      throw invalid(document, "JSON, got " + e.getMessage());
    }
  }

  private static InvalidConfigurationException invalid(String document, String problem) {
    return new InvalidConfigurationException(document, List.of("expected " + problem));
  }
}
