package io.github.flinkdeepfm.pipeline.refresh;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Writes the manifest of a version whose files are there, which makes it visible. */
public final class VersionManifest {
  private VersionManifest() {}

  /**
   * @param directory the version's, of its name
   * @param base of a delta
   * @param names of its files
   */
  public static void write(Path directory, Optional<String> base, List<String> names)
      throws IOException {
    List<Manifest.FileEntry> files = new ArrayList<>();
    for (String name : names) {
      Path file = directory.resolve(name);
      files.add(new Manifest.FileEntry(name, Files.size(file), sha256(file)));
    }
    Manifest manifest =
        new Manifest(
            directory.getFileName().toString(),
            base.isPresent() ? Manifest.Kind.DELTA : Manifest.Kind.FULL,
            base,
            Instant.now(),
            files,
            MissingNode.getInstance());
    Path temporary = directory.resolve("manifest.tmp");
    Files.writeString(temporary, ManifestWriter.toJson(manifest), StandardCharsets.UTF_8);
    Files.move(
        temporary, directory.resolve(ModelDirectory.MANIFEST), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        while (in.read(buffer) >= 0) {}
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
