package io.github.flinkdeepfm.model.training;

/**
 * A value became NaN or infinite: the parameters must not be used or published any more. Mostly the
 * learning rate is too large, or a dense feature is not scaled.
 */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final String tensor;

  TrainingDivergedException(long step, String tensor) {
    super(
        "training step "
            + step
            + ": expected finite values, got NaN or infinity in "
            + tensor
            + " (learning rate too large, or a dense feature not scaled)");
    this.step = step;
    this.tensor = tensor;
  }

  /** Counted from 1. */
  public long step() {
    return step;
  }

  /** A parameter by its state_dict name, or {@code logits}. */
  public String tensor() {
    return tensor;
  }
}
