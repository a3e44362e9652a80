/**
 * Model roots on any file system that Flink knows, and this process's copies of their versions. In:
 * a root as users write it. Out: a {@link io.github.flinkdeepfm.model.publish.ModelStorage}, or a
 * version's files on the local disk. Read {@link
 * io.github.flinkdeepfm.operators.storage.ModelStorages} first, then {@link
 * io.github.flinkdeepfm.operators.storage.ModelCache}.
 */
package io.github.flinkdeepfm.operators.storage;
