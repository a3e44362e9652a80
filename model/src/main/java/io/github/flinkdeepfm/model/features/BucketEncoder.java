package io.github.flinkdeepfm.model.features;

/** {@link Encoding.Bucketize}: how many boundaries are at most the number. */
final class BucketEncoder extends IdEncoder {
  private final double[] boundaries;

  BucketEncoder(Encoding.Bucketize bucketize, String pointer) {
    super(pointer);
    boundaries = bucketize.boundaries().stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  String expected() {
    return "a number";
  }

  @Override
  boolean takesText() {
    return false;
  }

  @Override
  long ofInteger(long value) {
    return ofNumber(value);
  }

  @Override
  long ofLarge(String text) {
    return ofNumber(Double.parseDouble(text));
  }

  @Override
  long ofNumber(double x) {
    int low = 0;
    int high = boundaries.length;
    while (low < high) { // boundaries[0, low) ≤ x < boundaries[high, …)
      int middle = (low + high) >>> 1;
      if (boundaries[middle] <= x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
