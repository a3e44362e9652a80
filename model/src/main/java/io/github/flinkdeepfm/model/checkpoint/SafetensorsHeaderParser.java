package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON of a safetensors header, each tensor checked by itself. */
final class SafetensorsHeaderParser {
  static final int MAX_TENSORS = 100_000;
  static final int MAX_RANK = 8;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNumberLength(20)
                  .maxNameLength(10_000)
                  .maxStringLength((int) SafetensorsHeader.MAX_HEADER_BYTES)
                  .build())
          .build();

  private final Path file;
  private final long dataStart;
  private final long dataBytes;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /**
   * @param file names the file in errors
   * @param dataStart where offset 0 lies in the file
   * @param dataBytes what offsets may reach
   */
  SafetensorsHeaderParser(Path file, long dataStart, long dataBytes) {
    this.file = file;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
  }

  /** The tensors in the header's order. */
  Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** What {@code __metadata__} says, empty without it. */
  Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /**
   * @throws InvalidModelException naming file, tensor, expected and found
   */
  void parse(byte[] json) {
    // A strict decoder: the parser's own would guess UTF-16 or UTF-32 from the bytes.
    try (Reader text =
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder());
        JsonParser parser = JSON.createParser(text)) {
      parse(parser);
    } catch (IOException e) {
      throw new InvalidModelException(
          file + ": expected a JSON header, got " + Text.quote(String.valueOf(e.getMessage())), e);
    }
  }

  private void parse(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (name.equals("__metadata__")) {
        parseMetadata(parser);
      } else if (tensors.size() == MAX_TENSORS) {
        throw invalid(file, "at most " + MAX_TENSORS + " tensors", "more");
      } else {
        tensors.put(name, parseTensor(name, parser));
      }
    }
    if (parser.nextToken() != null) {
      throw invalid(file, "one JSON object as the header", "something after it");
    }
  }

  private void parseMetadata(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid(file, "__metadata__ to be an object", parser.currentToken());
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw invalid(
            file, "__metadata__ " + Text.quote(key) + " to be a string", parser.currentToken());
      }
      metadata.put(key, parser.getText());
    }
  }

  private TensorInfo parseTensor(String name, JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw invalid(name, "an object with dtype, shape and data_offsets", parser.currentToken());
    }
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> type = parseType(name, parser);
        case "shape" -> shape = parseSizes(name, "shape", MAX_RANK, parser);
        case "data_offsets" -> offsets = parseSizes(name, "data_offsets", 2, parser);
        default ->
            throw invalid(name, "dtype, shape and data_offsets", "the key " + Text.quote(key));
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw invalid(
          name,
          "dtype, shape and two data_offsets",
          "dtype " + type + ", shape " + shape + ", data_offsets " + offsets);
    }
    return checked(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private String parseType(String name, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw invalid(name, "dtype to be a string", parser.currentToken());
    }
    return parser.getText();
  }

  private List<Long> parseSizes(String name, String key, int limit, JsonParser parser)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw invalid(name, key + " to be an array", parser.currentToken());
    }
    List<Long> sizes = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw invalid(name, key + " of integers from 0 below 2^63", quoteText(parser));
      }
      if (sizes.size() == limit) {
        throw invalid(name, "at most " + limit + " numbers in " + key, "more");
      }
      sizes.add(parser.getLongValue());
    }
    return sizes;
  }

  /** Of a type that the format does not know only the place is checked; no reader takes it. */
  private TensorInfo checked(String name, String type, List<Long> shape, long begin, long end) {
    if (begin > end || end > dataBytes) {
      throw invalid(
          name,
          "data_offsets in order within the " + dataBytes + " bytes of data",
          "[" + begin + ", " + end + "]");
    }
    TensorInfo tensor = new TensorInfo(name, type, shape, dataStart + begin, dataStart + end);
    checkSize(tensor, end - begin);
    return tensor;
  }

  private void checkSize(TensorInfo tensor, long got) {
    long bits;
    try {
      long elements = tensor.elements();
      bits = tensor.dtype().map(t -> Math.multiplyExact(elements, (long) t.bits())).orElse(8 * got);
    } catch (ArithmeticException e) {
      throw invalid(
          tensor.name(), "a shape whose size in bits is below 2^63", "shape " + tensor.shape());
    }
    if (bits % 8 != 0) {
      throw invalid(tensor.name(), "a shape of whole bytes", tensor.shown());
    }
    if (got != bits / 8) {
      throw invalid(
          tensor.name(), bits / 8 + " bytes for " + tensor.shown(), got + " bytes of data");
    }
  }

  private static String quoteText(JsonParser parser) {
    try {
      return Text.quote(parser.getText());
    } catch (IOException e) {
      return parser.currentToken().toString();
    }
  }

  private InvalidModelException invalid(String tensor, String expected, Object got) {
    return new InvalidModelException(
        file + ": tensor " + Text.quote(tensor) + ": expected " + expected + ", got " + got);
  }

  private static InvalidModelException invalid(Path file, String expected, Object got) {
    return new InvalidModelException(file + ": expected " + expected + ", got " + got);
  }
}
