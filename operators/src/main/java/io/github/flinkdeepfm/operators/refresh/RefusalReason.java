package io.github.flinkdeepfm.operators.refresh;

/** Why a version was not made active. The names are labels of a metric. */
public enum RefusalReason {
  /** A file that its manifest lists, or the version itself, is missing or of another size. */
  INCOMPLETE,
  /** A file's SHA-256 is not the manifest's. */
  CHECKSUM,
  /** A base of a delta is missing. */
  MISSING_BASE,
  /** A document or tensor is not what the model needs: shape, dtype, name, syntax. */
  INVALID,
  /** A weight is NaN or infinite. */
  NOT_FINITE,
  /** A parity sample is off by more than its tolerance. */
  PARITY,
  /** It does not fit beside the active version. */
  NO_SPACE,
  /** The device failed while the version was brought in. */
  DEVICE,
  /**
   * Its name, or that of one of its bases, is that of a version in use that was published with
   * another manifest. A name is never to be used twice.
   */
  REUSED_NAME,
  /** Live events scored with it differ too much. */
  CANARY,
  /** Features that live events have are absent in all of them as it encodes them. */
  FEATURES_ABSENT,
  /** A subtask was not ready in time. */
  TIMEOUT,
  /** The storage or the local disk failed: the only reason that passes, the version is retried. */
  STORAGE;

  /** Whether the same version may do better later. */
  public boolean isTransient() {
    return this == STORAGE;
  }
}
