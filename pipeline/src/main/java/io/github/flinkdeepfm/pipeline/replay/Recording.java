package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.connector.source.Source;

/** A range of events with what was recorded for them: in Kafka, or in a captured file. */
interface Recording {
  /** The range; resolved once. */
  Range range();

  /** The events of these offsets as a bounded source; order holds within a partition. */
  Source<RawEvent, ?, ?> events(Map<Integer, Span> spans);

  /** Reads every event of the range in this thread, in order within a partition. */
  void readEvents(Reader reader) throws IOException;

  /** Reads the records of the score topic, committed ones only; more than the range, if need be. */
  void readScores(Reader reader) throws IOException;

  /** The same of the dead-letter topic. */
  void readDeadLetters(Reader reader) throws IOException;

  /** Takes records as they come. */
  interface Reader {
    /**
     * @param appended whether the record's timestamp is the time at which the broker appended it,
     *     and not one that its producer chose
     */
    void accept(RawEvent record, boolean appended) throws IOException;
  }
}
