package io.github.flinkdeepfm.pipeline.job;

import java.util.Optional;

/**
 * One version of a model.
 *
 * @param root where its other versions are; empty for a fixed directory
 * @param directory the version's own; an absolute path if it is local
 * @param requested whether it was asked for by name, and so counts more than restored state
 */
public record ModelLocation(
    Optional<String> root, String directory, String version, boolean requested) {}
