package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of one directory against its manifest. */
final class Checksums {
  private final Path directory;
  private final Manifest manifest;

  Checksums(Path directory, Manifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * @throws InvalidModelException naming every difference
   */
  void verify() {
    Problems problems = new Problems(directory.toString());
    try {
      for (Manifest.FileEntry entry : manifest.files()) {
        verify(entry, problems);
      }
      checkListed(problems);
    } catch (IOException e) {
      throw new InvalidModelException(directory + ": expected readable files, got " + e, e);
    }
    if (!problems.isEmpty()) {
      throw Text.invalid(directory, problems.list());
    }
  }

  private void verify(Manifest.FileEntry entry, Problems problems) throws IOException {
    Path file = directory.resolve(entry.name());
    if (!Files.isRegularFile(file)) {
      problems.expected(entry.name(), "the file that the manifest lists", "no file");
    } else if (Files.size(file) != entry.bytes()) {
      problems.expected(entry.name(), entry.bytes() + " bytes", Files.size(file) + " bytes");
    } else {
      String sha256 = sha256(file);
      if (!sha256.equals(entry.sha256())) {
        problems.expected(entry.name(), "SHA-256 " + entry.sha256(), sha256);
      }
    }
  }

  /** What is read must be covered; what storage tools leave beside it need not be. */
  private void checkListed(Problems problems) throws IOException {
    Set<String> listed =
        manifest.files().stream().map(Manifest.FileEntry::name).collect(Collectors.toSet());
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json") || name.endsWith(".safetensors"))
          .filter(name -> !name.equals(ModelDirectory.MANIFEST) && !listed.contains(name))
          .sorted()
          .forEach(name -> problems.expected(name, "a file that the manifest lists", "it there"));
    }
  }

  /** Of a file's bytes, in lower-case hexadecimal digits. */
  static String sha256(Path file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Sha256.hex(digest);
  }
}
