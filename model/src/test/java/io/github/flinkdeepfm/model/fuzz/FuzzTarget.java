package io.github.flinkdeepfm.model.fuzz;

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
   * @return what became of it, one of a small number of words
   * @throws Exception or an Error, if it came to anything that it must not come to
   */
  String next() throws Exception;

  /** The case at hand, enough to try it again. */
  String describe();

  /** The most that one case may allocate on the heap, in bytes. */
  long maxAllocation();

  /** Checks what was put off. */
  @Override
  void close() throws Exception;
}
