package io.github.flinkdeepfm.model.features;

/**
 * One key of the KJT.
 *
 * @param name the model's feature name
 * @param source JSON pointer to the element or the array of elements
 * @param weightsSource JSON pointer to their weights; used by weighted models only
 * @param encoding how an element becomes an id
 * @param maxLength elements of a bag that are kept, from its start; {@link #UNLIMITED} or 1 or more
 */
public record SparseFeature(
    String name, String source, String weightsSource, Encoding encoding, int maxLength) {

  /** {@link #maxLength} of a feature whose bags are not cut. */
  public static final int UNLIMITED = Integer.MAX_VALUE;
}
