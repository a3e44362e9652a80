/**
 * Reads model directories.
 *
 * <p>In: a directory with {@code model.json} and safetensors files, full or a delta of another
 * version, which may be damaged or hostile. Out: {@link
 * io.github.flinkdeepfm.model.checkpoint.ModelWeights}, that is a checked {@link
 * io.github.flinkdeepfm.model.checkpoint.ModelConfig}, dense parameters on the heap and embedding
 * tables mapped from the files; or one error that names file, expected and found.
 *
 * <p>Read {@link io.github.flinkdeepfm.model.checkpoint.ModelDirectory} first, then {@link
 * io.github.flinkdeepfm.model.checkpoint.SafetensorsHeader} for what is checked in a tensor file.
 */
package io.github.flinkdeepfm.model.checkpoint;
