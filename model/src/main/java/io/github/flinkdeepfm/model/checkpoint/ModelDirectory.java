package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One version of a model on the local disk:
 *
 * <pre>
 * &lt;root&gt;/&lt;version&gt;/
 *   model.json         hyper-parameters and tables
 *   model.safetensors  or shards and model.safetensors.index.json
 *   delta.safetensors  instead of both, in a delta of the sibling directory that the manifest names
 *   manifest.json      absent in a bare directory, as an exporter leaves it
 *   features.json, vocabulary files, parity samples: read elsewhere
 * </pre>
 *
 * <pre>{@code
 * try (ModelWeights weights = ModelDirectory.open(path).load()) { … }
 * }</pre>
 *
 * <p>A delta and its bases behave as one complete model. Nothing of the directory is trusted.
 */
public final class ModelDirectory {
  public static final String MODEL = "model.json";
  public static final String MANIFEST = "manifest.json";
  public static final String TENSORS = "model.safetensors";
  public static final String DELTA = "delta.safetensors";

  /** Deltas between a version and the full one under it. */
  public static final int MAX_DELTAS = 16;

  private final Path path;
  private final Optional<Manifest> manifest;
  private final Optional<ModelDirectory> base;
  private final ModelConfig config;

  private ModelDirectory(
      Path path, Optional<Manifest> manifest, Optional<ModelDirectory> base, ModelConfig config) {
    this.path = path;
    this.manifest = manifest;
    this.base = base;
    this.config = config;
  }

  /**
   * Reads the JSON documents of the directory and of its bases, but no tensors yet.
   *
   * @throws InvalidModelException if a file is missing, or a base is, or the chain of bases has a
   *     cycle or more than 16 deltas
   * @throws InvalidConfigurationException naming all mistakes of one JSON document
   */
  public static ModelDirectory open(Path path) {
    return open(path, Map.of());
  }

  /**
   * Like {@link #open(Path)}, for copies that do not lie side by side under their versions' names.
   *
   * @param bases the directories of bases by version; one that is not in it is a sibling
   */
  public static ModelDirectory open(Path path, Map<String, Path> bases) {
    return open(path.toAbsolutePath().normalize(), bases, new ArrayList<>());
  }

  private static ModelDirectory open(Path path, Map<String, Path> bases, List<String> deltas) {
    if (!Files.isDirectory(path)) {
      throw new InvalidModelException(
          path + ": expected a model directory, got " + FoundInstead.at(path));
    }
    Path manifestFile = path.resolve(MANIFEST);
    Optional<Manifest> manifest =
        Files.exists(manifestFile)
            ? Optional.of(ManifestReader.read(manifestFile))
            : Optional.empty();
    Optional<ModelDirectory> base = Optional.empty();
    if (manifest.isPresent() && manifest.get().kind() == Manifest.Kind.DELTA) {
      base = Optional.of(openBase(path, manifest.get(), bases, deltas));
    }
    return new ModelDirectory(path, manifest, base, config(path, base));
  }

  private static ModelDirectory openBase(
      Path path, Manifest manifest, Map<String, Path> bases, List<String> deltas) {
    String version = manifest.base().orElseThrow();
    deltas.add(manifest.version());
    if (deltas.contains(version)) {
      throw new InvalidModelException(
          path + ": expected bases without a cycle, got " + deltas + " and then " + version);
    }
    if (deltas.size() > MAX_DELTAS) {
      throw new InvalidModelException(
          path + ": expected at most " + MAX_DELTAS + " deltas on a full version, got " + deltas);
    }
    Path basePath = bases.getOrDefault(version, path.resolveSibling(version));
    if (!Files.exists(basePath.resolve(MANIFEST))) {
      throw new InvalidModelException(
          path.resolve(MANIFEST)
              + ": expected the base "
              + version
              + " at "
              + basePath
              + ", got no manifest there: without its base a delta is nothing; publish a full version");
    }
    ModelDirectory base = open(basePath, bases, deltas);
    if (!base.version().equals(version)) {
      throw new InvalidModelException(
          basePath + ": expected version " + version + ", got " + base.version());
    }
    return base;
  }

  private static ModelConfig config(Path path, Optional<ModelDirectory> base) {
    Path file = path.resolve(MODEL);
    if (base.isPresent() && !Files.exists(file)) {
      return base.get().config();
    }
    if (!Files.exists(file)) {
      throw new InvalidModelException(
          file + ": expected a readable file, got " + FoundInstead.at(path));
    }
    ModelConfig config = ModelConfigReader.read(file);
    if (base.isPresent() && !config.equals(base.get().config())) {
      throw new InvalidModelException(
          file
              + ": expected the model of the delta's base "
              + base.get().version()
              + ", "
              + base.get().config()
              + ", got "
              + config);
    }
    return config;
  }

  /** The directory, absolute. */
  public Path path() {
    return path;
  }

  /** The manifest's version, or the name of a bare directory. */
  public String version() {
    return manifest.map(Manifest::version).orElseGet(() -> String.valueOf(path.getFileName()));
  }

  public ModelConfig config() {
    return config;
  }

  /** Empty for a bare directory. */
  public Optional<Manifest> manifest() {
    return manifest;
  }

  /** The version that this one is a delta of; empty for a full one. */
  public Optional<ModelDirectory> base() {
    return base;
  }

  /**
   * A file of this version itself, if it is there.
   *
   * @param name a plain file name
   */
  public Optional<Path> file(String name) {
    if (!Text.isPlainFileName(name)) {
      throw new InvalidModelException(
          path + ": expected a plain file name, got " + Text.quote(name));
    }
    return Optional.of(path.resolve(name)).filter(Files::isRegularFile);
  }

  /** A file of this version or, where a delta does not have it, of the nearest base that has. */
  public Optional<Path> inheritedFile(String name) {
    return file(name).or(() -> base.flatMap(b -> b.inheritedFile(name)));
  }

  /** The tensor files of this version itself, with the index that names them. */
  public List<Path> tensorFiles() {
    if (base.isPresent()) {
      return List.of(path.resolve(DELTA));
    }
    try (TensorFiles tensors = TensorFiles.open(path)) {
      return tensors.paths();
    }
  }

  /** How many deltas lie between this version and the full one under it; 0 for a full one. */
  public int deltas() {
    return base.map(b -> b.deltas() + 1).orElse(0);
  }

  /**
   * Compares every file that the manifests name, this version's and its bases', with its size and
   * SHA-256; reads all of them. A bare directory has nothing to compare.
   *
   * @throws InvalidModelException naming every file that is missing, changed or not listed
   */
  public void verifyChecksums() {
    base.ifPresent(ModelDirectory::verifyChecksums);
    manifest.ifPresent(m -> new Checksums(path, m).verify());
  }

  /**
   * Checks the tensor files against {@link #config}, reads the dense parameters and maps the
   * tables.
   *
   * @throws InvalidModelException naming every tensor of a file that is missing, unexpected, or of
   *     another shape or dtype
   */
  public ModelWeights load() {
    return load(Optional.empty());
  }

  /**
   * Like {@link #load()}, and shares the mapped files that both have with weights that are loaded:
   * a delta beside its base then maps only its own rows.
   *
   * @param donor open at least until this returns
   */
  public ModelWeights load(Optional<ModelWeights> donor) {
    return WeightsLoader.load(config, full().path, deltaPaths(), donor);
  }

  /**
   * What {@link #load()} would take, without mapping or allocating any of it.
   *
   * @throws InvalidModelException if a tensor file is missing or its header is wrong
   */
  public MemoryFootprint footprint() {
    return MemoryFootprint.read(config, full().path, deltaPaths());
  }

  private ModelDirectory full() {
    return base.map(ModelDirectory::full).orElse(this);
  }

  /** Oldest first. */
  private List<Path> deltaPaths() {
    List<Path> deltas = new ArrayList<>();
    for (ModelDirectory at = this; at.base.isPresent(); at = at.base.get()) {
      deltas.add(0, at.path);
    }
    return deltas;
  }
}
