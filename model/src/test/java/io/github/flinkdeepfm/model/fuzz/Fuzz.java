package io.github.flinkdeepfm.model.fuzz;

import io.github.flinkdeepfm.model.checkpoint.ModelFileFuzz;
import io.github.flinkdeepfm.model.features.EventFuzz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs all targets of this module: {@code Fuzz SEED EVENTS MODEL_FILES SECONDS REPORT.json}. Exit
 * code 1 with the first finding.
 */
public final class Fuzz {
  private static final long MAX_HEAP_GROWTH = 16 << 20;
  private static final long MAX_NATIVE_GROWTH = 1 << 20;

  private Fuzz() {}

  public static void main(String[] args) throws Exception {
    FuzzReport report =
        run(
            Long.parseLong(args[0]),
            Long.parseLong(args[1]),
            Long.parseLong(args[2]),
            Duration.ofSeconds(Long.parseLong(args[3])));
    System.out.print(report.table());
    report.write(Path.of(args[4]));
    checkMemory(report);
    if (report.cases("event") < Long.parseLong(args[1])
        || report.cases("model") < Long.parseLong(args[2])) {
      throw new AssertionError("the time was up before all cases were tried");
    }
  }

  /** Runs so many cases, spread over the targets, or as many as the limit lets. */
  static FuzzReport run(long seed, long events, long modelFiles, Duration limit) throws Exception {
    Path folder = Files.createTempDirectory("fuzz");
    try {
      FuzzRun run = new FuzzRun(seed);
      List<FuzzTarget> eventTargets = EventFuzz.all(folder, seed);
      List<FuzzTarget> modelTargets = ModelFileFuzz.all(folder, seed);
      List<FuzzTarget> stepTargets = SteppingLoader.targets(folder, seed);
      stepTargets.forEach(t -> run.add(t, share(events, 200 * stepTargets.size())));
      eventTargets.forEach(t -> run.add(t, share(events, eventTargets.size())));
      modelTargets.forEach(t -> run.add(t, share(modelFiles, modelTargets.size())));
      return run.run(limit);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static long share(long cases, int targets) {
    return (cases + targets - 1) / targets;
  }

  /** Fails if memory grew. */
  static void checkMemory(FuzzReport report) {
    if (report.heapGrowth() > MAX_HEAP_GROWTH || report.nativeGrowth() > MAX_NATIVE_GROWTH) {
      throw new AssertionError(
          "expected heap and native memory to stay, got %+d and %+d bytes"
              .formatted(report.heapGrowth(), report.nativeGrowth()));
    }
  }
}
