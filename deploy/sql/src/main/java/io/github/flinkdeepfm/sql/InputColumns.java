package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.DenseFeature;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.features.GuardedDecoder;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.features.RowWriter;
import io.github.flinkdeepfm.model.features.SparseFeature;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.ModelLocation;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * The input columns of a model, which have the names of its features. What a column is for, its
 * version's {@code features.json} says; so each version gets its own encoder.
 */
final class InputColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, InputColumn> columns = new LinkedHashMap<>();
  private final String weightsSuffix;

  private InputColumns(String weightsSuffix) {
    this.weightsSuffix = weightsSuffix;
  }

  static InputColumns of(ResolvedSchema schema, String weightsSuffix) {
    InputColumns input = new InputColumns(weightsSuffix);
    for (Column column : schema.getColumns()) {
      LogicalType type = column.getDataType().getLogicalType();
      input.columns.put(
          column.getName(), new InputColumn(column.getName(), type, input.columns.size()));
    }
    return input;
  }

  /**
   * The same columns as a query gives them.
   *
   * @param arguments the types of the query's columns, in the order of these
   * @throws ValidationException if one cannot be read as what the model declares
   */
  InputColumns of(List<DataType> arguments) {
    InputColumns bound = new InputColumns(weightsSuffix);
    int position = 0;
    for (InputColumn column : columns.values()) {
      LogicalType argument = arguments.get(position++).getLogicalType();
      if (!ColumnTypes.isCast(argument, column.type())) {
        throw new ValidationException(
            "ML_PREDICT: expected %s as column %s, got %s (use CAST)"
                .formatted(
                    column.type().asSummaryString(), column.name(), argument.asSummaryString()));
      }
      bound.columns.put(column.name(), column.of(argument));
    }
    return bound;
  }

  /**
   * Holds the columns against the features of the version to start with. One that is not on a
   * mounted file system is checked when the job starts.
   *
   * @param mistakes gets every missing, surplus or wrongly typed column
   */
  void check(ModelLocation start, List<String> mistakes) {
    if (ModelLocation.isRemote(start.directory())) {
      return;
    }
    ModelDirectory directory = ModelDirectory.open(Path.of(start.directory()));
    FeaturesConfig features = FeaturesConfigReader.read(directory);
    Encoder encoder = new Encoder();
    encoder.bind(features, directory.config(), mistakes);
    TreeSet<String> surplus = new TreeSet<>(columns.keySet());
    surplus.removeAll(encoder.used);
    if (!surplus.isEmpty()) {
      mistakes.add("input: expected features of the model only, got also " + surplus);
    }
  }

  /**
   * Encodes rows for a version. Columns that are no features of it are passed over, as unknown
   * fields of an event are: a version may have done without a feature.
   *
   * @throws InvalidConfigurationException if the version has a feature without a column, or one
   *     whose column has another type
   */
  RowEncoder<RowData> encoder(ServingModel model) {
    Encoder encoder = new Encoder();
    List<String> mistakes = new ArrayList<>();
    encoder.bind(model.features(), model.config(), mistakes);
    if (!mistakes.isEmpty()) {
      throw new InvalidConfigurationException("columns of the SQL model", mistakes);
    }
    return encoder;
  }

  private final class Encoder implements RowEncoder<RowData> {
    private static final long serialVersionUID = 1L;

    private final List<InputColumn> dense = new ArrayList<>();
    private final List<InputColumn> bags = new ArrayList<>();
    private final Map<String, InputColumn> weights = new LinkedHashMap<>();
    private final TreeSet<String> used = new TreeSet<>();

    void bind(FeaturesConfig features, ModelConfig model, List<String> mistakes) {
      for (DenseFeature feature : features.dense()) {
        bind(feature.name(), ColumnTypes::isDense, ColumnTypes.DENSE, dense, mistakes);
      }
      for (SparseFeature feature : features.sparse()) {
        if (used.contains(feature.name())) {
          mistakes.add(
              "input: expected features of different names, got a dense and a sparse "
                  + feature.name());
        } else {
          bind(
              feature.name(),
              type -> ColumnTypes.isBag(type, feature.encoding()),
              ColumnTypes.bag(feature.encoding()),
              bags,
              mistakes);
        }
      }
      if (model.isWeighted()) {
        features.sparse().forEach(feature -> bindWeights(feature.name(), mistakes));
      }
    }

    private void bind(
        String name,
        Predicate<LogicalType> takes,
        String expected,
        List<InputColumn> into,
        List<String> mistakes) {
      InputColumn column = columns.get(name);
      used.add(name);
      if (column == null) {
        mistakes.add("input: expected a column %s, %s, got none".formatted(name, expected));
      } else if (!takes.test(column.type())) {
        mistakes.add(wrong(column, expected));
      } else {
        into.add(column);
      }
    }

    /** Without one all weights are 1. */
    private void bindWeights(String feature, List<String> mistakes) {
      InputColumn column = columns.get(feature + weightsSuffix);
      if (column == null || used.contains(column.name())) {
        return;
      }
      used.add(column.name());
      if (ColumnTypes.isWeights(column.type())) {
        weights.put(feature, column);
      } else {
        mistakes.add(wrong(column, ColumnTypes.WEIGHTS));
      }
    }

    private static String wrong(InputColumn column, String expected) {
      return "input: expected %s as column %s, got %s"
          .formatted(expected, column.name(), column.type().asSummaryString());
    }

    /** A row that this fails at is one that cannot be scored, as 'on-error' has it. */
    @Override
    public void encode(RowData row, RowWriter writer) {
      try {
        write(row, writer);
      } catch (RuntimeException e) {
        GuardedDecoder.requireFaultOfEvent(e);
        writer.reject(
            DeadLetterReason.DECODER_FAILED, RejectedEventException.decoderFailed(e).detail());
      }
    }

    private void write(RowData row, RowWriter writer) {
      for (InputColumn column : dense) {
        column.writeDense(row, writer);
      }
      for (InputColumn column : bags) {
        column.writeBag(row, writer);
      }
      weights.forEach((feature, column) -> column.writeWeights(feature, row, writer));
    }
  }
}
