/**
 * Model roots on any file system that Flink knows. In: a root as users write it. Out: a {@link
 * io.github.flinkdeepfm.model.publish.ModelStorage}. Read {@link
 * io.github.flinkdeepfm.operators.storage.ModelStorages} first.
 */
package io.github.flinkdeepfm.operators.storage;
