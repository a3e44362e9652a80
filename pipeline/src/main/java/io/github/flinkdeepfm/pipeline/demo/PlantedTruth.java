package io.github.flinkdeepfm.pipeline.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.flinkdeepfm.pipeline.demo.SparseField.Encoding;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The law that the clicks follow, so that the best possible AUC and logloss are known:
 *
 * <pre>
 * logit = bias + Σ effect(feature, category) + Σ weight · log1p(count) + Σ ±strength(pair)
 * </pre>
 *
 * Criteo-shaped: dense I1 … I13 and sparse C1 … C26 with the category counts of Criteo's Kaggle
 * data set, capped. A pair adds or subtracts its strength as the signs of its two categories agree
 * or not; no sum over single features can express that.
 */
final class PlantedTruth {
  /** Rows of the largest tables of the shape that is called S. */
  static final int LARGEST_TABLE = 2_000;

  private static final double CLICK_RATE = 0.25;
  private static final int CALIBRATION_EVENTS = 20_000;
  private static final byte[] DENSE = "\"dense\":{".getBytes(US_ASCII);
  private static final byte[] SPARSE = "},\"sparse\":{".getBytes(US_ASCII);
  private static final int NUM_DENSE = 13;
  private static final int[] CATEGORIES = {
    1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992,
    5461306, 10, 5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572
  };
  private static final List<Integer> MULTI_VALUED = List.of(13, 18, 19, 25);
  private static final List<Pair> PAIRS =
      List.of(new Pair(0, 13, 0.15), new Pair(5, 7, 0.15), new Pair(14, 22, 0.1));
  private static final double SPARSE_EFFECT = 0.3;
  private static final double DENSE_WEIGHT = 0.09;

  /** Two sparse features by place, and how much their agreement adds to the logit. */
  private record Pair(int first, int second, double strength) {}

  private final List<DenseField> dense = new ArrayList<>();
  private final List<SparseField> sparse = new ArrayList<>();
  private final int[] drawn = new int[CATEGORIES.length];
  private double bias;

  /** The law of one seed, of shape S. */
  PlantedTruth(long seed) {
    this(seed, LARGEST_TABLE);
  }

  /**
   * @param largestTable how many categories a feature has at most
   */
  PlantedTruth(long seed, int largestTable) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < NUM_DENSE; i++) {
      boolean required = i == NUM_DENSE - 1;
      double nullShare = required ? 0 : 0.02 + 0.2 * random.nextDouble();
      double weight = DENSE_WEIGHT * random.nextGaussian();
      dense.add(new DenseField("I" + (i + 1), i == 0, weight, nullShare, random.split()));
    }
    for (int i = 0; i < CATEGORIES.length; i++) {
      sparse.add(
          new SparseField(shape(i + 1, largestTable), i == 0, SPARSE_EFFECT, random.split()));
    }
    bias = calibrate(random.split());
  }

  private static SparseField.Shape shape(int number, int largestTable) {
    int categories = CATEGORIES[number - 1];
    Encoding encoding =
        categories > largestTable
            ? Encoding.HEX
            : categories <= 10 ? Encoding.VOCABULARY : Encoding.ID;
    // Never C1, which has no comma before it, nor C3, which malformed events spoil.
    double missingShare = number % 5 == 0 ? 0.05 : 0;
    return new SparseField.Shape(
        "C" + number,
        encoding,
        Math.min(categories, largestTable),
        MULTI_VALUED.contains(number),
        missingShare);
  }

  List<DenseField> dense() {
    return dense;
  }

  List<SparseField> sparse() {
    return sparse;
  }

  double bias() {
    return bias;
  }

  /**
   * Writes the members {@code dense} and {@code sparse} of one event. Not thread-safe.
   *
   * @return the true logit
   */
  double write(SplittableRandom random, TextBuffer out) {
    double logit = bias;
    out.put(DENSE);
    for (DenseField field : dense) {
      logit += field.write(random, out);
    }
    out.put(SPARSE);
    for (int i = 0; i < sparse.size(); i++) {
      logit += sparse.get(i).write(random, out, drawn, i);
    }
    out.put('}');
    for (Pair pair : PAIRS) {
      logit += pair.strength * sign(drawn[pair.first]) * sign(drawn[pair.second]);
    }
    return logit;
  }

  /** Which half of its feature a category belongs to, in no order of its frequency. */
  private static int sign(int category) {
    if (category < 0) {
      return 0;
    }
    return (category * 0x9E3779B9 >>> 31) == 0 ? 1 : -1;
  }

  /** The bias with which the mean probability is the click rate, by bisection. */
  private double calibrate(SplittableRandom random) {
    TextBuffer scratch = new TextBuffer();
    double[] logits = new double[CALIBRATION_EVENTS];
    for (int i = 0; i < logits.length; i++) {
      scratch.clear();
      logits[i] = write(random, scratch);
    }
    double low = -20;
    double high = 20;
    while (high - low > 1e-6) {
      double middle = (low + high) / 2;
      double mean = 0;
      for (double logit : logits) {
        mean += sigmoid(logit + middle) / logits.length;
      }
      if (mean < CLICK_RATE) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static double sigmoid(double logit) {
    return 1 / (1 + StrictMath.exp(-logit));
  }
}
