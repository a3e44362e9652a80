package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ControlFile;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestReader;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot.Listing;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The versions under a model root on any storage; {@link ModelRoot} is its like for local readers.
 * Every call looks again.
 */
public final class PublishedVersions {
  /**
   * Directory of marker files. Each lists versions, one a line ({@code #} starts a comment), that
   * something outside this root may still name: a retained checkpoint or savepoint, an experiment.
   */
  public static final String IN_USE = "in-use";

  private static final String FIRST = "000001";

  private final ModelStorage storage;

  public PublishedVersions(ModelStorage storage) {
    this.storage = storage;
  }

  /**
   * The versions that a manifest announces, oldest first. One that cannot be read hides no other.
   *
   * @throws IOException if the storage does not answer
   */
  public Listing list() throws IOException {
    return list(false);
  }

  /**
   * As {@link #list}, for one who removes what no version needs.
   *
   * @throws IOException also if one manifest cannot be read: nobody knows its base
   */
  Listing listAllRead() throws IOException {
    return list(true);
  }

  private Listing list(boolean strict) throws IOException {
    List<Manifest> versions = new ArrayList<>();
    Map<String, String> refused = new TreeMap<>();
    IOException unread = null;
    for (String name : storage.list("")) {
      try {
        if (exists(name)) {
          versions.add(manifest(name));
        }
      } catch (IOException e) {
        if (strict || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        storage.list(""); // Throws if it is the storage that fails, not this version.
        unread = e;
        refused.put(name, name + ": expected a readable manifest, got " + e);
      } catch (InvalidModelException | InvalidConfigurationException e) {
        refused.put(name, e.getMessage());
      } catch (RuntimeException e) {
        refused.put(name, name + ": expected a manifest, got " + e); // The others go on.
      }
    }
    if (versions.isEmpty() && unread != null) {
      throw unread;
    }
    versions.sort(Manifest.BY_AGE);
    return new Listing(versions, refused);
  }

  public boolean exists(String version) throws IOException {
    // HDFS does not say of a path below a file that it is not there, but fails.
    return Manifest.isVersion(version)
        && !version.equals(ModelRoot.CONTROL)
        && storage.exists(version + "/" + ModelDirectory.MANIFEST);
  }

  /**
   * To be called before something that the root does not have is taken to be missing.
   *
   * @throws IOException if the root is empty or not there, as a mount that is gone looks
   */
  public void requireAnswer() throws IOException {
    if (storage.list("").isEmpty()) {
      throw new IOException(
          storage.location() + ": expected a model root with versions in it, got none");
    }
  }

  /**
   * @throws InvalidModelException if the manifest is of another version
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public Manifest manifest(String version) throws IOException {
    return announcement(version).manifest();
  }

  /**
   * A version's manifest as it was read.
   *
   * @param sha256 of its text, 64 lower-case hexadecimal digits: as all other files' checksums are
   *     in it, two versions with the same one have the same bytes, but for their bases
   */
  public record Announcement(Manifest manifest, String sha256) {}

  /** As {@link #manifest}. */
  public Announcement announcement(String version) throws IOException {
    String text = manifestText(version);
    return new Announcement(parse(version, text), digest(text));
  }

  /**
   * What {@code manifest.json} of a version holds.
   *
   * @throws InvalidModelException if it is too large
   */
  public String manifestText(String version) throws IOException {
    return read(version + "/" + ModelDirectory.MANIFEST);
  }

  /** SHA-256 of a document in UTF-8, in lower-case hexadecimal digits. */
  public static String digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Checks the text of a version's manifest.
   *
   * @throws InvalidModelException if it is of another version
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public Manifest parse(String version, String text) {
    String file = version + "/" + ModelDirectory.MANIFEST;
    Manifest manifest = ManifestReader.parse(storage.location() + "/" + file, text);
    if (!manifest.version().equals(version)) {
      throw new InvalidModelException(
          storage.location()
              + "/"
              + file
              + ": expected version "
              + version
              + ", got "
              + manifest.version());
    }
    return manifest;
  }

  /** The version that {@code control.json} names, if it does. */
  public Optional<String> pin() throws IOException {
    return storage.exists(ModelRoot.CONTROL)
        ? ControlFile.parse(storage.location() + "/" + ModelRoot.CONTROL, read(ModelRoot.CONTROL))
        : Optional.empty();
  }

  /** The versions that the files under {@link #IN_USE} list. */
  public Set<String> inUse() throws IOException {
    Set<String> versions = new TreeSet<>();
    for (String marker : storage.list(IN_USE)) {
      if (marker.startsWith(".")) {
        continue; // On its way to a name of its own, see ModelStorage.announce.
      }
      read(IN_USE + "/" + marker)
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .forEach(versions::add);
    }
    return versions;
  }

  /**
   * The number after the greatest that is in use as a name, half-written directories included; as
   * wide as the widest, six digits at least.
   */
  String nextNumber() throws IOException {
    BigInteger greatest = BigInteger.ZERO;
    int width = FIRST.length();
    for (String name : storage.list("")) {
      if (name.matches("[0-9]{1,100}")) {
        greatest = greatest.max(new BigInteger(name));
        width = Math.max(width, name.length());
      }
    }
    String next = greatest.add(BigInteger.ONE).toString();
    return "0".repeat(Math.max(0, width - next.length())) + next;
  }

  private String read(String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      byte[] bytes = in.readNBytes(Manifest.MAX_BYTES + 1);
      if (bytes.length > Manifest.MAX_BYTES) {
        throw new InvalidModelException(
            storage.location()
                + "/"
                + file
                + ": expected at most "
                + Manifest.MAX_BYTES
                + " bytes, got more");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
