package io.github.flinkdeepfm.model.sparse;

import java.util.Arrays;
import java.util.StringJoiner;
import java.util.function.IntFunction;

/** Lengths and offsets of jagged slices: conversion, checks, and how they are printed. */
final class JaggedLayout {

  private JaggedLayout() {}

  /**
   * Lengths [n] to offsets [n + 1] from 0.
   *
   * @throws IllegalArgumentException for a negative length or a sum past 2^31 - 1
   */
  static int[] toOffsets(int[] lengths) {
    int[] offsets = new int[lengths.length + 1];
    long end = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 0) {
        throw new IllegalArgumentException(
            "expected lengths of at least 0, got " + lengths[i] + " (lengths[" + i + "])");
      }
      end += lengths[i];
      if (end > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "expected lengths that sum to at most "
                + Integer.MAX_VALUE
                + ", got "
                + end
                + " (after lengths["
                + i
                + "])");
      }
      offsets[i + 1] = (int) end;
    }
    return offsets;
  }

  /** Offsets [n + 1] to lengths [n]. */
  static int[] toLengths(int[] offsets) {
    int[] lengths = new int[offsets.length - 1];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = offsets[i + 1] - offsets[i];
    }
    return lengths;
  }

  /**
   * The same slices with offsets from 0; the array itself if it starts there.
   *
   * @throws IllegalArgumentException if offsets are empty, negative or descend
   */
  static int[] fromZero(int[] offsets) {
    if (offsets.length == 0 || offsets[0] < 0) {
      throw new IllegalArgumentException(
          "expected at least one offset, the first not below 0, got " + Arrays.toString(offsets));
    }
    for (int i = 1; i < offsets.length; i++) {
      if (offsets[i] < offsets[i - 1]) {
        throw new IllegalArgumentException(
            "expected ascending offsets, got "
                + offsets[i - 1]
                + " then "
                + offsets[i]
                + " (offsets["
                + i
                + "])");
      }
    }
    return offsets[0] == 0 ? offsets : shifted(offsets, 0, offsets.length);
  }

  /** offsets[from … to) less the first of them. */
  static int[] shifted(int[] offsets, int from, int to) {
    int[] shifted = Arrays.copyOfRange(offsets, from, to);
    for (int i = shifted.length - 1; i >= 0; i--) {
      shifted[i] -= shifted[0];
    }
    return shifted;
  }

  /**
   * @throws IllegalArgumentException unless there are as many values, and weights if any, as the
   *     slices take together
   */
  static void checkCounts(int[] offsets, long[] values, float[] weightsOrNull) {
    int expected = offsets[offsets.length - 1];
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "expected " + expected + " values (the sum of lengths), got " + values.length);
    }
    if (weightsOrNull != null && weightsOrNull.length != values.length) {
      throw new IllegalArgumentException(
          "expected " + values.length + " weights (one a value), got " + weightsOrNull.length);
    }
  }

  /** Slices first … first + count as {@code [[0, 1], [], [2]]}. */
  static String format(int[] offsets, int first, int count, IntFunction<String> element) {
    StringJoiner slices = new StringJoiner(", ", "[", "]");
    for (int slice = first; slice < first + count; slice++) {
      StringJoiner elements = new StringJoiner(", ", "[", "]");
      for (int i = offsets[slice]; i < offsets[slice + 1]; i++) {
        elements.add(element.apply(i));
      }
      slices.add(elements.toString());
    }
    return slices.toString();
  }
}
