package io.github.flinkdeepfm.model.features;

import java.util.List;
import java.util.OptionalDouble;

/**
 * One dense column.
 *
 * @param name the feature's name
 * @param source JSON pointer into the event
 * @param transforms applied in order
 * @param defaultValue raw value of a null or absent feature; it goes through the transforms
 */
public record DenseFeature(
    String name, String source, List<Transform> transforms, OptionalDouble defaultValue) {

  public DenseFeature {
    transforms = List.copyOf(transforms);
  }

  /** The model's input for a raw value, rounded to f32 once, after the last transform. */
  float transform(double raw) {
    double value = raw;
    for (int i = 0; i < transforms.size(); i++) {
      value = transforms.get(i).apply(value);
    }
    return (float) value;
  }
}
