/**
 * Ragged ids and keyed dense outputs (TorchRec {@code torchrec.sparse.jagged_tensor}).
 *
 * <p>In: ids as lists of different lengths, by feature and example. Out: flat arrays that the
 * modules read. Read {@link io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor} first.
 *
 * <p>The types wrap the arrays they are given and hand them out without copying: whoever changes
 * such an array changes the tensor.
 */
package io.github.flinkdeepfm.model.sparse;
