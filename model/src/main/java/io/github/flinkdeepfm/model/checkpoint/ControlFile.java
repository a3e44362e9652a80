package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.Problems;
import java.util.Optional;

/** {@code control.json} of a model root: {@code {"pin": "<version>" | null}}. */
public final class ControlFile {
  private ControlFile() {}

  /**
   * The version that the document pins, if it does.
   *
   * @param document names the text in errors
   * @throws InvalidConfigurationException if the text is not as described
   */
  public static Optional<String> parse(String document, String json) {
    return pin(document, StrictJson.parseObject(document, json));
  }

  static Optional<String> pin(String document, ObjectNode object) {
    Problems problems = new Problems(document);
    JsonFields fields = new JsonFields(object, "", problems);
    Optional<String> pin =
        fields.optional("pin").isEmpty() ? Optional.empty() : fields.string("pin");
    fields.rejectUnknown();
    if (pin.isPresent() && !Text.isVersion(pin.get())) {
      problems.expected("pin", "a version's name", Text.quote(pin.get()));
    }
    problems.throwIfAny();
    return pin;
  }

  /** The document's text. */
  public static String toJson(Optional<String> pin) {
    return StrictJson.MAPPER.createObjectNode().put("pin", pin.orElse(null)) + "\n";
  }
}
