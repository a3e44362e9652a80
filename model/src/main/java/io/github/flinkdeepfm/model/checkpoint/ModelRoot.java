package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A local directory of versions, {@code <root>/<version>/}. A version without {@code manifest.json}
 * is still being written and does not exist. {@code <root>/control.json}, {@code {"pin":
 * "<version>"|null}}, decides which version to use while it names one.
 *
 * <p>Every call looks at the disk again.
 */
public final class ModelRoot {
  public static final String CONTROL = "control.json";

  private final Path path;

  /**
   * @param path need not exist yet
   */
  public ModelRoot(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  /**
   * What lies under a root.
   *
   * @param versions oldest first
   * @param refused versions with a manifest that cannot be used, and why
   */
  public record Listing(List<Manifest> versions, Map<String, String> refused) {
    public Listing {
      versions = List.copyOf(versions);
      refused = Map.copyOf(refused);
    }
  }

  /**
   * Reads the manifest of every published version.
   *
   * @throws InvalidModelException if the root cannot be read
   */
  public Listing list() {
    List<Manifest> versions = new ArrayList<>();
    Map<String, String> refused = new TreeMap<>();
    for (Path directory : published()) {
      String name = directory.getFileName().toString();
      try {
        Manifest manifest = ManifestReader.read(directory.resolve(ModelDirectory.MANIFEST));
        if (manifest.version().equals(name)) {
          versions.add(manifest);
        } else {
          refused.put(
              name, directory + ": expected version " + name + ", got " + manifest.version());
        }
      } catch (InvalidModelException | InvalidConfigurationException e) {
        refused.put(name, e.getMessage());
      } catch (RuntimeException e) {
        refused.put(name, name + ": expected a manifest, got " + e); // The others go on.
      }
    }
    versions.sort(Manifest.BY_AGE);
    return new Listing(versions, refused);
  }

  /** The greatest by (created_at, version); empty if there is no usable version. */
  public Optional<Manifest> newest() {
    List<Manifest> versions = list().versions();
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
  }

  /**
   * The version that {@code control.json} names, if it does.
   *
   * @throws InvalidConfigurationException if the file is not as described
   */
  public Optional<String> pin() {
    Path file = path.resolve(CONTROL);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    return ControlFile.pin(file.toString(), StrictJson.readObject(file));
  }

  /**
   * Opens the version that is asked for, else the pinned one, else the newest.
   *
   * @throws InvalidModelException if there is no such version, or none at all
   */
  public ModelDirectory resolve(Optional<String> version) {
    Optional<String> named = version.or(this::pin);
    if (named.isPresent()) {
      String name = named.get();
      if (!Text.isVersion(name)
          || !Files.exists(path.resolve(name).resolve(ModelDirectory.MANIFEST))) {
        throw new InvalidModelException(
            path
                + ": expected the "
                + (version.isPresent() ? "requested" : "pinned")
                + " version "
                + Text.quote(name)
                + ", got no such version");
      }
      ModelDirectory directory = ModelDirectory.open(path.resolve(name));
      if (!directory.version().equals(name)) {
        throw new InvalidModelException(
            directory.path() + ": expected version " + name + ", got " + directory.version());
      }
      return directory;
    }
    Listing listing = list();
    if (listing.versions().isEmpty()) {
      throw new InvalidModelException(
          path
              + ": expected at least one version with "
              + ModelDirectory.MANIFEST
              + ", got an empty root"
              + (listing.refused().isEmpty() ? "" : " but for " + listing.refused()));
    }
    Manifest newest = listing.versions().get(listing.versions().size() - 1);
    return ModelDirectory.open(path.resolve(newest.version()));
  }

  private List<Path> published() {
    if (!Files.exists(path)) {
      return List.of();
    }
    try (Stream<Path> directories = Files.list(path)) {
      return directories
          .filter(d -> Files.exists(d.resolve(ModelDirectory.MANIFEST)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InvalidModelException(path + ": expected a readable model root, got " + e, e);
    }
  }
}
