package io.github.flinkdeepfm.model.features;

import java.io.Serializable;

/**
 * Says which raw feature values a user's own event type carries.
 *
 * <pre>{@code
 * RowEncoder<Click> encoder = (click, row) -> row.dense("age", click.age).sparse("C1", click.ad);
 * }</pre>
 *
 * @param <T> the event type
 */
@FunctionalInterface
public interface RowEncoder<T> extends Serializable {

  /**
   * Writes the values of one event. An exception of this method fails the job; an event that is not
   * to be scored is {@linkplain RowWriter#reject rejected} instead.
   *
   * @param row valid during the call only
   */
  void encode(T value, RowWriter row);
}
