package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.model.checkpoint.Text;
import java.io.IOException;

/** Words for what is wrong with an event: expected, got, where; one line of bounded length. */
final class Rejections {
  private static final int MAX_SHOWN = 80;

  private Rejections() {}

  /** Got is the token at which the parser stands. */
  static RejectedEventException expected(
      DeadLetterReason reason, String expected, JsonParser parser, String pointer)
      throws IOException {
    return new RejectedEventException(
        reason, "expected " + expected + ", got " + shown(parser) + " (" + pointer + ")");
  }

  static RejectedEventException of(DeadLetterReason reason, String message, String pointer) {
    return new RejectedEventException(reason, message + " (" + pointer + ")");
  }

  private static String shown(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "the string " + cut(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + cut(parser.getText());
      default -> parser.getText();
    };
  }

  static String cut(String text) {
    return Text.quote(text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…");
  }
}
