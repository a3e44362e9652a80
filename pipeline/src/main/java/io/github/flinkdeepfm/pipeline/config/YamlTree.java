package io.github.flinkdeepfm.pipeline.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A YAML document as maps, lists and texts. Every scalar keeps the text that its author wrote, so
 * that a version {@code 000042} is no octal number. Nothing and the empty text are null. Duplicate
 * keys are refused.
 */
final class YamlTree {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String document;
  private final YAMLParser parser;

  private YamlTree(String document, YAMLParser parser) {
    this.document = document;
    this.parser = parser;
  }

  /**
   * @param document names the text in errors
   * @throws InvalidConfigurationException if the text is not one YAML mapping
   */
  static Map<String, Object> parse(String document, String text) {
    try (YAMLParser parser = YAML.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw invalid(document, "expected a mapping of sections, got something else");
      }
      Map<String, Object> root = new YamlTree(document, parser).mapping();
      if (parser.nextToken() != null) {
        throw invalid(document, "expected one YAML document, got more");
      }
      return root;
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " (line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ")";
      throw invalid(
          document, "expected YAML, got: " + withoutSnippets(e.getOriginalMessage()) + where);
    } catch (IOException e) {
      throw invalid(document, "cannot be read: " + e.getMessage());
    }
  }

  private Map<String, Object> mapping() throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      fields.put(key, value());
    }
    return fields;
  }

  private Object value() throws IOException {
    if (parser.isCurrentAlias()) {
      throw invalid(document, "expected no YAML alias, got *" + parser.getText());
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping();
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value());
        }
        yield elements;
      }
      case VALUE_NULL -> null;
      default -> parser.getText().isEmpty() ? null : parser.getText();
    };
  }

  /** The indented lines of the parser's message quote the document, which may hold passwords. */
  private static String withoutSnippets(String message) {
    return message.lines().filter(line -> !line.startsWith(" ")).collect(Collectors.joining(", "));
  }

  private static InvalidConfigurationException invalid(String document, String problem) {
    return new InvalidConfigurationException(document, List.of(problem));
  }
}
