package io.github.flinkdeepfm.sql;

import static io.github.flinkdeepfm.sql.ModelOptions.MODEL_DIRECTORY;
import static io.github.flinkdeepfm.sql.ModelOptions.MODEL_ROOT;
import static io.github.flinkdeepfm.sql.ModelOptions.PIN;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.operators.DeepFmScoring;
import io.github.flinkdeepfm.operators.ModelLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.ExecutionConfigOptions;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/**
 * Makes {@code 'provider'='deepfm'} of a model: finds the version to start with, once, when a
 * statement is planned, and holds the model's columns against its features.
 *
 * <p>All mistakes of a model's declaration are in one {@link ValidationException}.
 */
public final class DeepFmModelProviderFactory implements ModelProviderFactory {
  public static final String IDENTIFIER = "deepfm";

  @Override
  public String factoryIdentifier() {
    return IDENTIFIER;
  }

  @Override
  public Set<ConfigOption<?>> requiredOptions() {
    return Set.of();
  }

  @Override
  public Set<ConfigOption<?>> optionalOptions() {
    return ModelOptions.all();
  }

  @Override
  public ModelProvider createModelProvider(Context context) {
    FactoryUtil.ModelProviderFactoryHelper helper =
        FactoryUtil.createModelProviderFactoryHelper(this, context);
    helper.validate();
    ReadableConfig options = helper.getOptions();
    ResolvedCatalogModel model = context.getCatalogModel();
    InputColumns input =
        InputColumns.of(model.getResolvedInputSchema(), options.get(ModelOptions.WEIGHTS_SUFFIX));
    List<String> mistakes = new ArrayList<>();
    ModelOptions.OnError onError = options.get(ModelOptions.ON_ERROR);
    OutputColumns output = OutputColumns.of(model.getResolvedOutputSchema(), onError, mistakes);
    DeepFmScoring scoring = null;
    ModelLocation start = null;
    try {
      scoring = scoring(options);
      start = locate(options);
      input.check(start, mistakes);
    } catch (IllegalArgumentException | InvalidModelException e) {
      mistakes.add(e.getMessage());
    }
    if (!mistakes.isEmpty()) {
      throw new ValidationException(
          "Model %s cannot be used:%n  %s"
              .formatted(
                  context.getObjectIdentifier().asSummaryString(),
                  String.join(System.lineSeparator() + "  ", mistakes)));
    }
    return new DeepFmModelProvider(
        new FunctionSettings(
            scoring.settings(start),
            input,
            output,
            onError,
            context
                .getConfiguration()
                .get(
                    ExecutionConfigOptions.TABLE_EXEC_ASYNC_ML_PREDICT_MAX_CONCURRENT_OPERATIONS)));
  }

  private static DeepFmScoring scoring(ReadableConfig options) {
    Optional<String> root = options.getOptional(MODEL_ROOT);
    Optional<String> directory = options.getOptional(MODEL_DIRECTORY);
    if (root.isPresent() == directory.isPresent()) {
      throw new IllegalArgumentException(
          "expected exactly one of %s and %s, got %s"
              .formatted(MODEL_ROOT.key(), MODEL_DIRECTORY.key(), root.isPresent() ? 2 : 0));
    }
    DeepFmScoring scoring =
        root.map(DeepFmScoring::of).orElseGet(() -> DeepFmScoring.ofDirectory(directory.get()));
    options
        .getOptional(ModelOptions.MEMORY_BYTES)
        .ifPresent(bytes -> scoring.withMemoryBytes(bytes.getBytes()));
    return scoring
        .withPin(options.get(PIN))
        .withPoll(options.get(ModelOptions.POLL))
        .withStorageTimeout(options.get(ModelOptions.STORAGE_TIMEOUT))
        .withCacheDir(options.get(ModelOptions.CACHE_DIR))
        .withCacheBytes(options.get(ModelOptions.CACHE_BYTES).getBytes())
        .withDevice(options.get(ModelOptions.DEVICE))
        .withBatchRows(options.get(ModelOptions.BATCH_ROWS))
        .withLinger(options.get(ModelOptions.BATCH_LINGER))
        .withMaxIds(options.get(ModelOptions.MAX_IDS));
  }

  private static ModelLocation locate(ReadableConfig options) {
    return options.getOptional(MODEL_ROOT).isEmpty()
        ? ModelLocation.inDirectory(options.get(MODEL_DIRECTORY))
        : ModelLocation.inRoot(
            options.get(MODEL_ROOT),
            options.getOptional(PIN),
            options.get(ModelOptions.STORAGE_TIMEOUT).toMillis());
  }
}
