package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/**
 * Scores a stream in a job of your own.
 *
 * <pre>{@code
 * SingleOutputStreamOperator<Scored<Click>> scores =
 *     DeepFmScoring.of(modelRoot)
 *         .score(clicks, (click, row) -> row.dense("age", click.age).sparse("C1", click.ad));
 * DataStream<Rejected<Click>> deadLetters = DeepFmScoring.deadLetters(scores);
 * }</pre>
 *
 * <p>Each value becomes exactly one {@link Scored} or one {@link Rejected}, and each subtask's
 * scores keep the order of its values. The values wait for their micro-batch, never across a
 * checkpoint barrier, a watermark or the end of input; nothing of them is in a checkpoint. With
 * Flink's object reuse, values of a mutable type are copied for that.
 *
 * <p>{@link #of} follows the versions under a model root and switches at checkpoints, which have to
 * be on, aligned and EXACTLY_ONCE; {@link #ofDirectory} stays with one version. Defaults are those
 * of {@code job.yaml}. Operator uids are {@code micro-batch} and {@code score}: a job that scores
 * two streams gives one of them a {@linkplain #named name}.
 */
public final class DeepFmScoring {
  private static final String DEAD_LETTERS = "dead-letters";

  private final String root;
  private final String directory;
  private String name = "";
  private EventMapping mapping = EventMapping.DEFAULT;
  private int batchRows = ScoringSettings.DEFAULT_BATCH_ROWS;
  private int batchIds = ScoringSettings.DEFAULT_BATCH_IDS;
  private int outputBytes = ScoringSettings.DEFAULT_OUTPUT_LIMIT;
  private long lingerMillis = ScoringSettings.DEFAULT_LINGER_MILLIS;
  private RefreshSettings.At refreshAt = RefreshSettings.At.CHECKPOINT;
  private String pin;
  private String shadow;
  private long pollMillis = RefreshSettings.DEFAULT_POLL_MILLIS;
  private long prepareTimeoutMillis = RefreshSettings.DEFAULT_PREPARE_TIMEOUT_MILLIS;
  private long storageTimeoutMillis = ModelStorages.DEFAULT_LIMIT_MILLIS;
  private boolean newestIfMissing;
  private String cacheDir;
  private long cacheBytes = RefreshSettings.DEFAULT_CACHE_BYTES;
  private long memoryBytes = RefreshSettings.DEFAULT_MEMORY_BYTES;
  private RefreshSettings.Canary canary;
  private DeviceMode device = DeviceMode.AUTO;
  private Set<String> allowAbsent = Set.of();

  private DeepFmScoring(String root, String directory) {
    this.root = root;
    this.directory = directory;
  }

  /**
   * Scores with the newest version under a root, and with each newer one as it comes.
   *
   * @param modelRoot a path, or a URI of a file system of Flink's
   */
  public static DeepFmScoring of(String modelRoot) {
    return new DeepFmScoring(modelRoot, null);
  }

  /** Scores with the model in a directory, readable under this path on every TaskManager. */
  public static DeepFmScoring ofDirectory(String modelDirectory) {
    return new DeepFmScoring(null, modelDirectory);
  }

  /** Begins the operators' names and uids with {@code prefix} and a hyphen. */
  public DeepFmScoring named(String prefix) {
    name = prefix + "-";
    return this;
  }

  /** A micro-batch closes at this many values; default 1024. */
  public DeepFmScoring withBatchRows(int rows) {
    batchRows = (int) atLeast(1, rows, "batch rows");
    return this;
  }

  /** A micro-batch closes when its ids reach this number; default 65,536. */
  public DeepFmScoring withBatchIds(int ids) {
    batchIds = (int) atLeast(1, ids, "batch ids");
    return this;
  }

  /**
   * A micro-batch closes this long after its first value; zero: each value is one; default 5 ms.
   */
  public DeepFmScoring withLinger(Duration linger) {
    lingerMillis = atLeast(0, linger.toMillis(), "linger in milliseconds");
    return this;
  }

  /**
   * An event whose key, headers, id, label and copied fields take more bytes is a dead letter;
   * default 512 KiB.
   */
  public DeepFmScoring withOutputBytes(int bytes) {
    outputBytes = (int) atLeast(1, bytes, "bytes of output");
    return this;
  }

  /** A value with more ids is a dead letter; default 65,536. */
  public DeepFmScoring withMaxIds(int ids) {
    return withMapping(mapping.withMaxIds((int) atLeast(1, ids, "ids of a value")));
  }

  /**
   * How {@linkplain #scoreEvents raw events} are written, and where they carry what is not a
   * feature; with the most ids of a value.
   */
  public DeepFmScoring withMapping(EventMapping events) {
    mapping = events;
    return this;
  }

  /** When a new version becomes active; default at checkpoints. */
  public DeepFmScoring withRefreshAt(RefreshSettings.At at) {
    refreshAt = at;
    return this;
  }

  /** Stays with this version of the root. */
  public DeepFmScoring withPin(String version) {
    pin = ofRoot(version);
    return this;
  }

  /** Scores each value with this version of the root, too. */
  public DeepFmScoring withShadow(String version) {
    shadow = ofRoot(version);
    return this;
  }

  /** Pause between two looks at the root; default 1 s. */
  public DeepFmScoring withPoll(Duration poll) {
    pollMillis = atLeast(1, poll.toMillis(), "poll in milliseconds");
    return this;
  }

  /** A version that not all subtasks have ready by then is refused; default 10 min. */
  public DeepFmScoring withPrepareTimeout(Duration timeout) {
    prepareTimeoutMillis = atLeast(1, timeout.toMillis(), "prepare timeout in milliseconds");
    return this;
  }

  /** A read of the root that makes no progress for so long has failed; default 60 s. */
  public DeepFmScoring withStorageTimeout(Duration timeout) {
    storageTimeoutMillis = atLeast(1, timeout.toMillis(), "storage timeout in milliseconds");
    return this;
  }

  /**
   * A restored version that the root no longer has is replaced by the one that was newest at
   * submission; by default it is an error.
   */
  public DeepFmScoring withNewestIfMissing(boolean newest) {
    newestIfMissing = newest;
    return this;
  }

  /** A local directory for copies of versions; null, the default: Flink's temporary one. */
  public DeepFmScoring withCacheDir(String local) {
    cacheDir = local;
    return this;
  }

  /** Most bytes of copies that a process keeps; default 64 GiB. */
  public DeepFmScoring withCacheBytes(long bytes) {
    cacheBytes = atLeast(1, bytes, "cache bytes");
    return this;
  }

  /** Most bytes of all versions that a process has loaded; default what the machine has. */
  public DeepFmScoring withMemoryBytes(long bytes) {
    memoryBytes = atLeast(1, bytes, "memory bytes");
    return this;
  }

  /** Refuses versions whose scores of the last values differ too much; null, the default: none. */
  public DeepFmScoring withCanary(RefreshSettings.Canary gate) {
    canary = gate;
    return this;
  }

  /** Where the model scores; default on the device if ND4J's backend has one. */
  public DeepFmScoring withDevice(DeviceMode mode) {
    device = mode;
    return this;
  }

  /**
   * Features that may be absent in all values: no metric counts them, and a version is not refused
   * for them; default none.
   */
  public DeepFmScoring withAllowAbsent(Collection<String> features) {
    allowAbsent = Set.copyOf(features);
    return this;
  }

  /**
   * Adds the operators behind a stream, both with the environment's parallelism. They hand batches
   * on as objects, in one chain: do not set another parallelism on the result, which would part
   * them, but on the environment.
   *
   * @param encoder writes a value's raw features
   * @return the scores, with the record timestamps of their values; dead letters by {@link
   *     #deadLetters}
   * @throws io.github.flinkdeepfm.model.InvalidModelException if there is no model to start with
   * @throws io.github.flinkdeepfm.model.InvalidConfigurationException if operators are not chained,
   *     or versions are to switch at checkpoints and those do not divide the events
   */
  public <T> SingleOutputStreamOperator<Scored<T>> score(
      DataStream<T> values, RowEncoder<T> encoder) {
    RowEncoder<T> cleaned = values.getExecutionEnvironment().clean(encoder);
    UserEvents<T> kind = new UserEvents<>(model -> cleaned, deadLetters(values.getType()));
    return ScoringPipeline.score(
        values, kind, Scored.type(values.getType()), name, settings(), shadowSettings());
  }

  /** The values without a score, each with its reason. */
  public static <T> DataStream<Rejected<T>> deadLetters(
      SingleOutputStreamOperator<Scored<T>> scores) {
    TypeInformation<T> value = ((PojoTypeInfo<Scored<T>>) scores.getType()).getTypeAt("value");
    return scores.getSideOutput(deadLetters(value));
  }

  private static <T> OutputTag<Rejected<T>> deadLetters(TypeInformation<T> value) {
    return new OutputTag<>(DEAD_LETTERS, Rejected.type(value));
  }

  /**
   * Scores events as Kafka has them, by the mapping's format, with dead letters as {@link
   * ScoringPipeline#DEAD_LETTERS}.
   */
  public SingleOutputStreamOperator<ScoredEvent> scoreEvents(DataStream<RawEvent> events) {
    return scoreEvents(events, settings());
  }

  /**
   * The same with settings that were resolved before.
   *
   * @param resolved of {@link #settings(ModelLocation)}
   */
  public SingleOutputStreamOperator<ScoredEvent> scoreEvents(
      DataStream<RawEvent> events, ScoringSettings resolved) {
    return ScoringPipeline.score(
        events,
        RawEvents.KIND,
        new ChainedTypeInfo<>(ScoredEvent.class),
        name,
        resolved,
        shadowSettings());
  }

  /** What the operators are configured with; each call is a submission of its own. */
  public ScoringSettings settings(ModelLocation start) {
    return new ScoringSettings(
        start.root().orElse(null),
        start.directory(),
        start.version(),
        start.requested(),
        mapping,
        batchRows,
        batchIds,
        lingerMillis,
        outputBytes,
        refresh(start),
        device,
        allowAbsent);
  }

  private ScoringSettings settings() {
    return settings(
        root == null
            ? ModelLocation.inDirectory(directory)
            : ModelLocation.inRoot(root, Optional.ofNullable(pin), storageTimeoutMillis));
  }

  /**
   * A pinned version of a root that is not on a mounted file system is brought here by the same
   * means as those that a job follows; it needs no checkpoints.
   */
  private RefreshSettings refresh(ModelLocation start) {
    if (root == null || (pin != null && !ModelLocation.isRemote(root))) {
      return null;
    }
    return new RefreshSettings(
        root,
        refreshAt,
        pollMillis,
        prepareTimeoutMillis,
        newestIfMissing,
        cacheDir,
        cacheBytes,
        memoryBytes,
        canary,
        UUID.randomUUID().toString(),
        pin == null ? null : start.version(),
        storageTimeoutMillis);
  }

  /** Of the version that scores beside the active one; null if there is none. */
  private ScoringSettings shadowSettings() {
    if (shadow == null) {
      return null;
    }
    String ownPin = pin;
    RefreshSettings.At ownAt = refreshAt;
    try {
      pin = shadow;
      refreshAt = RefreshSettings.At.BATCH;
      return settings();
    } finally {
      pin = ownPin;
      refreshAt = ownAt;
    }
  }

  private String ofRoot(String version) {
    if (version != null && root == null) {
      throw new IllegalArgumentException(
          "expected a model root for a version to choose, got directory %s and version %s"
              .formatted(directory, version));
    }
    return version;
  }

  private static long atLeast(long least, long value, String what) {
    if (value < least) {
      throw new IllegalArgumentException(
          "expected at least %d, got %d (%s)".formatted(least, value, what));
    }
    return value;
  }
}
