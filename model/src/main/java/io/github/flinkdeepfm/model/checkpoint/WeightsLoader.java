package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts a full version and the deltas on it together. */
final class WeightsLoader {

  private final ModelConfig config;
  private final Map<String, float[]> dense = new HashMap<>();
  private final Map<ModelWeights.Source, MappedTable> mapped = new LinkedHashMap<>();
  private final Set<MappedTable> shared = new HashSet<>();
  private final Optional<ModelWeights> donor;
  private final List<MappedTable> baseTables = new ArrayList<>();
  private final Map<String, List<OverlayTable.Layer>> layersOfTable = new HashMap<>();
  private long changedRows;

  private WeightsLoader(ModelConfig config, Optional<ModelWeights> donor) {
    this.config = config;
    this.donor = donor;
  }

  /**
   * @param full directory of a full version
   * @param deltas directories of the deltas on it, oldest first
   * @param donor open weights; tables that it maps from the same files are shared with it
   * @throws InvalidModelException if any file is not what {@code config} needs
   */
  static ModelWeights load(
      ModelConfig config, Path full, List<Path> deltas, Optional<ModelWeights> donor) {
    WeightsLoader loader = new WeightsLoader(config, donor);
    boolean loaded = false;
    try {
      loader.readFull(full);
      for (Path delta : deltas) {
        loader.readDelta(delta.resolve(ModelDirectory.DELTA));
      }
      ModelWeights weights = loader.weights();
      loaded = true;
      return weights;
    } finally {
      if (!loaded) {
        loader.mapped.values().forEach(MappedTable::close);
      }
    }
  }

  private void readFull(Path directory) {
    try (TensorFiles files = TensorFiles.open(directory)) {
      files.check(StateDict.of(config));
      changedRows = config.tables().stream().mapToLong(EmbeddingBagConfig::numEmbeddings).sum();
      for (StateDict.Entry entry : StateDict.dense(config)) {
        dense.put(entry.name(), files.fileOf(entry.name()).readFloats(entry.name()));
      }
      for (EmbeddingBagConfig table : config.tables()) {
        String name = StateDict.tableName(config, table);
        baseTables.add(map(files.fileOf(name), name, table));
      }
    }
  }

  private void readDelta(Path path) {
    changedRows = 0; // Those of the newest delta count.
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      Problems problems = new Problems(path.toString());
      Map<String, TensorInfo> unexpected = new LinkedHashMap<>(file.tensors());
      for (StateDict.Entry entry : StateDict.dense(config)) {
        TensorInfo tensor = unexpected.remove(entry.name());
        if (tensor != null) {
          TensorFiles.check(entry, tensor, problems);
        }
      }
      for (EmbeddingBagConfig table : config.tables()) {
        checkLayer(
            table,
            unexpected.remove(StateDict.deltaRows(table)),
            unexpected.remove(StateDict.deltaValues(table)),
            problems);
      }
      unexpected
          .keySet()
          .forEach(
              name ->
                  problems.expected(
                      "tensor " + Text.quote(name),
                      "<table>.rows, <table>.values or a dense parameter of this model",
                      "neither"));
      if (!problems.isEmpty()) {
        throw Text.invalid(path, problems.list());
      }
      for (StateDict.Entry entry : StateDict.dense(config)) {
        if (file.tensors().containsKey(entry.name())) {
          dense.put(entry.name(), file.readFloats(entry.name()));
        }
      }
      for (EmbeddingBagConfig table : config.tables()) {
        readLayer(file, table);
      }
    }
  }

  private static void checkLayer(
      EmbeddingBagConfig table, TensorInfo rows, TensorInfo values, Problems problems) {
    if (rows == null && values == null) {
      return;
    }
    if (rows == null || values == null) {
      problems.expected(
          "table " + table.name(),
          "both of " + StateDict.deltaRows(table) + " and " + StateDict.deltaValues(table),
          "only " + (rows == null ? values : rows).name());
      return;
    }
    if (!rows.is(Dtype.I64) || rows.shape().size() != 1) {
      problems.expected("tensor " + rows.name(), "I64 [n]", rows.shown());
      return;
    }
    TensorFiles.check(
        new StateDict.Entry(
            values.name(),
            Dtype.of(table.dataType()),
            List.of(rows.shape().get(0), (long) table.embeddingDim())),
        values,
        problems);
  }

  private void readLayer(SafetensorsFile file, EmbeddingBagConfig table) {
    TensorInfo rowsTensor = file.tensors().get(StateDict.deltaRows(table));
    if (rowsTensor == null || rowsTensor.elements() == 0) {
      return;
    }
    long[] rows = file.readLongs(rowsTensor.name());
    long previous = -1;
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] <= previous || rows[i] >= table.numEmbeddings()) {
        throw new InvalidModelException(
            file.path()
                + ": tensor "
                + rowsTensor.name()
                + ": expected rows ascending from 0, each once, below "
                + table.numEmbeddings()
                + ", got "
                + rows[i]
                + " at "
                + i
                + (i == 0 ? "" : " after " + previous));
      }
      previous = rows[i];
    }
    changedRows += rows.length;
    MappedTable values = map(file, StateDict.deltaValues(table), table);
    layersOfTable
        .computeIfAbsent(table.name(), name -> new ArrayList<>())
        .add(new OverlayTable.Layer(rows, values));
  }

  private MappedTable map(SafetensorsFile file, String name, EmbeddingBagConfig table) {
    ModelWeights.Source source = new ModelWeights.Source(file.path(), name);
    Optional<MappedTable> known = donor.flatMap(weights -> weights.share(source));
    known.ifPresent(shared::add);
    MappedTable mappedTable = known.orElseGet(() -> file.mapTable(name, table.dataType()));
    mapped.put(source, mappedTable);
    return mappedTable;
  }

  private ModelWeights weights() {
    List<EmbeddingTable> tables = new ArrayList<>();
    for (int i = 0; i < baseTables.size(); i++) {
      List<OverlayTable.Layer> layers = layersOfTable.get(config.tables().get(i).name());
      tables.add(layers == null ? baseTables.get(i) : new OverlayTable(baseTables.get(i), layers));
    }
    return new ModelWeights(config, dense, tables, mapped, shared, changedRows);
  }
}
