package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.HeapTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
   * @param documents features.json and the vocabulary files that it names; copied into every
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
  public void write(DeepFmTrainer trainer, Path directory) throws IOException {
    write(trainer.parameters(), directory);
  }

  /** The same of parameters that no trainer holds, as {@link DeepFmParameters#initial}. */
  public void write(DeepFmParameters parameters, Path directory) throws IOException {
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

  private static void putDense(DeepFmParameters parameters, SafetensorsWriter writer) {
    for (StateDict.Entry entry : StateDict.dense(parameters.config())) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      writer.put(entry.name(), parameters.dense(entry.name()), shape);
    }
  }
}
