package io.github.flinkdeepfm.pipeline.job;

import java.util.List;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * A broker refused a score or a dead letter for what is in it. The job would meet the same record
 * after each restart: it fails with this once and for all, whatever its restart strategy.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class RefusedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int DEEPEST_CAUSE = 20;

  private static final List<Class<?>> REFUSALS =
      List.of(
          RecordTooLargeException.class,
          RecordBatchTooLargeException.class,
          InvalidTimestampException.class,
          InvalidRecordException.class,
          PolicyViolationException.class);

  private RefusedRecordException(String message, Throwable cause) {
    super(message, cause, false, false); // The cause has the stack trace.
  }

  /** Throws this exception if a refusal made a send fail, however deep in the failure's causes. */
  static void throwIfCauseOf(OutputTopic topic, Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      Throwable refusal = cause;
      if (REFUSALS.stream().anyMatch(type -> type.isInstance(refusal))) {
        throw new RefusedRecordException(
            ("topic %s: expected that it takes every record, as it was set when the job looked at"
                    + " it, got %s: %s; set the topic as it was, or start the job again from its"
                    + " last checkpoint: it looks at its topics then and fits its records to them,"
                    + " or says what to set")
                .formatted(topic, refusal, topic.suspects()),
            failure);
      }
      cause = cause.getCause();
    }
  }
}
