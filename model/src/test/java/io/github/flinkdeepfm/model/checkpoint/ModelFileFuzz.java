package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.fuzz.ByteMutator;
import io.github.flinkdeepfm.model.fuzz.FuzzTarget;
import io.github.flinkdeepfm.model.fuzz.JsonMutator;
import io.github.flinkdeepfm.model.fuzz.JsonTree;
import io.github.flinkdeepfm.model.serving.EncodingCheck;
import io.github.flinkdeepfm.model.serving.ParityCheck;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A model root with one damaged file is a model whose scores are finite or named as not finite, or
 * is refused with a message; never anything else, and nothing is allocated because a file claims a
 * size.
 */
public final class ModelFileFuzz implements FuzzTarget {
  private static final long MAX_ALLOCATION = 16 << 20;

  /** What the readers of model files look at closely. */
  private static final List<String> ODD =
      List.of(
          "\"F32\"",
          "\"F16\"",
          "\"BF16\"",
          "\"F64\"",
          "\"I64\"",
          "\"BOOL\"",
          "\"FP16\"",
          "\"BF16\"",
          "\"MEAN\"",
          "\"SimpleDeepFMNN\"",
          "\"EmbeddingBagCollection\"",
          "\"full\"",
          "\"delta\"",
          "\"v0\"",
          "\"v1\"",
          "\"..\"",
          "\".\"",
          "\"../v0/model.safetensors\"",
          "\"s1.safetensors\"",
          "\"model.json\"",
          "\"a/b\"",
          "\"a\\\\b\"",
          "\"C:x\"",
          "\"words.txt\"",
          "\"log1p\"",
          "\"id\"",
          "\"modulo\"",
          "\"bucketize\"",
          "\"vocabulary\"",
          "\"hex\"",
          "\"/\"",
          "\"/~2\"",
          "\"\"",
          "[0,12]",
          "[12,0]",
          "[0,0]",
          "[-1,4]",
          "[0,9223372036854775807]",
          "[9223372036854775806,9223372036854775807]",
          "[4611686018427387904,4]",
          "[2147483648,2147483648]",
          "[1,1,1,1,1,1,1,1,1]",
          "[0]",
          "[3,40]",
          "[40,3]",
          "4611686018427387904",
          "1000000000",
          "-1",
          "0",
          "1.5",
          "\"2026-01-01T00:00:00+99:00\"",
          "\"+999999999-12-31T23:59:59Z\"",
          "-9223372036854775808");

  private static final int[] ODD_BITS = {
    0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 0x00000001, 0x80000000, 0x7C007E00, -1
  };

  private final String name;
  private final Path root;
  private final Path version;
  private final Random random;
  private final JsonMutator mutator;
  private final ByteMutator damager;
  private final Map<Path, byte[]> originals = new TreeMap<>();
  private final List<Path> files;
  private Path file;
  private byte[] bytes;

  private ModelFileFuzz(String name, Path root, Path version, long seed) throws IOException {
    this.name = name;
    this.root = root;
    this.version = version;
    random = new Random(seed ^ name.hashCode());
    mutator = new JsonMutator(random, ODD);
    damager = new ByteMutator(random);
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.filter(Files::isRegularFile).toList()) {
        originals.put(path, Files.readAllBytes(path));
      }
    }
    files = List.copyOf(originals.keySet());
  }

  /** One target a kind of model root. */
  public static List<FuzzTarget> all(Path folder, long seed) throws IOException {
    List<FuzzTarget> targets = new ArrayList<>(written(folder, seed));
    for (String golden : List.of("docstring_deepfm", "shared_feature_ebc")) {
      Path root = folder.resolve(golden);
      Path version = FuzzedModels.golden(root, golden);
      targets.add(new ModelFileFuzz("model: " + golden, root, version, seed));
    }
    return targets;
  }

  private static List<ModelFileFuzz> written(Path folder, long seed) throws IOException {
    List<ModelFileFuzz> targets = new ArrayList<>();
    Path full = folder.resolve("full");
    targets.add(new ModelFileFuzz("model: full", full, FuzzedModels.full(full), seed));
    Path shards = folder.resolve("shards");
    targets.add(new ModelFileFuzz("model: shards", shards, FuzzedModels.sharded(shards), seed));
    Path delta = folder.resolve("delta");
    targets.add(new ModelFileFuzz("model: delta", delta, FuzzedModels.delta(delta), seed));
    return targets;
  }

  /**
   * So many roots of each kind that is made here, each with a damaged file; gives their versions to
   * load.
   */
  public static List<Path> write(Path folder, long seed, int each) throws IOException {
    List<Path> versions = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      for (ModelFileFuzz root : written(folder.resolve("" + i), seed + i)) {
        root.damage();
        versions.add(root.version);
      }
    }
    return versions;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long maxAllocation() {
    return MAX_ALLOCATION;
  }

  @Override
  public String describe() {
    return file
        + "\n"
        + new String(bytes, StandardCharsets.ISO_8859_1)
        + "\n"
        + HexFormat.of().formatHex(bytes);
  }

  @Override
  public void next(Consumer<String> outcomes) throws IOException {
    damage();
    try {
      outcomes.accept(use());
    } catch (InvalidModelException | InvalidConfigurationException e) {
      requireMessage(e);
      outcomes.accept(e.getClass().getSimpleName());
    } finally {
      Files.write(file, originals.get(file));
    }
  }

  private void damage() throws IOException {
    file = files.get(random.nextInt(files.size()));
    bytes = mutated(file.getFileName().toString(), originals.get(file));
    if (random.nextInt(200) == 0) {
      Files.delete(file);
    } else {
      Files.write(file, bytes);
    }
  }

  private static void requireMessage(RuntimeException refusal) {
    String message = refusal.getMessage();
    if (message == null || !message.contains("expected") || message.length() > 1 << 20) {
      throw new AssertionError("expected a message that says what was expected", refusal);
    }
  }

  /** As publish, verify and a job's refresh do. */
  private String use() {
    var listing = new ModelRoot(root).list();
    if (Files.exists(root.resolve(ModelRoot.CONTROL))) {
      var unused = ControlFile.parse("control.json", text(root.resolve(ModelRoot.CONTROL)));
    }
    ModelDirectory directory = ModelDirectory.open(version);
    if (random.nextInt(4) == 0) {
      directory.verifyChecksums();
    }
    Optional<?> parity = random.nextInt(3) == 0 ? ParityCheck.run(directory) : Optional.empty();
    boolean collection = directory.config().kind() == ModelConfig.Kind.EMBEDDING_BAG_COLLECTION;
    if (collection && random.nextInt(8) > 0) { // the other is refused, as nothing to score with
      try (ModelWeights weights = directory.load()) {
        return "collection" + (weights.findNotFinite().isPresent() ? ", not finite" : "");
      }
    }
    try (ServingModel model = ServingModel.open(directory, Optional.empty())) {
      Optional<String> notFinite = model.weights().findNotFinite();
      float[] logits = FuzzedModels.score(model);
      if (random.nextInt(3) == 0) {
        var unused = EncodingCheck.run(version, model);
      }
      if (notFinite.isPresent()) {
        return "loaded, named not finite";
      }
      for (float logit : logits) {
        if (!Float.isFinite(logit)) {
          return "loaded, a logit not finite";
        }
      }
      return listing.versions().isEmpty() && parity.isEmpty() ? "loaded, bare" : "loaded";
    }
  }

  private static String text(Path path) {
    try {
      return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] mutated(String fileName, byte[] original) {
    if (random.nextInt(100) == 0) {
      return damager.noise(200);
    }
    if (fileName.endsWith(".safetensors")) {
      return tensors(original);
    }
    if (fileName.endsWith(".json") && random.nextInt(5) > 0) {
      byte[] json = json(new String(original, StandardCharsets.UTF_8));
      return random.nextInt(5) == 0 ? damager.mutate(json) : json;
    }
    return damager.mutate(original);
  }

  private byte[] json(String original) {
    JsonTree tree = JsonTree.parse(original);
    mutator.mutate(tree, 1 + random.nextInt(random.nextInt(5) == 0 ? 8 : 2));
    return tree.write(random);
  }

  private byte[] tensors(byte[] original) {
    ByteBuffer buffer = ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN);
    int headerBytes = (int) buffer.getLong(0);
    byte[] header = Arrays.copyOfRange(original, 8, 8 + headerBytes);
    byte[] data = Arrays.copyOfRange(original, 8 + headerBytes, original.length);
    switch (random.nextInt(8)) {
      case 0 -> {
        return damager.mutate(original);
      }
      case 1 -> {
        byte[] copy = original.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(oddLength(headerBytes));
        return copy;
      }
      case 2, 3 -> {
        for (int i = random.nextInt(3); i >= 0 && data.length >= 4; i--) {
          int at = random.nextInt(data.length / 4) * 4;
          int bits = ODD_BITS[random.nextInt(ODD_BITS.length)];
          ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(at, bits);
        }
      }
      case 4 -> data = Arrays.copyOf(data, random.nextInt(data.length + 40));
      default -> header = json(new String(header, StandardCharsets.UTF_8));
    }
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private long oddLength(int right) {
    long[] odd = {
      0,
      1,
      2,
      right - 1,
      right + 1,
      right + 8,
      -1,
      -right,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      1L << 53,
      1L << 32,
      (1L << 32) + right,
      100_000_000,
      100_000_001,
      Integer.MAX_VALUE
    };
    return odd[random.nextInt(odd.length)];
  }

  @Override
  public void finish(Consumer<String> outcomes) {
    // Every case was checked on its own.
  }

  @Override
  public void close() {
    // Every model is closed.
  }
}
