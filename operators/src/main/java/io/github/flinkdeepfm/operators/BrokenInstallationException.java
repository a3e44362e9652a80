package io.github.flinkdeepfm.operators;

import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.stream.Stream;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * Classes are missing or do not fit each other: no event's fault, and nothing that a restart mends.
 * A job fails with it once and for all, whatever its restart strategy.
 *
 * <p>An {@link InternalError} is none: the virtual machine has it of a mapped file that cannot be
 * read, which another machine may read. Nor is a class that could not be initialised for want of
 * memory, which a restart loads anew.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class BrokenInstallationException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int DEEPEST_CAUSE = 20;

  private BrokenInstallationException(String message, Throwable cause) {
    super(message, cause, false, false); // The cause has the stack trace.
  }

  /** Whether an error is of the kind that this class stands for. */
  public static boolean isMeantBy(Error error) {
    return (error instanceof LinkageError || error instanceof ServiceConfigurationError)
        && Stream.iterate((Throwable) error, Objects::nonNull, Throwable::getCause)
            .limit(DEEPEST_CAUSE)
            .noneMatch(BrokenInstallationException::isWantOfMemory);
  }

  /** Of a class that failed before, the virtual machine keeps its error's text alone. */
  private static boolean isWantOfMemory(Throwable cause) {
    String text = cause.toString();
    return text.contains("OutOfMemoryError") || text.contains("StackOverflowError");
  }

  /**
   * Throws this exception if an error of its kind made a failure, however deep in its causes.
   *
   * @param where what was being done
   */
  static void throwIfCauseOf(String where, Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      if (cause instanceof Error error && isMeantBy(error)) {
        throw of(where, error);
      }
      cause = cause.getCause();
    }
  }

  /**
   * @param where what was being done
   */
  public static BrokenInstallationException of(String where, Error error) {
    return new BrokenInstallationException(
        ("%s: expected an installation that is whole, got %s; events are not to blame and a restart"
                + " does not help: put back the jars as they were built, all of one release, without"
                + " other versions of their classes on the class path (Flink's lib too)")
            .formatted(where, error),
        error);
  }
}
