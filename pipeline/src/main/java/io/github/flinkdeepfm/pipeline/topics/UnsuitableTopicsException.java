package io.github.flinkdeepfm.pipeline.topics;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A job's topics are set so that it would fail sooner or later: it does not start, whatever its
 * restart strategy. The message lists all that has to be set.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class UnsuitableTopicsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsuitableTopicsException(List<TopicFinding> findings) {
    super(
        findings.stream()
            .map(finding -> "\n  - " + finding)
            .collect(
                Collectors.joining("", "the job does not start with its topics as they are:", "")));
  }
}
