package io.github.flinkdeepfm.model.features;

/**
 * One sparse feature, a bag of ids.
 *
 * @param name the KJT's key
 * @param source JSON pointer to its value
 * @param weightsSource JSON pointer to its weights; used by weighted models only
 * @param encoding how its elements become ids
 * @param maxLength longer bags keep their first elements
 */
public record SparseFeature(
    String name, String source, String weightsSource, Encoding encoding, int maxLength) {

  /** {@link #maxLength} of a feature without a limit. */
  public static final int UNLIMITED = Integer.MAX_VALUE;
}
