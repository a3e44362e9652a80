package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What the build puts on a cluster's class path, whatever an earlier build had put there. */
class ClusterLibIT {
  /** Name, version, and the machine that natives are for. */
  private static final Pattern JAR =
      Pattern.compile("(.+?)-(\\d.*?)(-(?:linux|macosx|windows)-[a-z0-9_-]+)?\\.jar");

  private static final Pattern BACKEND = Pattern.compile("nd4j-(?:native|cuda-[\\d.]+)-\\d.*");

  @Test
  void everyLibraryIsThereInOneVersionAndNd4jWithOneBackend() throws Exception {
    List<String> lib = jars("target/lib");
    Map<String, TreeSet<String>> versions = new TreeMap<>();
    Stream.concat(lib.stream(), jars("target/flink-lib").stream())
        .forEach(
            jar -> {
              Matcher name = JAR.matcher(jar);
              assertThat(name.matches()).as(jar).isTrue();
              versions
                  .computeIfAbsent(name.group(1), artifact -> new TreeSet<>())
                  .add(name.group(2));
            });
    assertThat(versions).containsKeys("javacpp", "flink-runtime");
    assertThat(versions).allSatisfy((artifact, of) -> assertThat(of).as(artifact).hasSize(1));
    assertThat(
            lib.stream()
                .filter(jar -> BACKEND.matcher(jar).matches())
                .map(jar -> jar.startsWith("nd4j-native-") ? "CPU" : "CUDA")
                .distinct())
        .hasSize(1);
  }

  @Test
  void theJobsJarHasNoNatives() throws Exception {
    Path jar = DeployFiles.DEPLOY.resolveSibling("pipeline/target/flink-deepfm-job.jar");
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<String> names = zip.stream().map(ZipEntry::getName).toList();
      assertThat(names).contains("io/github/flinkdeepfm/pipeline/Main.class");
      assertThat(names).noneMatch(name -> name.matches(".*\\.(so|dll|dylib|jnilib)"));
    }
  }

  private static List<String> jars(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(DeployFiles.DEPLOY.resolve(folder))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }
}
