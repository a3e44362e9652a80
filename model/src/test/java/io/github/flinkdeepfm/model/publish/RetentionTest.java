package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest extends PublishTestBase {
  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  /**
   * versions: name@age in days, oldest first, a delta as name&lt;base@age; removed: newest first.
   */
  @ParameterizedTest(name = "{0}, keep {1}, younger than {2} d, protect {3}: removes {4}")
  @CsvSource(
      nullValues = "-",
      value = {
        "1@9 2@8 3@7,         1, 0,  -, 2 1",
        "1@9 2@8 3@7,         2, 0,  -, 1",
        "1@9 2@8 3@7,         5, 0,  -, -",
        "1@9 2@8 3@7,         1, 8,  -, 2 1",
        "1@9 2@7 3@6,         1, 8,  -, 1",
        "1@9 2@8 3@7,         1, 99, -, -",
        "1@9 2@8 3@7,         1, 0,  1, 2",
        "1@9 2<1@8 3@7,       1, 0,  -, 2 1",
        "1@9 2@8 3<1@7,       1, 0,  -, 2",
        "1@9 2<1@8 3<2@7 4@6, 1, 0,  3, -",
        "1@9 2<1@8 3<2@7 4@6, 1, 0,  2, 3",
        "2<1@8 3@7,           1, 0,  2, -",
        "1@9 2@8 3@-5,        1, 0,  -, 2 1",
      })
  void keepsTheLastTheYoungTheProtectedAndTheirBases(
      String versions, int keep, int minAgeDays, String protect, String removed) {
    List<Manifest> manifests = new ArrayList<>();
    for (String version : versions.trim().split(" +")) {
      String[] parts = version.split("[<@]");
      manifests.add(
          new Manifest(
              parts[0],
              parts.length == 3 ? Manifest.Kind.DELTA : Manifest.Kind.FULL,
              parts.length == 3 ? Optional.of(parts[1]) : Optional.empty(),
              NOW.minus(Duration.ofDays(Integer.parseInt(parts[parts.length - 1]))),
              List.of(),
              MissingNode.getInstance()));
    }
    Set<String> named = protect == null ? Set.of() : Set.of(protect);
    List<String> expected = removed == null ? List.of() : List.of(removed.split(" "));
    Duration minAge = Duration.ofDays(minAgeDays);

    assertThat(new Retention(keep, minAge, named).expired(manifests, Set.of(), NOW))
        .isEqualTo(expected);
    assertThat(new Retention(keep, minAge, Set.of()).expired(manifests, named, NOW))
        .isEqualTo(expected);
  }

  @Test
  void pinnedVersionsAndThoseThatMarkersNameStay() throws Exception {
    Path source = SmallModel.of(4, 4, 1).write(folder.resolve("source"));
    for (int i = 0; i < 6; i++) {
      publisher.publish(source, PublishOptions.DEFAULT);
    }
    publisher.pin("000002");
    Files.createDirectories(root.resolve(PublishedVersions.IN_USE));
    Files.writeString(
        root.resolve(PublishedVersions.IN_USE).resolve("savepoint-ab12"),
        "# kept for the audit\n000003  # its version\n\n");

    List<String> removed = publisher.retain(new Retention(1, Duration.ZERO, Set.of("000005")));

    assertThat(removed).containsExactly("000004", "000001");
    assertThat(versions()).containsExactly("000002", "000003", "000005", "000006");
    assertThat(publisher.retain(new Retention(1, Duration.ofDays(7), Set.of()))).isEmpty();
  }

  @Test
  void pinThatCannotBeReadRemovesNothing() throws Exception {
    Path source = SmallModel.of(4, 4, 1).write(folder.resolve("source"));
    publisher.publish(source, PublishOptions.DEFAULT);
    publisher.publish(source, PublishOptions.DEFAULT);
    Files.writeString(root.resolve("control.json"), "{\"pin\":");

    assertThatThrownBy(() -> publisher.retain(new Retention(1, Duration.ZERO, Set.of())))
        .hasMessageContaining("control.json");
    assertThat(versions()).hasSize(2);
  }

  @Test
  void noVersionAtAllIsNotARule() {
    assertThatThrownBy(() -> new Retention(0, Duration.ZERO, Set.of()))
        .hasMessageContaining("expected to keep at least 1 version, got 0");
  }
}
