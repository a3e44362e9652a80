/**
 * Embedding tables and bags (TorchRec {@code torchrec.modules}).
 *
 * <p>In: a {@link io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor} of ids. Out: a {@link
 * io.github.flinkdeepfm.model.sparse.KeyedTensor} [B, sum of the dimensions]. Read {@link
 * io.github.flinkdeepfm.model.modules.EmbeddingBagCollection} first; the arithmetic is in {@link
 * io.github.flinkdeepfm.model.modules.BagPooling}.
 */
package io.github.flinkdeepfm.model.modules;
