package io.github.flinkdeepfm.model.fuzz;

/**
 * How far code has come: classes of a {@link SteppingLoader} take a step at each call of a method
 * and each turn of a loop. Each such loader has this class for itself, used by one thread at a
 * time.
 */
public final class Steps {
  private static long allowed = Long.MAX_VALUE;
  private static long taken;

  private Steps() {}

  /** Thrown at the first step beyond those that were allowed. */
  public static final class TooMany extends Error {
    private static final long serialVersionUID = 1L;

    TooMany(long allowed) {
      super("more than " + allowed + " steps");
    }
  }

  /** Begins to count anew. */
  public static void allow(long most) {
    taken = 0;
    allowed = most;
  }

  /** Those since {@link #allow}. */
  public static long taken() {
    return taken;
  }

  /** Called by every method and loop of the loader's classes. */
  public static void take() {
    if (++taken > allowed) {
      long most = allowed;
      allowed = Long.MAX_VALUE;
      throw new TooMany(most);
    }
  }
}
