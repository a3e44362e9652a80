package io.github.flinkdeepfm.model.features;

import java.util.List;
import java.util.Optional;

/**
 * One key of the KJT.
 *
 * @param name the model's feature name
 * @param source JSON pointer to the element or the array of elements
 * @param weightsSource JSON pointer to their weights; used by weighted models only
 * @param encoding how an element becomes an id
 * @param maxLength elements of a bag that are kept, from its start; {@link #UNLIMITED} or 1 or more
 * @param defaultElements the bag of an event that has none: raw elements, each as JSON, that the
 *     encoding takes, at most maxLength; without it the bag is empty
 */
public record SparseFeature(
    String name,
    String source,
    String weightsSource,
    Encoding encoding,
    int maxLength,
    Optional<List<String>> defaultElements) {

  /** {@link #maxLength} of a feature whose bags are not cut. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  public SparseFeature {
    defaultElements = defaultElements.map(List::copyOf);
  }

  /** Without a default. */
  public SparseFeature(
      String name, String source, String weightsSource, Encoding encoding, int maxLength) {
    this(name, source, weightsSource, encoding, maxLength, Optional.empty());
  }
}
