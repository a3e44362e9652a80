package io.github.flinkdeepfm.pipeline.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.SplittableRandom;

/**
 * One dense feature: a skewed count, sometimes null. The truth is linear in log1p of the count;
 * null counts as 0.
 */
final class DenseField {
  private static final int DISTINCT = 512;
  private static final byte[] NULL = "null".getBytes(US_ASCII);

  private final String name;
  private final double weight;
  private final double nullShare;
  private final byte[] prefix;
  private final byte[][] texts = new byte[DISTINCT][];
  private final double[] effects = new double[DISTINCT];

  /**
   * @param weight of log1p(count) in the logit
   * @param nullShare 0 to 1
   * @param random draws the counts, from a log-normal distribution
   */
  DenseField(String name, boolean first, double weight, double nullShare, SplittableRandom random) {
    this.name = name;
    this.weight = weight;
    this.nullShare = nullShare;
    prefix = ((first ? "\"" : ",\"") + name + "\":").getBytes(US_ASCII);
    double location = 0.5 + 3 * random.nextDouble();
    for (int i = 0; i < DISTINCT; i++) {
      long count = (long) StrictMath.exp(location + random.nextGaussian());
      texts[i] = Long.toString(count).getBytes(US_ASCII);
      effects[i] = weight * StrictMath.log1p((double) count);
    }
  }

  String name() {
    return name;
  }

  double weight() {
    return weight;
  }

  /** A feature that is never null has no default: its absence is an error. */
  boolean required() {
    return nullShare == 0;
  }

  /** Writes one value; returns what it adds to the logit. */
  double write(SplittableRandom random, TextBuffer out) {
    out.put(prefix);
    long bits = random.nextLong();
    if ((bits >>> 32) * 0x1p-32 < nullShare) {
      out.put(NULL);
      return 0;
    }
    int i = (int) bits & DISTINCT - 1;
    out.put(texts[i]);
    return effects[i];
  }
}
