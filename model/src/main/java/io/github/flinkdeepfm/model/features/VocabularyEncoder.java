package io.github.flinkdeepfm.model.features;

import java.util.Arrays;

/** {@link Encoding.Vocabulary}: 1 … n for the words of the list, 0 for all others. */
final class VocabularyEncoder extends IdEncoder {
  private final ByteKeys places = new ByteKeys();

  VocabularyEncoder(Encoding.Vocabulary vocabulary, String pointer) {
    super(pointer);
    for (int i = 0; i < vocabulary.words().size(); i++) {
      char[] word = vocabulary.words().get(i).toCharArray();
      byte[] utf8 = new byte[3 * word.length];
      int length = Utf8.encode(word, 0, word.length, utf8);
      if (length != Utf8.UNPAIRED) { // no event can have such a word
        places.put(Arrays.copyOf(utf8, length), i);
      }
    }
  }

  @Override
  String expected() {
    return "a string";
  }

  @Override
  boolean takesText() {
    return true;
  }

  @Override
  long ofText(byte[] utf8, int from, int to) {
    return places.find(utf8, from, to) + 1L; // absent is -1
  }
}
