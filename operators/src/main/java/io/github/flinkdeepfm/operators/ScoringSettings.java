package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What the two operators are configured with; resolved once at submission and the same on every
 * TaskManager.
 *
 * @param modelRoot the directory that holds versions; null for a fixed model directory
 * @param modelDirectory the directory of the version to start with
 * @param modelVersion that version's name
 * @param overrideState whether a restored job takes {@code modelVersion} instead of the version
 *     that its state names
 * @param mapping where events carry their id, time, label and copied fields
 * @param batchRows a batch closes at this many events
 * @param batchIds a batch closes when its ids reach this number
 * @param lingerMillis a batch closes this long after its first event; 0: each event is a batch
 * @param outputLimit most bytes of key, headers, id, label and copied fields of one event
 * @param refresh how the job follows the root's versions; null if it stays with the one
 * @param device where the model scores
 * @param allowAbsent features that may be absent in all events
 */
public record ScoringSettings(
    String modelRoot,
    String modelDirectory,
    String modelVersion,
    boolean overrideState,
    EventMapping mapping,
    int batchRows,
    int batchIds,
    long lingerMillis,
    int outputLimit,
    RefreshSettings refresh,
    DeviceMode device,
    Set<String> allowAbsent)
    implements Serializable {

  public ScoringSettings {
    allowAbsent = Set.copyOf(allowAbsent);
  }

  /** On the device if ND4J's backend has one; no feature may be absent in all events. */
  public ScoringSettings(
      String modelRoot,
      String modelDirectory,
      String modelVersion,
      boolean overrideState,
      EventMapping mapping,
      int batchRows,
      int batchIds,
      long lingerMillis,
      int outputLimit,
      RefreshSettings refresh) {
    this(
        modelRoot,
        modelDirectory,
        modelVersion,
        overrideState,
        mapping,
        batchRows,
        batchIds,
        lingerMillis,
        outputLimit,
        refresh,
        DeviceMode.AUTO,
        Set.of());
  }

  /** The same with another place to score. */
  public ScoringSettings withDevice(DeviceMode other) {
    return new ScoringSettings(
        modelRoot,
        modelDirectory,
        modelVersion,
        overrideState,
        mapping,
        batchRows,
        batchIds,
        lingerMillis,
        outputLimit,
        refresh,
        other,
        allowAbsent);
  }

  /** The same with features that may be absent in all events. */
  public ScoringSettings withAllowAbsent(Set<String> features) {
    return new ScoringSettings(
        modelRoot,
        modelDirectory,
        modelVersion,
        overrideState,
        mapping,
        batchRows,
        batchIds,
        lingerMillis,
        outputLimit,
        refresh,
        device,
        features);
  }

  public static final int DEFAULT_BATCH_ROWS = 1024;
  public static final int DEFAULT_BATCH_IDS = 65_536;
  public static final long DEFAULT_LINGER_MILLIS = 5;
  public static final int DEFAULT_OUTPUT_LIMIT = 512 << 10;

  /** A fixed model directory with every default. */
  public static ScoringSettings ofDirectory(Path directory, String version) {
    return new ScoringSettings(
        null,
        directory.toAbsolutePath().toString(),
        version,
        false,
        EventMapping.DEFAULT,
        DEFAULT_BATCH_ROWS,
        DEFAULT_BATCH_IDS,
        DEFAULT_LINGER_MILLIS,
        DEFAULT_OUTPUT_LIMIT,
        null);
  }

  /**
   * The version that a job goes on with when its state names {@code restored}. A version that was
   * asked for counts more than the state of an earlier submission, but not more than the job's own.
   */
  String onRestore(ActiveModel restored) {
    boolean ownState =
        refresh != null && restored.submission().equals(Optional.of(refresh.submission()));
    return modelRoot == null || (overrideState && !ownState) ? modelVersion : restored.version();
  }

  /** What a checkpoint of this job remembers of a version. */
  ActiveModel activeModel(String version) {
    return new ActiveModel(version, Optional.ofNullable(refresh).map(RefreshSettings::submission));
  }

  /** Whether the job starts with its own version when the restored one is gone. */
  boolean startsInsteadOf(String restored) {
    return refresh.startIfMissing() && !restored.equals(modelVersion);
  }

  /** Where the files of {@code version} are. */
  Path directoryOf(String version) {
    return version.equals(modelVersion) ? Path.of(modelDirectory) : Path.of(modelRoot, version);
  }
}
