package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a model root again and again. A manifest never changes once it is there, so each is read
 * once. Blocks on the storage; not thread-safe.
 */
final class RootWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(RootWatcher.class);

  private final ModelStorage storage;
  private final PublishedVersions versions;
  private final Map<String, Target> known = new HashMap<>();
  private final Set<String> broken = new HashSet<>();

  RootWatcher(ModelStorage storage) {
    this.storage = storage;
    this.versions = new PublishedVersions(storage);
  }

  /**
   * What lies under the root.
   *
   * @param versions announced ones that can be read
   * @param pin what {@code control.json} names
   */
  record Look(List<Target> versions, Optional<String> pin) {}

  /**
   * @throws IOException if the root cannot be read or holds no version at all, which is what a file
   *     system that is not mounted looks like
   * @throws InvalidConfigurationException if {@code control.json} is not as described
   */
  Look look() throws IOException {
    Optional<String> pin = versions.pin();
    List<Target> found = new ArrayList<>();
    Set<String> names = new HashSet<>(storage.list(""));
    known.keySet().retainAll(names);
    broken.retainAll(names);
    for (String name : names) {
      Target target = known.get(name);
      if (target == null && !broken.contains(name) && versions.exists(name)) {
        target = read(name);
      }
      if (target != null) {
        found.add(target);
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          storage.location() + ": expected at least one version, got none: is the storage there?");
    }
    return new Look(found, pin);
  }

  private Target read(String name) throws IOException {
    try {
      Manifest manifest = versions.manifest(name);
      Target target = new Target(name, manifest.createdAt().toEpochMilli());
      known.put(name, target);
      return target;
    } catch (InvalidModelException | InvalidConfigurationException e) {
      broken.add(name);
      LOG.warn(
          "model {} ignored: {}/{}/{}: {}",
          name,
          storage.location(),
          name,
          ModelDirectory.MANIFEST,
          e.getMessage());
      return null;
    }
  }
}
