/**
 * The DeepFM modules of TorchRec ({@code torchrec.models.deepfm}) as readable definitions on ND4J
 * arrays.
 *
 * <p>In: dense features [B, N] and a {@link io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor}.
 * Out: a probability for each example, [B, 1]. Read {@link
 * io.github.flinkdeepfm.model.deepfm.SimpleDeepFMNN} first.
 *
 * <p>Letters: B batch size, F sparse features, D embedding dimension, N dense features, H hidden
 * layer size, DI deep interaction size. Parameters are asked for by their state_dict names,
 * relative to the module, as row-major floats; a Linear's weight is [out, in]. These classes define
 * what is computed and are not tuned: they allocate, and their bits depend on the batch.
 */
package io.github.flinkdeepfm.model.deepfm;
