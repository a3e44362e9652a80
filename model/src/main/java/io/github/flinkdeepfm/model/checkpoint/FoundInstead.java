package io.github.flinkdeepfm.model.checkpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Says what lies where a model was expected, in the words of whoever put it there, and what to run:
 * checkpoints of PyTorch and Hugging Face, a model root, a lone tensor file. Reads names and the
 * first bytes only.
 */
final class FoundInstead {
  private static final String EXPORT =
      ": load it into the model in Python and export that with deploy/torchrec/export.py";
  private static final String MODEL_JSON =
      ModelDirectory.MODEL
          + " tells the layers and tables of these tensors (deploy/torchrec/export.py writes it,"
          + " and by hand it is a few lines)";
  private static final String DISTRIBUTED = "a PyTorch distributed checkpoint (DCP)" + EXPORT;
  private static final List<String> TORCH_SAVE = List.of(".pt", ".pth", ".bin", ".ckpt");
  private static final int FIRST_BYTES = 256;

  private FoundInstead() {}

  /** What is at a path that is no model directory. */
  static String at(Path path) {
    if (Files.isDirectory(path)) {
      return directory(path);
    }
    if (!Files.exists(path)) {
      return "none";
    }
    String name = String.valueOf(path.getFileName());
    if (isDistributed(name)) {
      return "a part of " + DISTRIBUTED;
    }
    byte[] first = firstBytes(path);
    if (isSafetensors(first)) {
      return "a safetensors file: it belongs into a directory, as "
          + ModelDirectory.TENSORS
          + "; "
          + MODEL_JSON;
    }
    return file(first).orElse("a file");
  }

  private static String directory(Path path) {
    List<Path> files = list(path);
    if (files.isEmpty()) {
      return "an empty directory";
    }
    if (any(files, FoundInstead::isDistributed)) {
      return DISTRIBUTED;
    }
    if (any(files, name -> name.endsWith(".safetensors") || name.equals(TensorFiles.INDEX))) {
      return "tensors alone: " + MODEL_JSON;
    }
    if (any(files, FoundInstead::isTorchSave)) {
      return "torch.save files" + EXPORT;
    }
    return files.stream()
        .filter(file -> Files.exists(file.resolve(ModelDirectory.MANIFEST)))
        .map(file -> file.getFileName().toString())
        .max(String::compareTo)
        .map(
            version ->
                "a model root: give one of its versions, for example " + path.resolve(version))
        .orElse("neither it nor anything that this program knows");
  }

  /** What is in a directory that has {@code model.json} but no safetensors. */
  static String besideModel(Path directory) {
    List<Path> files = list(directory);
    if (any(files, FoundInstead::isDistributed)) {
      return DISTRIBUTED;
    }
    return any(files, FoundInstead::isTorchSave) ? "torch.save files" + EXPORT : "neither";
  }

  private static boolean isDistributed(String name) {
    return name.equals(".metadata") || name.endsWith(".distcp");
  }

  private static boolean isTorchSave(String name) {
    return TORCH_SAVE.stream().anyMatch(name::endsWith);
  }

  /** What is known of a file by its first bytes, if it is neither JSON nor safetensors. */
  static Optional<String> file(byte[] first) {
    String text = new String(first, ISO_8859_1);
    if (text.startsWith("PK\3\4")) {
      return Optional.of(
          text.contains("data.pkl")
              ? "a torch.save file (a zip with data.pkl)" + EXPORT
              : "a zip file");
    }
    if (text.matches("(?s)\\x80[\\x00-\\x05].*")) {
      return Optional.of("a pickle, as torch.save's older form is" + EXPORT);
    }
    if (text.startsWith("version https://git-lfs")) {
      return Optional.of("a Git LFS pointer: run git lfs pull");
    }
    if (text.startsWith("\u001f\u008b")) {
      return Optional.of("gzip data: decompress it");
    }
    return Optional.empty();
  }

  private static boolean isSafetensors(byte[] first) {
    return first.length > 8 && first[7] == 0 && first[6] == 0 && first[8] == '{';
  }

  static byte[] firstBytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(FIRST_BYTES);
    } catch (IOException e) {
      return new byte[0]; // Whoever reads the whole of it says why it cannot be read.
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.limit(100_000).toList();
    } catch (IOException e) {
      return List.of(directory.resolve("?"));
    }
  }

  private static boolean any(List<Path> files, Predicate<String> name) {
    return files.stream().anyMatch(file -> name.test(file.getFileName().toString()));
  }
}
