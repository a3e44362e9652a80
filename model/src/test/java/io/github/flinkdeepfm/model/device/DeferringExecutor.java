package io.github.flinkdeepfm.model.device;

import java.util.ArrayDeque;
import java.util.Queue;
import org.nd4j.linalg.api.ops.CustomOp;

/** A device as slow as can be: it begins with what it was asked for when somebody waits for it. */
final class DeferringExecutor implements OpExecutor {
  private final Queue<CustomOp> asked = new ArrayDeque<>();

  @Override
  public void execute(CustomOp op) {
    asked.add(op);
  }

  @Override
  public void await() {
    while (!asked.isEmpty()) {
      OpExecutor.ND4J.execute(asked.remove());
    }
  }

  /** Operations that have not run. */
  int size() {
    return asked.size();
  }
}
