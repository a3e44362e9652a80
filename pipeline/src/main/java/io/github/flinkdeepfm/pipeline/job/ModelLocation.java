package io.github.flinkdeepfm.pipeline.job;

import java.nio.file.Path;

/**
 * One version of a model.
 *
 * @param directory absolute path of the version's directory
 */
public record ModelLocation(Path directory, String version) {}
