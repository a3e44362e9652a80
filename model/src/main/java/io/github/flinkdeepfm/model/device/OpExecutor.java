package io.github.flinkdeepfm.model.device;

import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Runs one ND4J operation on the device that the calling thread is bound to. */
@FunctionalInterface
public interface OpExecutor {

  /** ND4J's own. */
  OpExecutor ND4J = Nd4j::exec;

  void execute(CustomOp op);

  /** Waits until what the calling thread has asked for is done. */
  default void await() {
    Nd4j.getExecutioner().commit();
  }
}
