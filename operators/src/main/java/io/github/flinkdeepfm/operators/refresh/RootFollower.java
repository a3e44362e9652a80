package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a model root without a coordinator, for one who has no checkpoints to agree at: says
 * which version to score with now. Blocks on the storage; not thread-safe.
 */
public final class RootFollower {
  private static final Logger LOG = LoggerFactory.getLogger(RootFollower.class);

  private final RootWatcher watcher;
  private final VersionChoice choice = new VersionChoice(CoordinatorState.EMPTY);
  private Set<String> unreadable = Set.of();

  /**
   * A version that is better than the active one.
   *
   * @param manifest SHA-256 of its manifest, in hexadecimal
   */
  public record Wanted(String version, String manifest) {}

  /**
   * @throws IOException if the storage cannot be opened
   */
  public RootFollower(RefreshSettings settings) throws IOException {
    watcher =
        new RootWatcher(
            ModelStorages.open(settings.root(), settings.storageLimitMillis()),
            Optional.ofNullable(settings.pin()));
  }

  /**
   * Looks at the root: the pinned version, else the newest that was not refused.
   *
   * @param active the version that scores, empty for none
   * @return empty if the active one is to go on
   * @throws IOException if the root cannot be read or holds no version
   */
  public Optional<Wanted> look(String active) throws IOException {
    Look look = watcher.look(choice.inUse().keySet());
    report(look);
    choice.look(look, active);
    choice
        .reused()
        .forEach(
            (target, why) -> {
              if (!choice.isRefused(target)) {
                refuse(target, RefusalReason.REUSED_NAME + ": " + why);
              }
            });
    return choice
        .wanted(active)
        .filter(target -> !target.version().equals(active))
        .map(target -> new Wanted(target.version(), target.manifest()));
  }

  /** A version cannot be used: what is wanted next is another. */
  public void refuse(Wanted wanted, String why) {
    target(wanted).ifPresent(target -> refuse(target, why));
  }

  /** A version scores from now on. */
  public void activated(Wanted wanted) {
    target(wanted).ifPresent(choice::activated);
  }

  private Optional<Target> target(Wanted wanted) {
    return choice.listed(wanted.version(), wanted.manifest());
  }

  private void refuse(Target target, String why) {
    choice.refuse(target, why);
    LOG.warn("model {} is refused: {}", target.version(), why);
  }

  private void report(Look look) {
    Set<String> now = new TreeSet<>();
    for (Map.Entry<Target, Look.Unreadable> entry : look.unreadable().entrySet()) {
      String line = entry.getKey().version() + ": " + entry.getValue().detail();
      now.add(line);
      if (!unreadable.contains(line)) {
        LOG.warn("model {}", line);
      }
    }
    unreadable = now;
  }
}
