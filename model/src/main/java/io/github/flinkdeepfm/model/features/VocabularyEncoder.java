package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** {@link Encoding.Vocabulary}: 1 … n for the words of the list, 0 for all others. */
final class VocabularyEncoder implements IdEncoder {
  private final Map<String, Long> ids = new HashMap<>();
  private final String pointer;

  VocabularyEncoder(Encoding.Vocabulary vocabulary, String pointer) {
    this.pointer = pointer;
    for (String word : vocabulary.words()) {
      ids.put(word, ids.size() + 1L);
    }
  }

  @Override
  public long encode(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_STRING) {
      throw cursor.wrongType("a string", pointer);
    }
    cursor.requireUnicode(pointer);
    Long id = ids.get(cursor.parser.getText());
    return id == null ? 0 : id;
  }
}
