package io.github.flinkdeepfm.model.fuzz;

import java.util.function.Consumer;

/**
 * A sequence of cases that a seed decides; case n depends on those before it. Used by one thread at
 * a time.
 */
public interface FuzzTarget extends AutoCloseable {

  /** What is tried; the report's first column. */
  String name();

  /**
   * Makes the next case and tries it.
   *
   * @param outcomes takes what became of it, one of a small number of words; perhaps later
   * @throws Exception or an Error, if it came to anything that it must not come to
   */
  void next(Consumer<String> outcomes) throws Exception;

  /** The case at hand, enough to try it again. */
  String describe();

  /** The most that one case may allocate on the heap, in bytes. */
  long maxAllocation();

  /** Checks what was put off. */
  void finish(Consumer<String> outcomes) throws Exception;

  @Override
  void close();
}
