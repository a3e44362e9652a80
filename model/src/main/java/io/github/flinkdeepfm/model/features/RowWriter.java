package io.github.flinkdeepfm.model.features;

/**
 * Takes the raw feature values of one event, as its JSON would carry them: {@code features.json}
 * says what becomes of them. Values may come in any order; those of one bag come in the bag's
 * order.
 *
 * <p>A feature that gets no value is absent: a dense one takes its default, a sparse one has an
 * empty bag. A name that the model does not have is passed over and counted, as unknown fields of
 * JSON are. Indices are places in {@code features.json}'s order of dense features, or in the
 * model's order of sparse ones; another model version may have another order, so a job that follows
 * a model root goes by names.
 *
 * <p>No method throws for a value that its rule does not take: the event becomes a dead letter,
 * with the first fault as its reason, and what is written after it is ignored.
 *
 * @see RowEncoder
 */
public interface RowWriter {

  /**
   * Sets a dense feature to its raw value, before transforms; once an event.
   *
   * @throws IndexOutOfBoundsException if the model has no such column
   */
  RowWriter dense(int column, double value);

  /** The same by name. */
  RowWriter dense(String name, double value);

  /**
   * Appends an integer element to a bag: an id, or what the feature's encoding makes an id of.
   *
   * @throws IndexOutOfBoundsException if the model has no such feature
   */
  RowWriter sparse(int feature, long element);

  /** The same by name. */
  RowWriter sparse(String name, long element);

  /**
   * Appends a number, which {@code bucketize} takes, and an integral one {@code id} and {@code
   * hash} that accept floats.
   */
  RowWriter sparse(int feature, double element);

  /** The same by name. */
  RowWriter sparse(String name, double element);

  /**
   * Appends a string, which {@code hash}, {@code hex} and {@code vocabulary} take, and one of
   * digits an {@code id} that accepts strings; null appends nothing.
   */
  RowWriter sparse(int feature, String element);

  /** The same by name. */
  RowWriter sparse(String name, String element);

  /** Appends all of them; null appends nothing. */
  RowWriter sparse(int feature, long... elements);

  /** The same by name. */
  RowWriter sparse(String name, long... elements);

  /**
   * Appends weights to those of a bag, one for each element. A bag that gets none has weights of 1.
   * Without effect in a model that is not weighted; null appends nothing.
   */
  RowWriter weights(int feature, float... weights);

  /** The same by name. */
  RowWriter weights(String name, float... weights);

  /** Makes the event a dead letter for a reason of the caller's. */
  RowWriter reject(DeadLetterReason reason, String detail);
}
