package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.serving.ParityReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelPublisherTest extends PublishTestBase {
  private final SmallModel model = SmallModel.of(20, 10, 1);
  private Path source;

  @BeforeEach
  void writeSource() throws IOException {
    source = model.write(folder.resolve("source"));
  }

  @Test
  void publishedVersionIsTheSourceWithSumsAndProvenance() throws Exception {
    Files.writeString(source.resolve("optimizer.pt"), "not part of the version");

    Publication published =
        publisher.publish(
            source,
            PublishOptions.DEFAULT.withProvenance(
                Map.of("trainer", "nightly", "data_to", "2026-01-31")));

    Manifest manifest = open("000001").manifest().orElseThrow();
    assertThat(manifest).isEqualTo(published.manifest());
    assertThat(manifest.files())
        .extracting(Manifest.FileEntry::name)
        .containsExactly("model.json", "model.safetensors");
    assertThat(manifest.provenance().path("trainer").asText()).isEqualTo("nightly");
    assertThat(manifest.provenance().path("data_to").asText()).isEqualTo("2026-01-31");
    assertThat(manifest.provenance().path("java").asText())
        .contains(System.getProperty("java.runtime.version"));
    assertThat(manifest.provenance().path("os").asText()).contains(System.getProperty("os.name"));
    assertThat(bits(open("000001"))).isEqualTo(bits(ModelDirectory.open(source)));
    assertThat(published.notes()).containsExactly("model unverified", "encoding unverified");
    assertThat(root.resolve("000001").resolve(VersionWriter.MARKER)).doesNotExist();
  }

  @Test
  void nextNumberFollowsTheGreatestNameAndNamesAreFree() throws Exception {
    publisher.publish(source, PublishOptions.DEFAULT.withVersion("000041"));
    publisher.publish(source, PublishOptions.DEFAULT.withVersion("spring-sale"));

    publisher.publish(source, PublishOptions.DEFAULT);

    assertThat(versions()).containsExactly("000041", "spring-sale", "000042");
  }

  @Test
  void versionIsNewestEvenIfTheClockStandsOrGoesBack() throws Exception {
    Instant now = Instant.parse("2026-03-01T00:00:00Z");
    for (String at :
        List.of("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2025-01-01T00:00:00Z")) {
      new ModelPublisher(
              storage,
              NO_SAMPLES,
              PATIENT,
              Duration.ZERO,
              Clock.fixed(Instant.parse(at), ZoneOffset.UTC))
          .publish(source, PublishOptions.DEFAULT);
    }

    assertThat(new ModelRoot(root).list().versions())
        .extracting(Manifest::createdAt)
        .containsExactly(now, now.plusMillis(1), now.plusMillis(2));
  }

  @Test
  void existingOrUnusableNameIsRefused() throws Exception {
    publisher.publish(source, PublishOptions.DEFAULT.withVersion("v1"));
    byte[] before = Files.readAllBytes(root.resolve("v1").resolve(ModelDirectory.MANIFEST));

    for (String name : List.of("v1", "../v2", "", ".hidden", "in-use", "control.json")) {
      assertThatThrownBy(() -> publisher.publish(source, PublishOptions.DEFAULT.withVersion(name)))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("got " + name);
    }

    assertThat(root.resolve("v1").resolve(ModelDirectory.MANIFEST)).hasBinaryContent(before);
    assertThat(versions()).containsExactly("v1");
  }

  @Test
  void valueThatIsNotFiniteIsRefusedByName() throws Exception {
    model.table(1)[3 * SmallModel.DIM + 2] = Float.NaN;
    Path table = model.write(folder.resolve("table"));
    SmallModel other = SmallModel.of(20, 10, 1);
    other.tensor(StateDict.OVER_WEIGHT)[4] = Float.POSITIVE_INFINITY;
    Path dense = other.write(folder.resolve("dense"));

    assertThatThrownBy(() -> publisher.publish(table, PublishOptions.DEFAULT))
        .isInstanceOf(ModelCheckException.class)
        .hasMessageContaining("table b: expected finite values, got NaN at row 3 column 2");
    assertThatThrownBy(() -> publisher.publish(dense, PublishOptions.DEFAULT))
        .isInstanceOf(ModelCheckException.class)
        .hasMessageContaining("over_arch.model.0.weight: expected finite values, got Infinity");
    assertThat(storage.list("")).isEmpty();
  }

  @Test
  void failedParitySampleIsRefusedAndPassedOneIsNoted() throws Exception {
    assertThatThrownBy(() -> publisherWithSample(2).publish(source, PublishOptions.DEFAULT))
        .isInstanceOf(ModelCheckException.class)
        .hasMessageContaining("parity sample of the model")
        .hasMessageContaining("output=scores");

    assertThat(publisherWithSample(0.5).publish(source, PublishOptions.DEFAULT).notes())
        .containsExactly("encoding unverified");
  }

  private ModelPublisher publisherWithSample(double share) {
    ParityReport report =
        new ParityReport(
            List.of(new ParityReport.Row("scores", 1, 0, 0, share, "worst")), List.of());
    return new ModelPublisher(
        storage, new ModelChecks(d -> Optional.of(report), d -> Optional.empty()));
  }

  @Test
  void provenanceCannotClaimWhatThePublisherKnows() {
    PublishOptions options = PublishOptions.DEFAULT.withProvenance(Map.of("java", "21"));

    assertThatThrownBy(() -> publisher.publish(source, options))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("got java");
  }

  @Test
  void fullDiskIsAnErrorAndLeavesNothing() throws Exception {
    publisher.publish(source, PublishOptions.DEFAULT);
    long whole = 0;
    for (String file : storage.list("000001")) {
      whole += Files.size(root.resolve("000001").resolve(file));
    }
    for (long space : new long[] {200, whole / 2, whole - 1}) {
      assertThatThrownBy(
              () ->
                  publisher(FailingStorage.fullAfter(storage, space), PATIENT)
                      .publish(source, PublishOptions.DEFAULT))
          .isInstanceOf(IOException.class)
          .hasMessage("No space left on device");
      assertThat(storage.list("")).isEqualTo(List.of(RootLock.DIRECTORY, "000001"));
      assertThat(storage.list(RootLock.DIRECTORY)).isEmpty();
    }
  }

  @Test
  void sourceThatChangesWhileItIsPublishedIsRefused() throws Exception {
    ModelChecks writing =
        new ModelChecks(
            d -> {
              try {
                Files.writeString(source.resolve("model.json"), "\n", StandardOpenOption.APPEND);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
              return Optional.empty();
            },
            d -> Optional.empty());

    assertThatThrownBy(
            () -> new ModelPublisher(storage, writing).publish(source, PublishOptions.DEFAULT))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a file that nobody writes while it is published");
    assertThat(versions()).isEmpty();
    assertThat(root.resolve("000001")).doesNotExist();
  }

  @Test
  void publishersOnOneRootGetVersionsOfTheirOwn() throws Exception {
    List<Callable<List<String>>> publishers = new ArrayList<>();
    for (int p = 0; p < 3; p++) {
      SmallModel own = SmallModel.of(20, 10, p);
      Path directory = own.write(folder.resolve("source-" + p));
      publishers.add(
          () -> {
            List<String> published = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
              published.add(
                  publisher(new LocalModelStorage(root), PATIENT)
                      .publish(directory, PublishOptions.DEFAULT)
                      .manifest()
                      .version());
            }
            return published;
          });
    }
    List<String> all = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(publishers.size());
    try {
      List<Future<List<String>>> results = threads.invokeAll(publishers);
      for (int p = 0; p < publishers.size(); p++) {
        List<Integer> own = bits(ModelDirectory.open(folder.resolve("source-" + p)));
        for (String version : results.get(p).get()) {
          all.add(version);
          assertThat(bits(open(version))).isEqualTo(own);
        }
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(all).hasSize(12).doesNotHaveDuplicates();
    assertThat(versions()).hasSize(12).isSorted();
    assertThat(new ModelRoot(root).list().versions())
        .extracting(Manifest::createdAt)
        .doesNotHaveDuplicates();
  }

  @Test
  void pinDecidesUntilItIsTakenAway() throws Exception {
    publisher.publish(source, PublishOptions.DEFAULT);
    publisher.publish(source, PublishOptions.DEFAULT);
    ModelRoot reader = new ModelRoot(root);

    publisher.pin("000001");
    assertThat(reader.resolve(Optional.empty()).version()).isEqualTo("000001");
    assertThat(new PublishedVersions(storage).pin()).contains("000001");
    assertThatThrownBy(() -> publisher.pin("000003"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a published version to pin, got 000003");
    assertThat(reader.pin()).contains("000001");
    publisher.unpin();
    assertThat(reader.pin()).isEmpty();
    assertThat(reader.resolve(Optional.empty()).version()).isEqualTo("000002");
  }
}
