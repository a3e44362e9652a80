package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether a model can be published as a delta of a version. */
final class DeltaBase {
  private DeltaBase() {}

  /**
   * @throws InvalidModelException naming every difference of the two configurations, or that the
   *     chain of deltas would be too long, or that the base has features.json and the model has not
   */
  static void check(ModelDirectory base, ModelDirectory source, boolean hasFeatures) {
    Problems problems = new Problems("");
    compare(base.config(), source.config(), problems);
    if (base.deltas() >= ModelDirectory.MAX_DELTAS) {
      problems.expected(
          "chain",
          "at most " + ModelDirectory.MAX_DELTAS + " deltas on a full version (compact the base)",
          base.deltas() + 1);
    }
    if (!hasFeatures && base.inheritedFile(SourceFiles.FEATURES).isPresent()) {
      // It would be inherited, and the model be fed other columns than it was trained on.
      problems.expected(SourceFiles.FEATURES, "one, as the base has it", "none");
    }
    if (!problems.isEmpty()) {
      throw new InvalidModelException(
          source.path()
              + ": cannot be a delta of "
              + base.version()
              + ":\n  - "
              + String.join("\n  - ", problems.list()));
    }
  }

  private static void compare(ModelConfig base, ModelConfig source, Problems problems) {
    Map<String, EmbeddingBagConfig> baseTables = new LinkedHashMap<>();
    base.tables().forEach(table -> baseTables.put(table.name(), table));
    for (EmbeddingBagConfig table : source.tables()) {
      EmbeddingBagConfig baseTable = baseTables.remove(table.name());
      if (baseTable == null) {
        problems.expected("table " + table.name(), "it in the base", "no such table there");
      } else if (!baseTable.equals(table)) {
        problems.expected("table " + table.name(), baseTable + " as in the base", table);
      }
    }
    baseTables.forEach(
        (name, table) -> problems.expected("table " + name, table + " as in the base", "no table"));
    if (problems.isEmpty() && !base.equals(source)) {
      problems.expected("model.json", base + " as in the base", source);
    }
  }
}
