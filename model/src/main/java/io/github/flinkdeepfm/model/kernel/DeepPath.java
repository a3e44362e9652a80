package io.github.flinkdeepfm.model.kernel;

import java.util.List;

/**
 * One way to the deep layer's output: the columns of some features go through the GEMM, pooled from
 * their tables; the other features are added as rows that were projected before.
 *
 * @param weights of the dense part's columns and of those of {@code pooled}
 * @param tiles of its GEMM
 * @param pooled in the model's order
 * @param projected in the model's order
 */
record DeepPath(
    LinearWeights weights,
    RowTiles tiles,
    List<Projections.Feature> pooled,
    List<Projections.Feature> projected) {}
