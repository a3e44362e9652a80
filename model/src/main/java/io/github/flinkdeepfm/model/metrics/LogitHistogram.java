package io.github.flinkdeepfm.model.metrics;

/**
 * How often each logit occurred, in constant memory: equal bins over the logits -16 to 16; what
 * lies outside counts in the outermost bin. Bins of the logit, not of the probability, stay fine
 * for click rates near 0. Not thread-safe.
 */
public final class LogitHistogram {
  /** Bins of 1/2048 of a logit. */
  public static final int FINE = 1 << 16;

  private static final double LIMIT = 16;

  private final long[] counts;
  private final double binsPerUnit;
  private long total;

  /**
   * @param bins how many, at least 1
   */
  public LogitHistogram(int bins) {
    counts = new long[bins];
    binsPerUnit = bins / (2 * LIMIT);
  }

  /**
   * Adds one logit.
   *
   * @param logit not NaN
   */
  public void add(double logit) {
    int bin = (int) ((logit + LIMIT) * binsPerUnit);
    counts[Math.min(counts.length - 1, Math.max(0, bin))]++;
    total++;
  }

  /** Adds what another histogram of as many bins counted. */
  public void add(LogitHistogram other) {
    if (other.counts.length != counts.length) {
      throw new IllegalArgumentException(
          "expected a histogram of %d bins, got %d".formatted(counts.length, other.counts.length));
    }
    for (int bin = 0; bin < counts.length; bin++) {
      counts[bin] += other.counts[bin];
    }
    total += other.total;
  }

  public int bins() {
    return counts.length;
  }

  /** Logits in a bin, 0 to {@link #bins()} - 1. */
  public long count(int bin) {
    return counts[bin];
  }

  /** All logits added. */
  public long total() {
    return total;
  }

  /** The smallest logit of a bin; for {@link #bins()}, the end of the last. */
  public double lower(int bin) {
    return bin / binsPerUnit - LIMIT;
  }

  /** The middle of a bin. */
  public double middle(int bin) {
    return (bin + 0.5) / binsPerUnit - LIMIT;
  }

  /**
   * The bin of the logit that {@code rank} others precede.
   *
   * @param rank 0 to {@link #total()} - 1
   */
  public int binOfRank(long rank) {
    long seen = 0;
    for (int bin = 0; bin < counts.length; bin++) {
      seen += counts[bin];
      if (rank < seen) {
        return bin;
      }
    }
    throw new IllegalArgumentException("expected a rank below %d, got %d".formatted(total, rank));
  }
}
