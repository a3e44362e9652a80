package io.github.flinkdeepfm.model.features;

/**
 * Forms of an integer that {@code id} and {@code hash} take besides the integer itself, as
 * producers write them whose integers have become text or floating point.
 *
 * @param strings a string that is a JSON integer, of at most {@link JsonCursor#MAX_NUMBER_LENGTH}
 *     digits: {@code "17"}, not {@code "017"}, {@code "+17"}, {@code " 17"} or {@code "17.0"}
 * @param floats a number with a fraction or an exponent whose value is an integer from -2^53 to
 *     2^53: {@code 17.0} and {@code 1.7e1}; beyond, a double no longer tells integers apart
 */
public record Accept(boolean strings, boolean floats) {
  /** Integers alone. */
  public static final Accept NONE = new Accept(false, false);
}
