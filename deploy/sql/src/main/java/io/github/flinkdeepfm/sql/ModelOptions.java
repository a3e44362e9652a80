package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.time.Duration;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

/** The options of {@code CREATE MODEL}, beside {@code provider}. */
public final class ModelOptions {
  /** What becomes of a row that cannot be scored. */
  public enum OnError {
    /** The job fails. */
    FAIL,
    /** Its logit and score are NULL, and it is counted. */
    NULL
  }

  public static final ConfigOption<String> MODEL_ROOT =
      ConfigOptions.key("model-root")
          .stringType()
          .noDefaultValue()
          .withDescription("A directory of versions, followed; this or model-directory.");

  public static final ConfigOption<String> MODEL_DIRECTORY =
      ConfigOptions.key("model-directory")
          .stringType()
          .noDefaultValue()
          .withDescription("One version, readable under this path on every TaskManager.");

  public static final ConfigOption<String> PIN =
      ConfigOptions.key("pin")
          .stringType()
          .noDefaultValue()
          .withDescription("Stay with this version of model-root.");

  public static final ConfigOption<Duration> POLL =
      ConfigOptions.key("poll")
          .durationType()
          .defaultValue(Duration.ofMillis(RefreshSettings.DEFAULT_POLL_MILLIS))
          .withDescription("Pause between two looks at model-root.");

  public static final ConfigOption<Duration> STORAGE_TIMEOUT =
      ConfigOptions.key("storage-timeout")
          .durationType()
          .defaultValue(Duration.ofMillis(ModelStorages.DEFAULT_LIMIT_MILLIS))
          .withDescription("A read of model-root without progress for so long has failed.");

  public static final ConfigOption<String> CACHE_DIR =
      ConfigOptions.key("cache.dir")
          .stringType()
          .noDefaultValue()
          .withDescription("Local copies of versions; the JVM's temporary directory if not set.");

  public static final ConfigOption<MemorySize> CACHE_BYTES =
      ConfigOptions.key("cache.bytes")
          .memoryType()
          .defaultValue(new MemorySize(RefreshSettings.DEFAULT_CACHE_BYTES))
          .withDescription("Most bytes of copies that a process keeps.");

  public static final ConfigOption<MemorySize> MEMORY_BYTES =
      ConfigOptions.key("memory.bytes")
          .memoryType()
          .noDefaultValue()
          .withDescription("Most bytes of all loaded versions; what the machine has if not set.");

  public static final ConfigOption<DeviceMode> DEVICE =
      ConfigOptions.key("device")
          .enumType(DeviceMode.class)
          .defaultValue(DeviceMode.AUTO)
          .withDescription("Where the model scores.");

  public static final ConfigOption<Integer> BATCH_ROWS =
      ConfigOptions.key("batch.rows")
          .intType()
          .defaultValue(ScoringSettings.DEFAULT_BATCH_ROWS)
          .withDescription(
              "Asynchronous: a micro-batch closes at so many requests, or at as many as may be"
                  + " under way at once if that is less.");

  public static final ConfigOption<Duration> BATCH_LINGER =
      ConfigOptions.key("batch.linger")
          .durationType()
          .defaultValue(Duration.ofMillis(ScoringSettings.DEFAULT_LINGER_MILLIS))
          .withDescription("Asynchronous: a micro-batch closes so long after its first request.");

  public static final ConfigOption<Integer> MAX_IDS =
      ConfigOptions.key("max-ids")
          .intType()
          .defaultValue(1 << 16)
          .withDescription("A row with more ids cannot be scored.");

  public static final ConfigOption<String> WEIGHTS_SUFFIX =
      ConfigOptions.key("weights-suffix")
          .stringType()
          .defaultValue("_weights")
          .withDescription("The weights of feature f of a weighted model are in column f + this.");

  public static final ConfigOption<OnError> ON_ERROR =
      ConfigOptions.key("on-error")
          .enumType(OnError.class)
          .defaultValue(OnError.FAIL)
          .withDescription("What becomes of a row that cannot be scored.");

  private ModelOptions() {}

  /** All of them. */
  public static Set<ConfigOption<?>> all() {
    return Set.of(
        MODEL_ROOT,
        MODEL_DIRECTORY,
        PIN,
        POLL,
        STORAGE_TIMEOUT,
        CACHE_DIR,
        CACHE_BYTES,
        MEMORY_BYTES,
        DEVICE,
        BATCH_ROWS,
        BATCH_LINGER,
        MAX_IDS,
        WEIGHTS_SUFFIX,
        ON_ERROR);
  }
}
