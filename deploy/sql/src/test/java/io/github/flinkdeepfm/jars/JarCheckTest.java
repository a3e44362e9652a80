package io.github.flinkdeepfm.jars;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of fault is found in a jar that has it. */
class JarCheckTest {
  private static final String JACKSON = "com/fasterxml/jackson/core/";

  @TempDir Path folder;

  /** Paths and contents of a jar to be; a content that is a class stands for its class file. */
  private final Map<String, Object> contents = new LinkedHashMap<>();

  private Path jar(String name) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, Object> entry : contents.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(
            entry.getValue() instanceof Class<?> type
                ? classFile(type)
                : entry.getValue().toString().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    contents.clear();
    return file;
  }

  private static byte[] classFile(Class<?> type) throws IOException {
    String path = "/" + type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getResourceAsStream(path)) {
      return in.readAllBytes();
    }
  }

  private void release(boolean multi) {
    contents.put("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMulti-Release: " + multi + "\n");
  }

  /** As flink-shaded-jackson's folders in a jar that wakes them. */
  @Test
  void aClassOfAReleaseFolderThatIsRelocatedIsFound() throws IOException {
    release(true);
    contents.put(JACKSON + "JsonParser.class", com.fasterxml.jackson.core.JsonParser.class);
    contents.put("META-INF/versions/11/" + JACKSON + "JsonFactory.class", ObjectMapper.class);
    assertThat(JarCheck.findings(jar("a.jar")))
        .containsExactly(
            "META-INF/versions/11/com/fasterxml/jackson/core/JsonFactory.class calls itself"
                + " com/fasterxml/jackson/databind/ObjectMapper");
  }

  @Test
  void aClassUnderAnothersPathIsFound() throws IOException {
    contents.put("elsewhere/ObjectMapper.class", ObjectMapper.class);
    assertThat(JarCheck.findings(jar("a.jar")))
        .containsExactly(
            "elsewhere/ObjectMapper.class calls itself com/fasterxml/jackson/databind/ObjectMapper");
  }

  @Test
  void releaseFoldersThatAreAsleepOrOfNothingInTheJarAreFound() throws IOException {
    String entry = "META-INF/versions/9/com/fasterxml/jackson/databind/ObjectMapper.class";
    contents.put(entry, ObjectMapper.class);
    assertThat(JarCheck.findings(jar("a.jar")))
        .containsExactly(
            entry + " is never loaded: the manifest is not Multi-Release",
            entry + " has no class of its package beside it: relocated, or left over");
  }

  @Test
  void aServiceWithoutItsClassAndASignatureAreFound() throws IOException {
    contents.put("com/fasterxml/jackson/databind/ObjectMapper.class", ObjectMapper.class);
    contents.put(
        "META-INF/services/a.Service",
        "# comment\ncom.fasterxml.jackson.databind.ObjectMapper # there\na.b.Gone\n");
    contents.put("META-INF/A.SF", "");
    assertThat(JarCheck.findings(jar("a.jar")))
        .containsExactly(
            "META-INF/services/a.Service names a.b.Gone, which is not there",
            "META-INF/A.SF signs another jar");
  }

  @Test
  void nativesAreFoundByTheirNames() throws IOException {
    for (String name : List.of("a/liba.so", "b.dll", "c.dylib", "d.jnilib", "e.so.0", "f.sox")) {
      contents.put(name, "");
    }
    assertThat(JarCheck.natives(jar("a.jar")))
        .containsExactly("a/liba.so", "b.dll", "c.dylib", "d.jnilib", "e.so.0");
  }

  @Test
  void jarsThatDisagreeOnAClassAreFoundByWhatLoads() throws IOException {
    List<Path> jars = new ArrayList<>();
    contents.put("a/Same.class", "same");
    contents.put("a/Other.class", "one");
    jars.add(jar("one.jar"));
    contents.put("a/Same.class", "same");
    contents.put("META-INF/versions/9/a/Same.class", "asleep");
    contents.put("META-INF/versions/9/a/Other.class", "asleep");
    contents.put("module-info.class", "two");
    jars.add(jar("two.jar"));
    assertThat(JarCheck.disagreements(jars)).isEmpty();

    release(true);
    contents.put("META-INF/versions/9/a/Other.class", "two");
    contents.put("META-INF/versions/999/a/Same.class", "of a later Java");
    jars.add(jar("three.jar"));
    assertThat(JarCheck.disagreements(jars))
        .isEqualTo(Map.of("one.jar and three.jar", List.of("a/Other")));
  }

  @Test
  void anotherClassThanTheTestsLoadAndALostLicenceAreFound() throws IOException {
    contents.put("a/A.class", "a");
    contents.put("a/B.class", "b");
    contents.put("a/C.class", "c");
    contents.put("META-INF/LICENSE", "Free.\n\n  As in speech.\n");
    Path first = jar("first.jar");
    contents.put("b/B.class", "b");
    contents.put("META-INF/NOTICE", "By us.\n");
    Path second = jar("second.jar");
    contents.put("c/C.class", "c");
    Path notCarried = jar("third.jar");
    contents.put("a/A.class", "a");
    contents.put("a/B.class", "b");
    contents.put("a/C.class", "of another version");
    contents.put("b/B.class", "b");
    contents.put("d/D.class", "of nowhere");
    contents.put("META-INF/LICENSE", "Free.\n");
    contents.put("META-INF/NOTICE.txt", "With thanks.\nBy us.\n");

    Origins origins = new Origins(jar("shipped.jar"), List.of(first, second, notCarried));

    assertThat(origins.carried()).containsExactly(first, second);
    assertThat(origins.foreignClasses()).containsExactly("a/C", "d/D");
    assertThat(origins.missingLegalTexts())
        .containsExactly(
            "first.jar!/META-INF/LICENSE: 1 lines are missing, the first is: As in speech.");
  }

  @Test
  void anSbomIsCutToItsArtifactsAndKeepsWhatLeadsFromOneToAnother() throws IOException {
    Path sbom = folder.resolve("bom.json");
    Files.writeString(
        sbom,
        """
        {"metadata": {"component": {"bom-ref": "us", "group": "us", "name": "us"}},
         "components": [
           {"bom-ref": "a", "group": "g.a", "name": "a"}, {"bom-ref": "b", "group": "g", "name": "b"},
           {"bom-ref": "c", "group": "g", "name": "c"}],
         "dependencies": [
           {"ref": "us", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": ["a", "c"]},
           {"ref": "a", "dependsOn": ["b"]}, {"ref": "c", "dependsOn": []}]}
        """);
    SbomSubset.main(new String[] {sbom.toString(), sbom.toString(), "g.*:a,g:c"});

    ObjectNode cut = (ObjectNode) Sbom.read(sbom).document();
    assertThat(cut.path("components").findValuesAsText("bom-ref")).containsExactly("a", "c");
    assertThat(cut.path("dependencies"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    [{"ref": "us", "dependsOn": ["a", "c"]}, {"ref": "a", "dependsOn": ["c"]},
                     {"ref": "c", "dependsOn": []}]
                    """));
  }
}
