package io.github.flinkdeepfm.model.kernel;

import java.util.stream.IntStream;

/**
 * How a {@code Linear}'s matrix is cut into blocks, each multiplied by itself: so small that
 * OpenBLAS takes them as they are, without packing its operands first, and that a block stays in
 * the L2 cache. A row's products are added up block of inputs by block of inputs, so the cut is
 * part of the arithmetic; it depends on the layer's sizes alone.
 *
 * @param inputEnds where the blocks of inputs end, ascending; the last is the number of inputs
 * @param outputEnds the same of outputs
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LinearBlocks(int[] inputEnds, int[] outputEnds) {
  /** Multiply-adds up to which OpenBLAS multiplies without packing its operands first. */
  private static final int UNPACKED_WORK = 1_000_000;

  private static final int MAX_INPUTS = 448;

  /** Outputs of a block of so many inputs; of fewer inputs a block has more. */
  private static final int OUTPUTS_IF_FULL = 64;

  /** The inputs of a block, and its outputs, are a multiple of it where they can be. */
  private static final int UNIT = 16;

  static LinearBlocks of(int in, int out) {
    int[] inputEnds = ends(in, MAX_INPUTS);
    int outputs = OUTPUTS_IF_FULL * (MAX_INPUTS / inputEnds[0]);
    return new LinearBlocks(inputEnds, ends(out, outputs));
  }

  /** As few blocks as are needed, of one size but for the last. */
  private static int[] ends(int total, int most) {
    int count = (total + most - 1) / most;
    int share = (total + count - 1) / count;
    int size = Math.min(most, (share + UNIT - 1) / UNIT * UNIT);
    return IntStream.rangeClosed(1, (total + size - 1) / size)
        .map(i -> Math.min(total, i * size))
        .toArray();
  }

  int inputBlocks() {
    return inputEnds.length;
  }

  int outputBlocks() {
    return outputEnds.length;
  }

  /** The first input of a block. */
  int firstInput(int block) {
    return block == 0 ? 0 : inputEnds[block - 1];
  }

  int inputs(int block) {
    return inputEnds[block] - firstInput(block);
  }

  /** The first output of a block. */
  int firstOutput(int block) {
    return block == 0 ? 0 : outputEnds[block - 1];
  }

  int outputs(int block) {
    return outputEnds[block] - firstOutput(block);
  }

  /** Whether OpenBLAS takes tiles of so many rows without packing them. */
  boolean isUnpacked(int rows) {
    return rows * most() <= UNPACKED_WORK;
  }

  /** Multiply-adds of one row with the largest block. */
  long most() {
    int inputs = IntStream.range(0, inputBlocks()).map(this::inputs).max().orElse(0);
    int outputs = IntStream.range(0, outputBlocks()).map(this::outputs).max().orElse(0);
    return (long) inputs * outputs;
  }
}
