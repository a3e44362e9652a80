package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's own example: an input and what the trainer's model made of it, from {@code input.json},
 * {@code input.safetensors} and {@code expected.safetensors}.
 *
 * <p>B batch size, K keys, N dense features. The KJT is key-major: all bags of key 0, then of key
 * 1.
 *
 * @param keys the KJT's keys, in its order
 * @param batchSize B
 * @param denseFeatures [B, N] row-major; empty where the sample has none (a collection)
 * @param values ids of all bags
 * @param lengths [K·B], their sum is the number of values
 * @param weights one for each value, empty Optional for an unweighted sample
 * @param expected the outputs by name, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ParitySample(
    List<String> keys,
    int batchSize,
    float[] denseFeatures,
    long[] values,
    int[] lengths,
    Optional<float[]> weights,
    Map<String, double[]> expected) {

  private static final List<String> FILES =
      List.of("input.json", "input.safetensors", "expected.safetensors");

  public ParitySample {
    keys = List.copyOf(keys);
  }

  /**
   * Empty if the directory has none of the three files. A delta's base is not asked: its outputs
   * are another model's.
   *
   * @throws InvalidModelException if only some are there, or they do not fit each other
   * @throws InvalidConfigurationException naming the mistakes of input.json
   */
  public static Optional<ParitySample> read(ModelDirectory directory) {
    List<String> missing = FILES.stream().filter(name -> directory.file(name).isEmpty()).toList();
    if (missing.size() == FILES.size()) {
      return Optional.empty();
    }
    if (!missing.isEmpty()) {
      throw new InvalidModelException(
          directory.path() + ": expected all or none of " + FILES + ", got no " + missing);
    }
    Path input = directory.path().resolve(FILES.get(0));
    ObjectNode object = StrictJson.readObject(input);
    Problems problems = new Problems(input.toString());
    JsonFields fields = new JsonFields(object, "", problems);
    List<String> keys = fields.strings("keys");
    int batchSize = (int) fields.positive("batch_size", Integer.MAX_VALUE);
    fields.rejectUnknown();
    problems.throwIfAny();
    try (SafetensorsFile tensors = SafetensorsFile.open(directory.path().resolve(FILES.get(1)))) {
      return Optional.of(
          new ParitySample(
              keys,
              batchSize,
              denseFeatures(tensors, batchSize),
              tensors.readLongs("values"),
              lengths(tensors, keys.size(), batchSize),
              weights(tensors),
              expected(directory.path().resolve(FILES.get(2)))));
    }
  }

  private static float[] denseFeatures(SafetensorsFile tensors, int batchSize) {
    TensorInfo dense = tensors.tensors().get("dense_features");
    if (dense == null) {
      return new float[0];
    }
    if (dense.shape().size() != 2 || dense.shape().get(0) != batchSize) {
      throw invalid(tensors, "dense_features", "shape [" + batchSize + ", N]", dense.shape());
    }
    return tensors.readFloats("dense_features");
  }

  private static int[] lengths(SafetensorsFile tensors, int keys, int batchSize) {
    long[] lengths = tensors.readLongs("lengths");
    if (lengths.length != (long) keys * batchSize) {
      throw invalid(
          tensors, "lengths", (long) keys * batchSize + " of them", lengths.length + " of them");
    }
    long values = tensors.tensors().get("values").elements();
    long sum = 0;
    int[] narrowed = new int[lengths.length];
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 0 || lengths[i] > values - sum) {
        throw invalid(
            tensors, "lengths", "lengths from 0 that sum to " + values, lengths[i] + " at " + i);
      }
      sum += lengths[i];
      narrowed[i] = (int) lengths[i];
    }
    if (sum != values) {
      throw invalid(tensors, "lengths", "lengths that sum to " + values, sum);
    }
    return narrowed;
  }

  private static Optional<float[]> weights(SafetensorsFile tensors) {
    TensorInfo weights = tensors.tensors().get("weights");
    if (weights == null) {
      return Optional.empty();
    }
    long values = tensors.tensors().get("values").elements();
    if (weights.elements() != values) {
      throw invalid(tensors, "weights", values + " of them", weights.elements());
    }
    return Optional.of(tensors.readFloats("weights"));
  }

  private static Map<String, double[]> expected(Path path) {
    Map<String, double[]> expected = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : file.tensors().keySet()) {
        expected.put(name, file.readDoubles(name));
      }
    }
    return expected;
  }

  private static InvalidModelException invalid(
      SafetensorsFile file, String tensor, String expected, Object got) {
    return new InvalidModelException(
        file.path() + ": tensor " + tensor + ": expected " + expected + ", got " + got);
  }
}
