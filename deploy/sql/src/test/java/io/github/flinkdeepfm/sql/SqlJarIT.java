package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar for the SQL client brings the provider, and nothing that Flink's lib has. */
class SqlJarIT {

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
