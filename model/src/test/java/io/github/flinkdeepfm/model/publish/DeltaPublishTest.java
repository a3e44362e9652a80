package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeltaPublishTest extends PublishTestBase {
  private final SmallModel model = SmallModel.of(3000, 1000, 1);

  @Test
  void deltaHoldsExactlyTheRowsAndParametersOfWhichABitDiffers() throws Exception {
    model.table(0)[5] = 0.0f;
    publisher.publish(write("1"), PublishOptions.DEFAULT);
    model.table(0)[5] = -0.0f;
    model.changeRow(0, 2999).changeRow(1, 7);
    model.tensor(StateDict.OVER_BIAS)[0] = 0.25f;

    Publication delta = publisher.publish(write("2"), base("000001"));

    assertThat(delta.rowsChanged()).isEqualTo(3);
    assertThat(delta.rows()).isEqualTo(4000);
    assertThat(delta.manifest().kind()).isEqualTo(Manifest.Kind.DELTA);
    try (SafetensorsFile file =
        SafetensorsFile.open(root.resolve("000002").resolve(ModelDirectory.DELTA))) {
      assertThat(file.tensors())
          .containsOnlyKeys("a.rows", "a.values", "b.rows", "b.values", StateDict.OVER_BIAS);
      assertThat(file.readLongs("a.rows")).containsExactly(0, 2999);
      assertThat(file.readLongs("b.rows")).containsExactly(7);
    }
    assertThat(bits(open("000002"))).isEqualTo(bits(ModelDirectory.open(folder.resolve("2"))));
  }

  @Test
  void onePercentOfTheRowsIsAtMostTwoPercentOfTheBytesPlusTheDenseParameters() throws Exception {
    Publication full = publisher.publish(write("1"), PublishOptions.DEFAULT);
    for (int i = 0; i < 40; i++) {
      model.changeRow(i % 4 == 3 ? 1 : 0, 11 * i);
    }
    long dense = 0;
    for (StateDict.Entry entry : StateDict.dense(model.config)) {
      model.tensor(entry.name())[0] += 1;
      dense += 4L * model.tensor(entry.name()).length;
    }

    Publication delta = publisher.publish(write("2"), base("000001"));

    assertThat(delta.rowsChanged()).isEqualTo(40);
    Path file = root.resolve("000002").resolve(ModelDirectory.DELTA);
    assertThat(Files.size(file)).isLessThan(full.bytes() / 50 + dense);
  }

  @Test
  void compactedVersionHasTheBitsOfTheChain() throws Exception {
    publisher.publish(write("1"), PublishOptions.DEFAULT);
    for (int k = 1; k <= 4; k++) {
      model.changeRow(0, 10 * k).changeRow(0, 5).changeRow(1, k);
      model.tensor(StateDict.DENSE_0_BIAS)[1] += 1;
      publisher.publish(write("d" + k), base("00000" + k));
    }

    Publication compacted = publisher.compact("000005", PublishOptions.DEFAULT);

    assertThat(compacted.manifest().version()).isEqualTo("000006");
    assertThat(compacted.manifest().kind()).isEqualTo(Manifest.Kind.FULL);
    assertThat(compacted.manifest().provenance().path("compacted_from").asText())
        .isEqualTo("000005");
    assertThat(bits(open("000006"))).isEqualTo(bits(open("000005")));
    assertThat(Files.readAllBytes(root.resolve("000006").resolve(ModelDirectory.TENSORS)))
        .isEqualTo(Files.readAllBytes(folder.resolve("d4").resolve(ModelDirectory.TENSORS)));
    assertThatThrownBy(() -> publisher.compact("000006", PublishOptions.DEFAULT))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a delta to compact, got a full version");
  }

  @Test
  void compactedVersionStandsRightAfterItsDelta() throws Exception {
    publisher.publish(write("1"), PublishOptions.DEFAULT);
    model.changeRow(0, 1);
    publisher.publish(write("2"), base("000001").withVersion("good"));
    model.changeRow(0, 2);
    publisher.publish(write("3"), base("good").withVersion("newest"));

    publisher.compact("good", PublishOptions.DEFAULT.withVersion("compacted"));

    assertThat(versions()).containsExactly("000001", "good", "compacted", "newest");
    publisher.compact("newest", PublishOptions.DEFAULT.withVersion("whole"));
    assertThat(versions()).endsWith("newest", "whole");
  }

  @Test
  void fullVersionTakesThePlaceOfADeltaThatWouldNotBeSmaller() throws Exception {
    publisher.publish(write("1"), PublishOptions.DEFAULT);
    for (int row = 0; row < 2700; row++) {
      model.changeRow(0, row);
    }
    Path most = write("2");

    Publication smaller = publisher.publish(most, PublishOptions.DEFAULT.withBaseOrFull("000001"));
    for (int table = 0; table < 2; table++) {
      for (int row = 0; row < model.table(table).length / SmallModel.DIM; row++) {
        model.changeRow(table, row);
      }
    }
    Path all = write("3");
    Publication full = publisher.publish(all, PublishOptions.DEFAULT.withBaseOrFull("000002"));
    Publication explicit = publisher.publish(all, base("000002"));

    assertThat(smaller.manifest().base()).contains("000001");
    assertThat(smaller.bytes()).isLessThan(full.bytes());
    assertThat(full.manifest().kind()).isEqualTo(Manifest.Kind.FULL);
    assertThat(full.manifest().base()).isEmpty();
    assertThat(explicit.manifest().base()).contains("000002");
    assertThat(explicit.bytes()).isGreaterThan(full.bytes());
    assertThat(bits(open("000003"))).isEqualTo(bits(ModelDirectory.open(all)));
  }

  @Test
  void modelThatEqualsItsBaseIsAnEmptyDelta() throws Exception {
    publisher.publish(write("1"), PublishOptions.DEFAULT);

    assertThat(publisher.publish(write("1"), base("000001")).rowsChanged()).isZero();

    assertThat(bits(open("000002"))).isEqualTo(bits(open("000001")));
  }

  @Test
  void publishedDeltaCanBeTheSourceForAnotherRoot() throws Exception {
    publisher.publish(write("1"), PublishOptions.DEFAULT);
    model.changeRow(1, 1);
    publisher.publish(write("2"), base("000001"));
    Path other = folder.resolve("other");

    publisher(new LocalModelStorage(other), PATIENT)
        .publish(root.resolve("000002"), PublishOptions.DEFAULT);

    assertThat(bits(ModelDirectory.open(other.resolve("000001")))).isEqualTo(bits(open("000002")));
  }

  @Test
  void deltaCarriesTheFeaturesThatItsModelWasTrainedWith() throws Exception {
    Path source = write("1");
    Files.writeString(
        source.resolve("features.json"),
        "{\"sparse\":[{\"name\":\"f\",\"vocabulary_file\":\"words.txt\"}]}");
    Files.writeString(source.resolve("words.txt"), "red\nblue\n");
    publisher.publish(source, PublishOptions.DEFAULT);
    Files.writeString(source.resolve("words.txt"), "red\nblue\ngreen\n");
    publisher.publish(source, base("000001"));

    assertThat(root.resolve("000002/words.txt")).hasContent("red\nblue\ngreen\n");
    assertThat(root.resolve("000002/features.json")).exists();
    Files.delete(source.resolve("features.json"));
    assertThatThrownBy(() -> publisher.publish(source, base("000001")))
        .hasMessageContaining("features.json: expected one, as the base has it, got none");
  }

  @Test
  void badBaseIsRefused() throws Exception {
    Path source = write("1");
    publisher.publish(source, PublishOptions.DEFAULT);
    Path larger = SmallModel.of(3001, 1000, 1).write(folder.resolve("larger"));

    assertThatThrownBy(() -> publisher.publish(source, base("000009")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected the version 000009, got no such version");
    assertThatThrownBy(() -> publisher.publish(larger, base("000001")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("cannot be a delta of 000001")
        .hasMessageContaining("table a: expected EmbeddingBagConfig[name=a, numEmbeddings=3000")
        .hasMessageNotContaining("table b");
    assertThat(storage.list("")).isEqualTo(List.of(RootLock.DIRECTORY, "000001"));
  }

  @Test
  void chainThatReadersWouldRefuseIsRefused() throws Exception {
    SmallModel small = SmallModel.of(4, 4, 1);
    Path source = small.write(folder.resolve("small"));
    publisher.publish(source, PublishOptions.DEFAULT.withVersion("v0"));
    for (int k = 1; k <= ModelDirectory.MAX_DELTAS; k++) {
      publisher.publish(source, base("v" + (k - 1)).withVersion("v" + k));
    }
    int most = ModelDirectory.MAX_DELTAS;

    assertThat(bits(open("v" + most))).isEqualTo(bits(open("v0")));
    assertThatThrownBy(() -> publisher.publish(source, base("v" + most)))
        .hasMessageContaining("expected at most 16 deltas on a full version (compact the base)");
    Publication full = publisher.publish(source, PublishOptions.DEFAULT.withBaseOrFull("v" + most));
    assertThat(full.manifest().kind()).isEqualTo(Manifest.Kind.FULL);
  }

  @Test
  void changedRowsAreBoundedOverTheWholeChain() throws Exception {
    SmallModel small = SmallModel.of(4, 4, 1);
    publisher.publish(small.write(folder.resolve("s0")), PublishOptions.DEFAULT.withVersion("v0"));
    SmallModel other = SmallModel.of(4, 4, 2);
    Path changed = other.write(folder.resolve("s1"));
    publisher.publish(changed, base("v0").withVersion("v1"));
    try (ModelWeights v0 = open("v0").load();
        ModelWeights v1 = open("v1").load()) {
      assertThat(DeltaTensors.between(v0, v1, 8).rowsChanged()).isEqualTo(8);
      assertThatThrownBy(() -> DeltaTensors.between(v0, v1, 7))
          .hasMessageContaining("expected at most 7 changed rows since the last full version")
          .hasMessageContaining("got 4 below this delta and more than 3 in it");
    }
  }

  private Path write(String name) throws Exception {
    return model.write(folder.resolve(name));
  }

  private static PublishOptions base(String version) {
    return PublishOptions.DEFAULT.withBase(version);
  }
}
