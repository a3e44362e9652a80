package io.github.flinkdeepfm.model.features;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One dense column.
 *
 * @param name as in features.json; names the column in messages
 * @param source JSON pointer to the raw number
 * @param transforms applied in order, in double; the result is rounded to f32
 * @param defaultValue the raw value of a null or absent field, goes through the transforms too;
 *     without one such an event is a dead letter
 */
public record DenseFeature(
    String name, String source, List<Transform> transforms, OptionalDouble defaultValue) {

  public DenseFeature {
    transforms = List.copyOf(transforms);
  }

  /** The column's value for a raw one; not finite if it does not fit f32. */
  public float transform(double raw) {
    double x = raw;
    for (int i = 0; i < transforms.size(); i++) { // no iterator for each value
      x = transforms.get(i).apply(x);
    }
    return (float) x;
  }
}
