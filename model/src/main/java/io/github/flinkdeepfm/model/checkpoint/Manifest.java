package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code manifest.json} says of a published version.
 *
 * @param version its name, a plain path segment
 * @param kind whole model or changes of another
 * @param base the version that a delta applies to; empty for a full one
 * @param createdAt when it was made
 * @param files every other file of the version
 * @param provenance where it comes from, as written; a missing node if not said
 */
public record Manifest(
    String version,
    Kind kind,
    Optional<String> base,
    Instant createdAt,
    List<FileEntry> files,
    JsonNode provenance) {

  /** The largest {@code manifest.json}, in bytes: readers hold many of them at once. */
  public static final int MAX_BYTES = 4 << 20;

  /** The most files that a version has beside its manifest. */
  public static final int MAX_FILES = 10_000;

  /** The most bytes of one file: the sum over all files stays a long. */
  public static final long MAX_FILE_BYTES = 1L << 49;

  /** The last {@code created_at}; the first is the epoch. */
  public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  /** Oldest first; among versions of one instant by name. */
  public static final Comparator<Manifest> BY_AGE =
      Comparator.comparing(Manifest::createdAt).thenComparing(Manifest::version);

  /** Whole model or changes of another. */
  public enum Kind {
    FULL,
    DELTA
  }

  /**
   * One file of the version.
   *
   * @param name a plain file name inside the version's directory
   * @param bytes its size
   * @param sha256 64 lower-case hexadecimal digits
   */
  public record FileEntry(String name, long bytes, String sha256) {}

  /** Whether this may name a version: a path segment that is safe on every storage. */
  public static boolean isVersion(String name) {
    return Text.isVersion(name);
  }

  public Manifest {
    files = List.copyOf(files);
  }
}
