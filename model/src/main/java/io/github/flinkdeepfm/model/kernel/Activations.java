package io.github.flinkdeepfm.model.kernel;

/**
 * What flows between the parts of a {@code SimpleDeepFMNN} for one batch; all row-major.
 *
 * @param embeddedDense [B, D], output of the dense arch
 * @param embeddedSparse [B, F·D], output of the sparse arch, features in the model's order
 * @param interaction [B, D + DI + 1], output of the interaction arch: dense, deep, fm
 * @param logits [B], before the sigmoid
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Activations(
    float[] embeddedDense, float[] embeddedSparse, float[] interaction, float[] logits) {}
