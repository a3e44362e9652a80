package io.github.flinkdeepfm.pipeline.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One sparse feature: a bag of categories, each of which has an effect on the logit. */
final class SparseField {
  private static final int LONGEST_BAG = 5;

  /** How a category is written, and which row of the table it is. */
  enum Encoding {
    /** The integer c, row c. */
    ID,
    /** Eight hexadecimal digits that are c modulo the table's rows; row c. */
    HEX,
    /** A word; row c + 1, for row 0 is the unknown word. */
    VOCABULARY
  }

  /**
   * What is known of a feature before anything is drawn.
   *
   * @param categories how many there are
   * @param multiValued bags of 0 to 5; else of one
   * @param missingShare share of events without it, 0 to 1
   */
  record Shape(
      String name, Encoding encoding, int categories, boolean multiValued, double missingShare) {}

  private final Shape shape;
  private final ZipfSampler sampler;
  private final double[] effects;
  private final byte[] prefix;
  private final byte[] texts;
  private final int[] starts;

  /**
   * @param effectSize standard deviation of the effects
   * @param random draws frequencies, spelling and effects
   */
  SparseField(Shape shape, boolean first, double effectSize, SplittableRandom random) {
    this.shape = shape;
    sampler = new ZipfSampler(shape.categories, 1.0 + 0.2 * random.nextDouble(), random);
    effects = new double[shape.categories];
    TextBuffer spelled = new TextBuffer();
    starts = new int[shape.categories + 1];
    for (int c = 0; c < shape.categories; c++) {
      effects[c] = effectSize * random.nextGaussian();
      spelled.put(spell(c, random).getBytes(US_ASCII));
      starts[c + 1] = spelled.length();
    }
    texts = spelled.toByteArray();
    prefix = ((first ? "\"" : ",\"") + shape.name + "\":").getBytes(US_ASCII);
  }

  private String spell(int category, SplittableRandom random) {
    return switch (shape.encoding) {
      case ID -> Integer.toString(category);
      case HEX -> {
        long multiples = (1L << 32) / shape.categories - 1;
        yield String.format("\"%08x\"", category + shape.categories * random.nextLong(multiples));
      }
      case VOCABULARY -> "\"w" + category + "\"";
    };
  }

  Shape shape() {
    return shape;
  }

  /** Rows of the table that its encoding needs. */
  int rows() {
    return shape.encoding == Encoding.VOCABULARY ? shape.categories + 1 : shape.categories;
  }

  int row(int category) {
    return shape.encoding == Encoding.VOCABULARY ? category + 1 : category;
  }

  double effect(int category) {
    return effects[category];
  }

  /** The words of a vocabulary, by category. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    for (int c = 0; c < shape.categories; c++) {
      words.add(new String(texts, starts[c] + 1, starts[c + 1] - starts[c] - 2, US_ASCII));
    }
    return words;
  }

  /**
   * Writes one bag.
   *
   * @param drawn drawn[slot] becomes the category, or -1 if there is not exactly one
   * @return what the bag adds to the logit
   */
  double write(SplittableRandom random, TextBuffer out, int[] drawn, int slot) {
    drawn[slot] = -1;
    if (shape.missingShare > 0 && random.nextDouble() < shape.missingShare) {
      return 0;
    }
    out.put(prefix);
    if (!shape.multiValued && shape.encoding != Encoding.ID) {
      int category = sampler.next(random);
      drawn[slot] = category;
      out.put(texts, starts[category], starts[category + 1]);
      return effects[category];
    }
    int count = shape.multiValued ? random.nextInt(LONGEST_BAG + 1) : 1;
    double sum = 0;
    out.put('[');
    for (int i = 0; i < count; i++) {
      int category = sampler.next(random);
      if (i > 0) {
        out.put(',');
      }
      out.put(texts, starts[category], starts[category + 1]);
      sum += effects[category];
      drawn[slot] = count == 1 ? category : -1;
    }
    out.put(']');
    return sum;
  }
}
