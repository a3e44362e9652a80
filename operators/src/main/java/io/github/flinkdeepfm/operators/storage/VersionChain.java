package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.model.publish.PublishedVersions.Announcement;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A version and its bases, as the root announced them at one time.
 *
 * @param links the version first, a full version last
 */
public record VersionChain(List<Link> links) {

  /**
   * One version of the chain.
   *
   * @param sha256 of its manifest's text
   * @param digest SHA-256 of that and, in a delta, its base's digest: two links with the same one
   *     stand for the same model, whatever was published under their names since
   */
  record Link(Manifest manifest, String sha256, String digest) {
    private static final int SHOWN_DIGITS = 16;

    String version() {
      return manifest.version();
    }

    long bytes() {
      return manifest.files().stream().mapToLong(Manifest.FileEntry::bytes).sum();
    }

    /** Tells links apart, and may name a directory. */
    String key() {
      return version() + "@" + digest.substring(0, SHOWN_DIGITS);
    }
  }

  public VersionChain {
    links = List.copyOf(links);
  }

  /** SHA-256 of the version's own manifest, in hexadecimal. */
  public String manifestSha256() {
    return links.get(0).sha256();
  }

  /**
   * Reads the manifests.
   *
   * @throws RefusedVersionException INCOMPLETE or MISSING_BASE if the root answers and the manifest
   *     of the version or of a base is not there; INVALID if one is wrong
   * @throws IOException if the root does not answer
   */
  static VersionChain read(ModelStorage storage, String version) throws IOException {
    List<Announcement> found = new ArrayList<>();
    for (Optional<String> next = Optional.of(version); next.isPresent(); ) {
      if (found.size() > ModelDirectory.MAX_DELTAS) {
        throw new RefusedVersionException(
            RefusalReason.INVALID,
            "%s: expected at most %d deltas on a full version, got more below %s"
                .formatted(storage.location(), ModelDirectory.MAX_DELTAS, version));
      }
      Announcement announcement = announcement(storage, next.get(), found.isEmpty());
      found.add(announcement);
      next = announcement.manifest().base();
    }
    List<Link> links = new ArrayList<>();
    String digest = "";
    for (int i = found.size() - 1; i >= 0; i--) {
      Announcement announced = found.get(i);
      digest =
          digest.isEmpty()
              ? announced.sha256()
              : Sha256.of((announced.sha256() + digest).getBytes(StandardCharsets.US_ASCII));
      links.add(0, new Link(announced.manifest(), announced.sha256(), digest));
    }
    return new VersionChain(links);
  }

  private static Announcement announcement(ModelStorage storage, String version, boolean asked)
      throws IOException {
    PublishedVersions versions = new PublishedVersions(storage);
    if (!versions.exists(version)) {
      versions.requireAnswer();
      throw new RefusedVersionException(
          asked ? RefusalReason.INCOMPLETE : RefusalReason.MISSING_BASE,
          "expected %s/%s/%s, got no such file"
              .formatted(storage.location(), version, ModelDirectory.MANIFEST));
    }
    try {
      return versions.announcement(version);
    } catch (InvalidModelException | InvalidConfigurationException e) {
      throw new RefusedVersionException(RefusalReason.INVALID, e.getMessage(), e);
    }
  }

  /** Name of the version that this is the chain of. */
  public String version() {
    return links.get(0).version();
  }

  /** Tells chains apart; equal keys stand for the same bytes. */
  public String key() {
    return links.get(0).key();
  }

  /** This chain, and that of each base. */
  List<VersionChain> suffixes() {
    List<VersionChain> suffixes = new ArrayList<>();
    for (int i = 0; i < links.size(); i++) {
      suffixes.add(new VersionChain(links.subList(i, links.size())));
    }
    return suffixes;
  }
}
