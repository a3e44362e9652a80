package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.refresh.CoordinatorState.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which version the job should score with: the pinned one while there is a pin, else the newest
 * that was not refused; never an older one than the active unless it is pinned.
 */
final class VersionChoice {
  private final Map<String, Refusal> refused;
  private final Map<String, Target> known = new TreeMap<>();
  private List<Target> listed = List.of();
  private Optional<String> pin = Optional.empty();

  VersionChoice(Map<String, Refusal> refused) {
    this.refused = new TreeMap<>(refused);
  }

  /** Takes in what lies under the root; refusals of versions that are gone are forgotten. */
  void look(List<Target> versions, Optional<String> pinned) {
    listed = new ArrayList<>(versions);
    listed.sort(Target.BY_AGE);
    pin = pinned;
    listed.forEach(target -> known.put(target.version(), target));
    refused.keySet().removeIf(name -> versions.stream().noneMatch(t -> t.version().equals(name)));
  }

  /** Empty if there is nothing better than {@code active}. */
  Optional<Target> wanted(String active) {
    if (pin.isPresent()) {
      return listed.stream()
          .filter(target -> target.version().equals(pin.get()) && !isRefused(target))
          .findFirst();
    }
    Optional<Target> newest =
        listed.stream().filter(target -> !isRefused(target)).reduce((older, newer) -> newer);
    Target now = known.get(active);
    return newest.filter(target -> now == null || Target.BY_AGE.compare(target, now) >= 0);
  }

  /** Why a version that is pinned cannot be taken; empty if it can. */
  Optional<String> whyNot(String pinned) {
    Optional<Target> target = listed.stream().filter(t -> t.version().equals(pinned)).findFirst();
    if (target.isEmpty()) {
      return Optional.of("expected a version " + pinned + " under the root, got none");
    }
    return target.filter(this::isRefused).map(t -> "refused: " + refused.get(pinned).detail());
  }

  boolean isPinned() {
    return pin.isPresent();
  }

  void refuse(Target target, String detail) {
    refused.put(target.version(), new Refusal(target.createdAt(), detail));
  }

  boolean isRefused(Target target) {
    Refusal refusal = refused.get(target.version());
    return refusal != null && refusal.createdAt() == target.createdAt();
  }

  Map<String, Refusal> refused() {
    return refused;
  }

  /** When a version was made, in epoch milliseconds; empty if the root never listed it. */
  Optional<Long> createdAt(String version) {
    return Optional.ofNullable(known.get(version)).map(Target::createdAt);
  }
}
