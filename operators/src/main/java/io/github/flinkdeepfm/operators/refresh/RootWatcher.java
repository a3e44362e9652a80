package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.refresh.Look.Unreadable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Looks at a model root again and again. A manifest should never change once it is there, so each
 * is read once; but one that could not be read is read again now and then, and so are, one a look,
 * those of versions whose name must not have been used again. Blocks on the storage; not
 * thread-safe.
 */
final class RootWatcher {
  /** An unreadable manifest is read again after so many looks. */
  private static final int PATIENCE = 10;

  /** In place of a digest. */
  private static final String NOT_READ = "not read";

  private final ModelStorage storage;
  private final PublishedVersions versions;
  private final Optional<String> fixedPin;
  private final Map<String, Seen> seen = new TreeMap<>();
  private String lastWatched = "";
  private long looks;

  /** What was last read of a version. */
  private record Seen(Target target, Optional<Unreadable> why, long look) {}

  /**
   * @param fixedPin counts instead of {@code control.json} if there is one
   */
  RootWatcher(ModelStorage storage, Optional<String> fixedPin) {
    this.storage = storage;
    this.versions = new PublishedVersions(storage);
    this.fixedPin = fixedPin;
  }

  /**
   * @param watched versions whose manifest may have been replaced
   * @throws IOException if the root cannot be read or holds no version at all, which is what a file
   *     system that is not mounted looks like
   * @throws InvalidConfigurationException if {@code control.json} is not as described
   */
  Look look(Set<String> watched) throws IOException {
    looks++;
    Optional<String> pin = fixedPin.isPresent() ? fixedPin : versions.pin();
    List<String> names = storage.list("");
    seen.keySet().retainAll(names);
    Optional<String> again = next(watched);
    for (String name : names) {
      Seen last = seen.get(name);
      boolean due = last == null || (last.why().isPresent() && looks - last.look() >= PATIENCE);
      if (due || again.equals(Optional.of(name))) {
        read(name);
      }
    }
    List<Target> found = new ArrayList<>();
    Map<Target, Unreadable> unreadable = new HashMap<>();
    for (Seen version : seen.values()) {
      if (version.why().isPresent()) {
        unreadable.put(version.target(), version.why().get());
      } else {
        found.add(version.target());
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          storage.location()
              + ": expected at least one version, got none: is the storage there? "
              + unreadable.values().stream().map(Unreadable::detail).toList());
    }
    return new Look(found, unreadable, pin);
  }

  /** The watched names that are there take turns. */
  private Optional<String> next(Set<String> watched) {
    TreeSet<String> there = new TreeSet<>(watched);
    there.retainAll(seen.keySet());
    if (there.isEmpty()) {
      return Optional.empty();
    }
    String next = there.higher(lastWatched);
    lastWatched = next == null ? there.first() : next;
    return Optional.of(lastWatched);
  }

  private void read(String name) throws IOException {
    String file = storage.location() + "/" + name + "/" + ModelDirectory.MANIFEST;
    try {
      if (!versions.exists(name)) {
        seen.remove(name);
        return;
      }
      String text = versions.manifestText(name);
      String digest = PublishedVersions.digest(text);
      try {
        Manifest manifest = versions.parse(name, text);
        Target target =
            new Target(name, manifest.createdAt().toEpochMilli(), digest, manifest.base());
        seen.put(name, new Seen(target, Optional.empty(), looks));
      } catch (InvalidModelException | InvalidConfigurationException e) {
        unreadable(name, digest, RefusalReason.INVALID, e.getMessage());
      } catch (RuntimeException e) {
        unreadable(name, digest, RefusalReason.INVALID, file + ": expected a manifest, got " + e);
      }
    } catch (InvalidModelException e) {
      unreadable(name, NOT_READ, RefusalReason.INVALID, e.getMessage());
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      // One file that cannot be read must not hide the other versions.
      Seen last = seen.get(name);
      if (last == null || last.why().isPresent()) {
        unreadable(name, NOT_READ, RefusalReason.STORAGE, file + ": " + e);
      }
    }
  }

  private void unreadable(String name, String digest, RefusalReason reason, String detail) {
    Target target = new Target(name, 0, digest, Optional.empty());
    seen.put(name, new Seen(target, Optional.of(new Unreadable(reason, detail)), looks));
  }
}
