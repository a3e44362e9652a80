package io.github.flinkdeepfm.model.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * How far predicted probabilities are from observed rates: the bins of a reliability diagram and
 * the expected calibration error, {@code ECE = Σ (n / N) · |mean predicted - rate|} (Naeini et al.
 * 2015; Guo et al. 2017). Bins of equal width, updated one by one. Not thread-safe.
 */
public final class Calibration {
  private final long[] counts;
  private final long[] positives;
  private final double[] predicted;

  /** Predictions of one bin: how many, their mean, and the share of them that were positive. */
  public record Bin(long count, double meanPredicted, double rate) {}

  /**
   * @param bins of equal width over 0 to 1
   */
  public Calibration(int bins) {
    counts = new long[bins];
    positives = new long[bins];
    predicted = new double[bins];
  }

  /**
   * Adds one prediction.
   *
   * @param probability 0 to 1
   */
  public void add(double probability, boolean label) {
    int bin = Math.min(counts.length - 1, (int) (probability * counts.length));
    counts[bin]++;
    predicted[bin] += probability;
    if (label) {
      positives[bin]++;
    }
  }

  /** Those bins that hold predictions, ascending. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        bins.add(new Bin(counts[i], predicted[i] / counts[i], (double) positives[i] / counts[i]));
      }
    }
    return bins;
  }

  /**
   * Bins of about equally many predictions, which click rates near 0 need: there, equal widths put
   * everything into one bin. Predictions of one histogram bin stay together, and count with the
   * probability of its middle.
   *
   * @param bins at most so many
   */
  public static List<Bin> equalMass(AucHistogram predictions, int bins) {
    LogitHistogram positives = predictions.positives();
    LogitHistogram negatives = predictions.negatives();
    long total = positives.total() + negatives.total();
    List<Bin> result = new ArrayList<>();
    long before = 0;
    long count = 0;
    long positive = 0;
    double predicted = 0;
    for (int fine = 0; fine < positives.bins(); fine++) {
      long here = positives.count(fine) + negatives.count(fine);
      count += here;
      positive += positives.count(fine);
      predicted += here / (1 + Math.exp(-positives.middle(fine)));
      if (count > 0 && (before + count) * bins >= total * (result.size() + 1L)) {
        result.add(new Bin(count, predicted / count, (double) positive / count));
        before += count;
        count = 0;
        positive = 0;
        predicted = 0;
      }
    }
    return result;
  }

  /** Expected calibration error of bins; NaN without predictions. */
  public static double expectedError(List<Bin> bins) {
    double total = 0;
    double error = 0;
    for (Bin bin : bins) {
      total += bin.count();
      error += bin.count() * Math.abs(bin.meanPredicted() - bin.rate());
    }
    return error / total;
  }
}
