package io.github.flinkdeepfm.pipeline.events;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A job's state has offsets that the job must not go on from: of another topic, or of records that
 * are gone. A restart does not change that, so the job fails once and for all.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class OffsetsRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OffsetsRefusedException(String message) {
    super(message);
  }
}
