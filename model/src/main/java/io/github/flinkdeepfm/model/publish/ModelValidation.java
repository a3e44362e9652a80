package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.serving.ParityReport;
import java.util.Optional;

/** Everything that a model has to satisfy before any of it is copied. */
final class ModelValidation {
  private final ModelChecks checks;

  ModelValidation(ModelChecks checks) {
    this.checks = checks;
  }

  /** Which samples there were; those passed. */
  record Verified(boolean model, boolean encoding) {}

  /**
   * @param weights of the directory
   * @throws InvalidModelException if the model is of a kind that no job can score
   * @throws ModelCheckException naming the first value that is not finite, or the outputs of a
   *     parity sample that are off
   */
  Verified check(ModelDirectory directory, ModelWeights weights) {
    if (directory.config().kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new InvalidModelException(
          directory.path()
              + ": expected a SimpleDeepFMNN, got an EmbeddingBagCollection, which can be verified"
              + " but not scored");
    }
    checkFinite(directory, weights);
    return new Verified(
        passed(directory, "model", checks.model().apply(directory)),
        passed(directory, "encoding", checks.encoding().apply(directory)));
  }

  private static boolean passed(
      ModelDirectory directory, String sample, Optional<ParityReport> report) {
    report
        .filter(r -> !r.passed())
        .ifPresent(
            r -> {
              throw new ModelCheckException(
                  directory.path()
                      + ": parity sample of the "
                      + sample
                      + ": expected every output within tolerance, got "
                      + r.rows().stream().filter(row -> !row.passed()).toList());
            });
    return report.isPresent() && !report.get().isEmpty();
  }

  private static void checkFinite(ModelDirectory directory, ModelWeights weights) {
    for (StateDict.Entry entry : StateDict.dense(directory.config())) {
      float[] values = weights.dense(entry.name());
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw notFinite(directory, entry.name(), "element " + i, values[i]);
        }
      }
    }
    for (int t = 0; t < weights.tables().size(); t++) {
      EmbeddingTable table = weights.tables().get(t);
      float[] row = new float[table.dim()];
      for (long r = 0; r < table.rows(); r++) {
        table.readRow(r, row, 0);
        for (int i = 0; i < row.length; i++) {
          if (!Float.isFinite(row[i])) {
            String name = directory.config().tables().get(t).name();
            throw notFinite(directory, "table " + name, "row " + r + " column " + i, row[i]);
          }
        }
      }
    }
  }

  private static ModelCheckException notFinite(
      ModelDirectory directory, String tensor, String at, float value) {
    return new ModelCheckException(
        directory.path() + ": " + tensor + ": expected finite values, got " + value + " at " + at);
  }
}
