package io.github.flinkdeepfm.pipeline.job;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One version of a model.
 *
 * @param root where its other versions are; empty for a fixed directory
 * @param directory absolute path of the version's directory
 * @param requested whether it was asked for by name, and so counts more than restored state
 */
public record ModelLocation(
    Optional<Path> root, Path directory, String version, boolean requested) {}
