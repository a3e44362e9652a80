package io.github.flinkdeepfm.operators;

/** How many models this process holds; for tests of other modules. */
public final class HeldModels {
  private HeldModels() {}

  public static int count() {
    return ModelStore.SHARED.size();
  }
}
