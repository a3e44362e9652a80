package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.HeapTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.BitSet;
import java.util.List;

/**
 * Writes what was learnt as the files of a model directory, without a manifest: a publisher checks
 * and announces them. Equal parameters give equal bytes.
 */
public final class CheckpointWriter {
  private final List<Path> documents;

  /**
   * A writer for one model's versions.
   *
   * @param documents features.json and the vocabulary files that it names; copied into every full
   *     version
   */
  public CheckpointWriter(List<Path> documents) {
    this.documents = List.copyOf(documents);
  }

  /**
   * Writes model.json, model.safetensors and the documents, replacing files of these names.
   *
   * @param directory is created if need be
   * @throws TrainingDivergedException if the parameters must not be used
   */
  public void writeFull(DeepFmTrainer trainer, Path directory) throws IOException {
    writeFull(trainer.parameters(), directory);
  }

  /** The same of parameters that no trainer holds, as {@link DeepFmParameters#initial}. */
  public void writeFull(DeepFmParameters parameters, Path directory) throws IOException {
    Files.createDirectories(directory);
    ModelConfig config = parameters.config();
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    for (Path document : documents) {
      Path copy = directory.resolve(document.getFileName().toString());
      Files.copy(document, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    SafetensorsWriter writer = new SafetensorsWriter();
    putDense(parameters, writer);
    for (int t = 0; t < config.tables().size(); t++) {
      HeapTable table = parameters.tables().get(t);
      String name = StateDict.tableName(config, config.tables().get(t));
      writer.put(name, table.values(), table.rows(), table.dim());
    }
    writer.write(directory.resolve(ModelDirectory.TENSORS));
  }

  /**
   * Writes delta.safetensors: the dense parameters and the rows of {@link
   * DeepFmTrainer#changedRows}, which the caller clears when the delta is published.
   *
   * @param directory is created if need be
   * @throws TrainingDivergedException if the parameters must not be used
   */
  public void writeDelta(DeepFmTrainer trainer, Path directory) throws IOException {
    DeepFmParameters parameters = trainer.parameters();
    List<BitSet> changed = trainer.changedRows();
    SafetensorsWriter writer = new SafetensorsWriter();
    putDense(parameters, writer);
    for (int t = 0; t < changed.size(); t++) {
      if (!changed.get(t).isEmpty()) {
        EmbeddingBagConfig config = parameters.config().tables().get(t);
        putRows(config, parameters.tables().get(t), changed.get(t), writer);
      }
    }
    Files.createDirectories(directory);
    writer.write(directory.resolve(ModelDirectory.DELTA));
  }

  private static void putRows(
      EmbeddingBagConfig config, HeapTable table, BitSet rows, SafetensorsWriter writer) {
    int count = rows.cardinality();
    int dim = table.dim();
    writer.put(
        StateDict.deltaRows(config),
        Dtype.I64,
        out -> {
          for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
            out.putLong(row);
          }
        },
        count);
    writer.put(
        StateDict.deltaValues(config),
        Dtype.F32,
        out -> {
          for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
            out.putFloats(table.values(), row * dim, dim);
          }
        },
        count,
        dim);
  }

  private static void putDense(DeepFmParameters parameters, SafetensorsWriter writer) {
    for (StateDict.Entry entry : StateDict.dense(parameters.config())) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      writer.put(entry.name(), parameters.dense(entry.name()), shape);
    }
  }
}
