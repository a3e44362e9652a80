package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.EventMapping;
import java.io.Serializable;

/**
 * What the two operators are configured with; resolved once at submission and the same on every
 * TaskManager.
 *
 * @param modelDirectory absolute path of the directory of the version to start with
 * @param modelVersion that version's name
 * @param mapping where events carry their id, time, label and copied fields
 * @param batchRows a batch closes at this many rows
 * @param batchIds a batch closes when its ids reach this number
 * @param lingerMillis a batch closes this long after its first event
 * @param outputLimit most bytes of key, headers, id, label and copied fields of one event
 */
public record ScoringSettings(
    String modelDirectory,
    String modelVersion,
    EventMapping mapping,
    int batchRows,
    int batchIds,
    long lingerMillis,
    int outputLimit)
    implements Serializable {

  public static final int DEFAULT_BATCH_ROWS = 1024;
  public static final int DEFAULT_BATCH_IDS = 65_536;
  public static final long DEFAULT_LINGER_MILLIS = 5;
  public static final int DEFAULT_OUTPUT_LIMIT = 512 << 10;
}
