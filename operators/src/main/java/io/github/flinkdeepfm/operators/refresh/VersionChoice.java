package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.operators.refresh.CoordinatorState.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which version the job should score with: the pinned one while there is a pin, else the newest
 * that was not refused; never an older one than the active unless it is pinned. A refused one is
 * tried again when a pin names it, or a base of it that was missing has come. And none that bears
 * the name of one that is in use, or has such a base, and is not that one.
 */
final class VersionChoice {
  private final Map<String, Refusal> refused;
  private final Map<String, Target> known = new TreeMap<>();

  /** Manifests of the active version and its bases, by name; as they were when it was loaded. */
  private final Map<String, String> inUse;

  private Map<String, Target> byName = Map.of();
  private List<Target> listed = List.of();
  private Optional<String> pin = Optional.empty();

  VersionChoice(CoordinatorState restored) {
    this.refused = new TreeMap<>(restored.refused());
    this.inUse = new TreeMap<>(restored.manifests());
  }

  /**
   * Takes in what lies under the root; refusals of versions that are gone are forgotten.
   *
   * @param active the version that scores, empty if not known
   */
  void look(Look look, String active) {
    if (!look.pin().equals(pin)) {
      look.pin().ifPresent(refused::remove); // Who asks for it by name wants it tried again.
    }
    pin = look.pin();
    Map<String, Target> before = byName;
    listed = new ArrayList<>(look.versions());
    listed.sort(Target.BY_AGE);
    byName = new TreeMap<>();
    listed.forEach(target -> byName.put(target.version(), target));
    Set<String> names = new HashSet<>(byName.keySet());
    look.unreadable().keySet().forEach(target -> names.add(target.version()));
    refused.keySet().retainAll(names);
    if (!before.isEmpty()) {
      forgetRefusalsOnNewBases(before.keySet());
    }
    learn(active);
    for (Target target : listed) {
      if (!isAnotherThanInUse(target)) {
        known.put(target.version(), target);
      }
    }
  }

  /** A version is what all subtasks score with from now on. */
  void activated(Target target) {
    known.put(target.version(), target);
    Map<String, String> before = new TreeMap<>(inUse);
    inUse.clear();
    for (Target link : chain(target)) {
      inUse.put(link.version(), before.getOrDefault(link.version(), link.manifest()));
    }
    inUse.put(target.version(), target.manifest());
  }

  /** Listed versions that reuse a name that is in use, each with what is wrong. */
  Map<Target, String> reused() {
    Map<Target, String> found = new LinkedHashMap<>();
    for (Target target : listed) {
      chain(target).stream()
          .filter(this::isAnotherThanInUse)
          .findFirst()
          .ifPresent(
              link ->
                  found.put(
                      target,
                      "%s: expected the manifest that is in use, SHA-256 %s, got %s; a version's name must not be used again"
                          .formatted(link.version(), inUse.get(link.version()), link.manifest())));
    }
    return found;
  }

  /** The listed version of this name, if it still has this manifest. */
  Optional<Target> listed(String version, String manifest) {
    return Optional.ofNullable(byName.get(version))
        .filter(target -> target.manifest().equals(manifest));
  }

  /** Empty if there is nothing better than {@code active}. */
  Optional<Target> wanted(String active) {
    if (pin.isPresent()) {
      return Optional.ofNullable(byName.get(pin.get())).filter(target -> !isRefused(target));
    }
    Optional<Target> newest =
        listed.stream().filter(target -> !isRefused(target)).reduce((older, newer) -> newer);
    // One that was published again before it was ever listed as it is says at least how old it is.
    Target now = known.getOrDefault(active, byName.get(active));
    return newest.filter(target -> now == null || Target.BY_AGE.compare(target, now) >= 0);
  }

  /** Why a version that is pinned cannot be taken; empty if it can. */
  Optional<String> whyNot(String pinned) {
    Optional<Target> target = Optional.ofNullable(byName.get(pinned));
    if (target.isEmpty()) {
      return Optional.of("expected a version " + pinned + " under the root, got none");
    }
    return target.filter(this::isRefused).map(t -> "refused: " + refused.get(pinned).detail());
  }

  boolean isPinned() {
    return pin.isPresent();
  }

  void refuse(Target target, String detail) {
    refused.put(target.version(), new Refusal(target.createdAt(), target.manifest(), detail));
  }

  boolean isRefused(Target target) {
    Refusal refusal = refused.get(target.version());
    return refusal != null && refusal.isOf(target);
  }

  Map<String, Refusal> refused() {
    return refused;
  }

  /** Manifests of the active version and its bases, by name. */
  Map<String, String> inUse() {
    return inUse;
  }

  /** A version and its bases, as far as they are listed, and as many as a version may have. */
  List<Target> chain(Target target) {
    List<Target> chain = new ArrayList<>(List.of(target));
    Set<String> names = new LinkedHashSet<>(List.of(target.version()));
    Optional<String> base = target.base();
    while (base.isPresent()
        && chain.size() <= ModelDirectory.MAX_DELTAS
        && names.add(base.get())
        && byName.containsKey(base.get())) {
      Target link = byName.get(base.get());
      chain.add(link);
      base = link.base();
    }
    return chain;
  }

  /** When a version was made, in epoch milliseconds; empty if the root never listed it. */
  Optional<Long> createdAt(String version) {
    return Optional.ofNullable(known.get(version)).map(Target::createdAt);
  }

  /** A job that starts knows the manifest of what it scores with from its first look. */
  private void learn(String active) {
    Target target = byName.get(active);
    if (target != null && !inUse.containsKey(active)) {
      activated(target);
    }
  }

  /** Tools that copy a root need not bring a base before the delta on it. */
  private void forgetRefusalsOnNewBases(Set<String> before) {
    for (Target target : listed) {
      boolean newBase =
          chain(target).stream().skip(1).anyMatch(base -> !before.contains(base.version()));
      if (newBase) {
        refused.remove(target.version());
      }
    }
  }

  private boolean isAnotherThanInUse(Target target) {
    String manifest = inUse.get(target.version());
    return manifest != null && !manifest.equals(target.manifest());
  }
}
