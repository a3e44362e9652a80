package io.github.flinkdeepfm.model.kernel;

/**
 * A {@code SimpleDeepFMNN} made ready for scoring, on the host or on a device. Thread-safe and
 * shared by the scorers of all slots.
 */
public interface DeepFmModel extends AutoCloseable {

  /** A scorer of its own buffers; to be closed before this is. */
  DeepFmScorer newScorer();

  /** Fingerprint of the arithmetic: two runs with equal fingerprints agree bit for bit. */
  String numerics();

  @Override
  void close();
}
