package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.GoldenCase;
import io.github.flinkdeepfm.model.deepfm.GoldenTolerance;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.kernel.RandomModel;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/** What {@code deploy/gpu/check.sh} runs: one table of everything that decides about the device. */
public final class DeviceCheck {
  private static final List<String> GOLDENS =
      List.of(
          "docstring_deepfm", "criteo_like", "weighted", "fp16", "key_order_b1", "key_order_extra");
  private static final int FEATURES = 26;

  private final boolean quick;
  private final Device device;
  private boolean passed = true;

  DeviceCheck(boolean quick, Device device) {
    this.quick = quick;
    this.device = device;
  }

  /**
   * @param args {@code cuda} or {@code cpu}, then perhaps {@code --quick}
   */
  public static void main(String[] args) throws IOException {
    boolean gpus;
    try {
      gpus = Device.backendHasGpus();
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    if (gpus != args[0].equals("cuda")) {
      System.err.println(
          "expected the backend "
              + args[0]
              + ", got "
              + Nd4j.getBackend().getClass().getSimpleName());
      System.exit(2);
    }
    DeviceCheck check = new DeviceCheck(Arrays.asList(args).contains("--quick"), Device.of(0));
    System.exit(check.run() ? 0 : 1);
  }

  /** Prints the table; false if something in it is wrong. */
  boolean run() throws IOException {
    row("check", "host", "device");
    row("---", "---", "---");
    row(
        "backend",
        "",
        Nd4j.getBackend().getClass().getSimpleName() + ", " + Device.count() + " devices");
    goldens();
    for (int f : new int[] {4, 26, 200}) {
      counts(f);
    }
    RandomModel model =
        new RandomModel(13, FEATURES, 16, 64, 64, quick ? 1_000 : 100_000, false, 1);
    try (HostDeepFm host = model.host();
        DeviceDeepFm loaded = TestDevice.load(device, model)) {
      row("numerics", host.numerics(), loaded.numerics());
      equality(model, host, loaded);
      for (int b = 256; b <= (quick ? 1024 : 16_384); b *= quick ? 2 : 4) {
        speed(model, host, loaded, b);
      }
    }
    refreshes();
    return passed;
  }

  private static void row(String check, String host, String device) {
    System.out.printf("| %s | %s | %s |%n", check, host, device);
  }

  private void goldens() {
    int equal = 0;
    for (String name : GOLDENS) {
      GoldenCase golden = new GoldenCase(name);
      float[] dense = golden.denseFeatures().data().asFloat();
      try (DeviceDeepFm model =
              new DeviceDeepFm(
                  device, golden.config(), golden::parameter, golden.tables(), Optional.empty());
          DeviceScorer scorer = model.newScorer()) {
        float[] logits = scorer.forward(dense, golden.sparseFeatures()).logits();
        GoldenTolerance.assertClose(
            name, Nd4j.createFromArray(logits), golden.expected().get("logits").floats());
        equal++;
      } catch (AssertionError e) {
        row("golden case " + name, "", e.getMessage().strip());
      }
    }
    passed &= equal == GOLDENS.size();
    row("golden cases within tolerance", "", equal + " of " + GOLDENS.size());
  }

  private void counts(int f) {
    RandomModel model = new RandomModel(13, f, 16, 64, 64, 100, false, f);
    List<String> operations = TestDevice.newLog();
    float[] dense = model.dense(1024);
    KeyedJaggedTensor kjt = model.bags(1024, 0, 3);
    float[] logits = new float[1024];
    try (DeviceDeepFm loaded = TestDevice.load(TestDevice.recording(device, operations), model);
        DeviceScorer scorer = loaded.newScorer()) {
      scorer.score(dense, kjt, logits);
      operations.clear();
      TransferCounts before = scorer.transferred();
      scorer.score(dense, kjt, logits);
      TransferCounts counts = scorer.transferred().since(before);
      passed &= counts.crossings() <= 4 && operations.size() <= 25;
      row(
          "F=%d, B=1024, 0 to 3 ids a bag".formatted(f),
          "",
          "%d crossings, %d bytes in, %d out, %d operations"
              .formatted(
                  counts.crossings(), counts.bytesIn(), counts.bytesOut(), operations.size()));
    }
  }

  private void equality(RandomModel model, HostDeepFm host, DeviceDeepFm loaded) {
    int batch = 4096;
    float[] dense = model.dense(batch);
    KeyedJaggedTensor kjt = model.bags(batch, 0, 12);
    float[] expected = new float[batch];
    float[] got = new float[batch];
    float[] again = new float[batch];
    try (DeepFmScorer hostScorer = host.newScorer();
        DeviceScorer scorer = loaded.newScorer()) {
      hostScorer.score(dense, kjt, expected);
      scorer.score(dense, kjt, got);
      scorer.score(dense, kjt, again);
    }
    double largest = 0;
    for (int i = 0; i < batch; i++) {
      largest = Math.max(largest, Math.abs(got[i] - expected[i]) / Math.max(1, Math.abs(got[i])));
    }
    passed &= largest < 1e-3;
    row(
        "largest difference of a logit, relative to max(1, logit)",
        "",
        "%.1e; same bits when scored again: %b".formatted(largest, Arrays.equals(got, again)));
  }

  private void speed(RandomModel model, HostDeepFm host, DeviceDeepFm loaded, int batch) {
    float[] dense = model.dense(batch);
    KeyedJaggedTensor kjt = model.bags(batch, 1, 1);
    try (DeepFmScorer hostScorer = host.newScorer();
        DeviceScorer scorer = loaded.newScorer()) {
      row(
          "rows/s at B=" + batch + " (F=26, D=16, H=64, DI=64, one id a bag)",
          "%,.0f".formatted(rate(hostScorer, dense, kjt)),
          "%,.0f".formatted(rate(scorer, dense, kjt)));
    }
  }

  /** Median of seven rounds. */
  private double rate(DeepFmScorer scorer, float[] dense, KeyedJaggedTensor kjt) {
    float[] logits = new float[kjt.stride()];
    double[] rates = new double[7];
    for (int round = -2; round < rates.length; round++) {
      long start = System.nanoTime();
      long rows = 0;
      long elapsed;
      do {
        scorer.score(dense, kjt, logits);
        rows += kjt.stride();
        elapsed = System.nanoTime() - start;
      } while (elapsed < (quick ? 20_000_000L : 300_000_000L));
      rates[Math.max(0, round)] = rows * 1e9 / elapsed;
    }
    Arrays.sort(rates);
    return rates[rates.length / 2];
  }

  private void refreshes() throws IOException {
    Path root = Files.createTempDirectory("device-check");
    try {
      int count = quick ? 20 : 200;
      VersionChain chain = new VersionChain(root, quick ? 5_000 : 200_000);
      float[] dense = chain.dense(256);
      KeyedJaggedTensor kjt = chain.everyRow(256);
      ServingModel active = VersionChain.open(chain.lastDirectory(), Optional.empty(), device);
      long full = device.memory().used();
      double[] quiet = scoreWhile(active, dense, kjt, CompletableFuture.completedFuture(null));
      double[] pauses = new double[count];
      double[] loads = new double[count];
      for (int i = 0; i < count; i++) {
        Path next = i % 14 == 13 ? chain.full() : chain.delta(chain.rows / 200);
        ServingModel before = active;
        long start = System.nanoTime();
        CompletableFuture<ServingModel> loading =
            CompletableFuture.supplyAsync(
                () -> VersionChain.open(next, Optional.of(before), device));
        pauses[i] = Arrays.stream(scoreWhile(active, dense, kjt, loading)).max().orElse(0);
        active = loading.join();
        loads[i] = (System.nanoTime() - start) / 1e6;
        before.close();
      }
      long last = device.memory().used();
      passed &= last == full;
      active.close();
      Arrays.sort(pauses);
      Arrays.sort(loads);
      row(
          count + " refreshes beside scoring: longest batch of 256 rows",
          "",
          "p50 %.1f ms, longest %.1f ms; without refresh %.1f ms"
              .formatted(
                  pauses[count / 2], pauses[count - 1], Arrays.stream(quiet).max().orElse(0)));
      row(
          "a version brought in",
          "",
          "p50 %.1f ms, longest %.1f ms".formatted(loads[count / 2], loads[count - 1]));
      row(
          "device memory of one version, first and after " + count + " refreshes",
          "",
          "%,d bytes, %,d bytes; %,d after the last is closed"
              .formatted(full, last, device.memory().used()));
      passed &= device.memory().used() == 0;
    } finally {
      delete(root);
    }
  }

  /** Milliseconds of each batch that is scored until something is done, and 20 at least. */
  private static double[] scoreWhile(
      ServingModel model, float[] dense, KeyedJaggedTensor kjt, CompletableFuture<?> until) {
    float[] logits = new float[kjt.stride()];
    double[] times = new double[20];
    try (DeepFmScorer scorer = model.newScorer()) {
      scorer.score(dense, kjt, logits);
      for (int i = 0; i < 20 || !until.isDone(); i++) {
        long start = System.nanoTime();
        scorer.score(dense, kjt, logits);
        times[i % 20] = Math.max(times[i % 20], (System.nanoTime() - start) / 1e6);
      }
    }
    return times;
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      files
          .sorted((a, b) -> b.compareTo(a))
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
