package io.github.flinkdeepfm.jars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each jar as it is shipped, and those for clusters beside what a cluster has. */
class ShippedJarsIT {
  private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

  enum Shipped {
    ALL_IN_ONE("pipeline/target/flink-deepfm"),
    JOB("pipeline/target/flink-deepfm-job"),
    SQL("deploy/sql/target/flink-deepfm-sql");

    final Path jar;
    final Path sbom;
    private Origins origins;

    Shipped(String path) {
      jar = ROOT.resolve(path + ".jar");
      sbom = ROOT.resolve(path + ".cdx.json");
    }

    Origins origins() {
      if (origins == null) {
        origins = new Origins(jar, Origins.classPath());
      }
      return origins;
    }

    /** Skips the test where no build has been online; see {@link SbomSubset}. */
    Sbom sbom() throws IOException {
      assumeTrue(
          Files.exists(sbom) || Boolean.getBoolean("tools.required"),
          sbom + " is not there: an offline build makes none");
      return Sbom.read(sbom);
    }
  }

  @ParameterizedTest
  @EnumSource
  void holdsNothingThatACallerWouldNotGet(Shipped shipped) {
    assertThat(JarCheck.findings(shipped.jar)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void loadsTheClassesThatTheTestsLoad(Shipped shipped) {
    assertThat(shipped.origins().foreignClasses()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void leavesOutNoClassOfWhatItCarries(Shipped shipped) {
    assertThat(shipped.origins().missingClasses()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void holdsTheLicencesAndNoticesOfWhatItCarries(Shipped shipped) {
    assertThat(shipped.origins().missingLegalTexts()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"JOB", "SQL"})
  void jarsForClustersHaveNoNatives(Shipped shipped) {
    assertThat(JarCheck.natives(shipped.jar)).isEmpty();
  }

  @Test
  void theNativesOfOneMachineAreThere() {
    assertThat(JarCheck.natives(Shipped.ALL_IN_ONE.jar))
        .anyMatch(entry -> entry.contains("openblas"))
        .anyMatch(entry -> entry.contains("zstd"));
  }

  /**
   * Of two classes of one name, which loads is an accident of the order. ND4J's Guava has its own
   * copy of jsr305's annotations, which Flink has too: nothing reads them when it runs.
   */
  @ParameterizedTest
  @EnumSource(names = {"JOB", "SQL"})
  void besideFlinkEveryClassIsThereInOneVersion(Shipped shipped) throws IOException {
    List<Path> cluster = new ArrayList<>(List.of(shipped.jar));
    cluster.addAll(jars("deploy/target/lib"));
    cluster.addAll(jars("deploy/target/flink-lib"));
    assertThat(cluster).hasSizeGreaterThan(60);
    assertThat(JarCheck.disagreements(cluster))
        .allSatisfy(
            (jars, classes) -> {
              assertThat(jars).matches("guava-1\\.0\\.0-M2\\.1\\.jar and jsr305-.*\\.jar");
              assertThat(classes).allMatch(name -> name.startsWith("javax/annotation/"));
            });
  }

  private static List<Path> jars(String folder) throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** Both ways: what is listed is inside, what is inside is listed. */
  @ParameterizedTest
  @EnumSource
  void theSbomListsWhatIsInside(Shipped shipped) throws IOException {
    Sbom sbom = shipped.sbom();
    List<Path> carried = shipped.origins().carried();
    assertThat(sbom.components())
        .doesNotHaveDuplicates()
        .allMatch(component -> carried.stream().anyMatch(component::is), "is inside");
    assertThat(carried)
        .allMatch(jar -> sbom.components().stream().anyMatch(c -> c.is(jar)), "is listed");
  }

  /** Jars that have no licence's text inside are licensed all the same. */
  @ParameterizedTest
  @EnumSource
  void theSbomNamesALicenceOfEverything(Shipped shipped) throws IOException {
    assertThat(shipped.sbom().document().path("components"))
        .allMatch(component -> !component.path("licenses").isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void theSbomIsTheSameForTheSameSources(Shipped shipped) throws IOException {
    Sbom sbom = shipped.sbom();
    assertThat(sbom.document().path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(sbom.document().has("serialNumber")).isFalse();
    assertThat(sbom.document().path("metadata").has("timestamp")).isFalse();
  }
}
