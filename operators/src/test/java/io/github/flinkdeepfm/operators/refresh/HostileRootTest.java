package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a root may hold does not keep a job from the versions that are good. */
class HostileRootTest {
  private static final int VERSIONS = 10_000;

  @TempDir Path root;

  private void manifest(String version, String createdAt) throws IOException {
    Files.createDirectories(root.resolve(version));
    Files.writeString(
        root.resolve(version).resolve("manifest.json"),
        "{\"format\":1,\"version\":\"%s\",\"kind\":\"full\",\"created_at\":\"%s\",\"files\":[]}"
            .formatted(version, createdAt));
  }

  @Test
  void otherVersionsAndThePinGoOn() throws Exception {
    manifest("good", "2026-01-01T00:00:00Z");
    manifest("far", "+999999999-01-01T00:00:00Z");
    Files.createDirectories(root.resolve("directory/manifest.json"));
    Files.createSymbolicLink(root.resolve("round"), Path.of("round"));
    Files.createDirectories(root.resolve("large"));
    Files.writeString(root.resolve("large/manifest.json"), " ".repeat(50 << 20));

    Look look = new RootWatcher(new LocalModelStorage(root), Optional.empty()).look(Set.of());

    assertThat(look.versions()).extracting(Target::version).containsExactly("good");
    assertThat(look.unreadable().keySet())
        .extracting(Target::version)
        .containsExactlyInAnyOrder("far", "directory", "round", "large");
    RootFollower follower = new RootFollower(RefreshSettings.of(root.toString()));
    assertThat(follower.look("")).get().extracting("version").isEqualTo("good");
    assertThat(new RootFollower(RefreshSettings.of(root.toString()).withPin("good")).look(""))
        .isPresent();
  }

  /** Each look asks of every version what its bases are. */
  @Test
  @Timeout(20)
  void aChainOfAllVersionsIsNotWalkedFromEachOfThem() {
    List<Target> chain = new ArrayList<>();
    for (int i = 0; i < VERSIONS; i++) {
      Optional<String> base = i == 0 ? Optional.empty() : Optional.of("v" + (i - 1));
      chain.add(new Target("v" + i, Instant.EPOCH.plusSeconds(i).toEpochMilli(), "m" + i, base));
    }
    VersionChoice choice = new VersionChoice(CoordinatorState.EMPTY);
    for (int look = 0; look < 20; look++) {
      choice.look(new Look(chain, Map.of(), Optional.empty()), "v0");
      assertThat(choice.reused()).isEmpty();
    }
    assertThat(choice.chain(chain.get(VERSIONS - 1))).hasSize(ModelDirectory.MAX_DELTAS + 1);
  }
}
