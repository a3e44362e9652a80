package io.github.flinkdeepfm.operators;

import java.util.ServiceConfigurationError;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * Classes are missing, do not fit each other, or the virtual machine is broken: no event's fault,
 * and nothing that a restart mends. A job fails with it once and for all, whatever its restart
 * strategy.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class BrokenInstallationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private BrokenInstallationException(String message, Throwable cause) {
    super(message, cause, false, false); // The cause has the stack trace.
  }

  /** Whether an error is of the kind that this class stands for. */
  public static boolean isMeantBy(Error error) {
    return error instanceof LinkageError
        || error instanceof InternalError
        || error instanceof UnknownError
        || error instanceof ServiceConfigurationError;
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
