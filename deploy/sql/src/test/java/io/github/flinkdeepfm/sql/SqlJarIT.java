package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar for the SQL client brings all that the provider needs, and nothing of Flink's lib. */
class SqlJarIT {

  /** What neither Flink's lib nor deploy/target/lib has, by the beginning of its file's name. */
  private static final List<String> HIDDEN =
      List.of("flink-deepfm-", "jackson-", "avro-", "protobuf-java", "kafka-", "picocli-");

  @TempDir Path folder;

  private static boolean isHidden(Path entry) {
    return entry.endsWith(Path.of("target", "classes"))
        || HIDDEN.stream().anyMatch(entry.getFileName().toString()::startsWith);
  }

  private static String flinkAlone() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !isHidden(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void scoresInAProcessThatHasNoOtherClassesOfTheProject() throws Exception {
    Path root = folder.resolve("root");
    // A number of 17 digits: parsing it takes classes of Jackson that no other does.
    String features = SqlModel.FEATURES.replace("0.5", "0.30000000000000004");
    SqlModel.publish(root, "v1", SqlModel.write(folder.resolve("m"), 1, features));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx512m", "-cp", flinkAlone(), JarQuery.class.getName()));
    command.addAll(List.of(System.getProperty("flinkdeepfm.test.jar"), root.toString()));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String expected =
        JarQuery.score(
            TableEnvironment.create(EnvironmentSettings.inStreamingMode()), root.toString(), true);
    assertThat(expected).endsWith(" v1");
    List<String> lines = Files.readAllLines(output);
    assertThat(lines).as("%s", lines).filteredOn(expected::equals).hasSize(2);
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void holdsTheProviderAndNoClassesOfFlinkOrOfNatives() throws Exception {
    try (JarFile jar = new JarFile(System.getProperty("flinkdeepfm.test.jar"))) {
      ZipEntry spi = jar.getEntry("META-INF/services/org.apache.flink.table.factories.Factory");
      String services =
          new String(jar.getInputStream(spi).readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(services).isEqualTo(DeepFmModelProviderFactory.class.getName());
      List<String> classes =
          jar.stream().map(ZipEntry::getName).filter(name -> name.endsWith(".class")).toList();
      assertThat(classes)
          .contains("io/github/flinkdeepfm/operators/DirectScorer.class")
          .contains("io/github/flinkdeepfm/model/kernel/HostDeepFm.class")
          .allMatch(
              name ->
                  name.startsWith("io/github/flinkdeepfm/")
                      || name.startsWith("com/fasterxml/jackson/")
                      || name.startsWith("META-INF/versions/"))
          .noneMatch(name -> name.startsWith("io/github/flinkdeepfm/pipeline/"));
    }
  }
}
