package io.github.flinkdeepfm.pipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says of each step of a curve what the measured figures and the machine's cache sizes support. */
final class GrowthKnees {
  /** Steps that change less are not knees. */
  private static final double KNEE = 1.15;

  private GrowthKnees() {}

  static List<String> ofTables(GrowthCurve curve, int features, int dim) {
    List<String> sentences = new ArrayList<>();
    for (int i = 1; i < curve.points().size(); i++) {
      GrowthCurve.Point before = curve.points().get(i - 1);
      GrowthCurve.Point after = curve.points().get(i);
      if (after.nanos() < KNEE * before.nanos()) {
        continue;
      }
      long smaller = before.x() * dim * Float.BYTES;
      long larger = after.x() * dim * Float.BYTES;
      List<String> outgrown = new ArrayList<>();
      for (int level = 2; level <= 3; level++) {
        long size = cacheBytes(level);
        if (smaller <= size && size < larger) {
          outgrown.add("the L%d cache (%s)".formatted(level, bytes(size)));
        }
      }
      sentences.add(
          text(
              "From %,d to %,d rows (%s to %s of tables) a scored row takes %.0f ns more, %.1f for"
                  + " each of its %d reads: %s.",
              before.x(),
              after.x(),
              bytes(smaller),
              bytes(larger),
              after.nanos() - before.nanos(),
              (after.nanos() - before.nanos()) / features,
              features,
              outgrown.isEmpty()
                  ? "no cache's size lies between the two; likely the reach of the TLBs, and fewer"
                      + " reads that a cache still serves"
                  : "the tables outgrow " + String.join(" and ", outgrown)));
    }
    return orFlat(sentences);
  }

  static List<String> ofBatches(GrowthCurve curve) {
    GrowthCurve.Point first = curve.points().get(0);
    GrowthCurve.Point fastest = first;
    for (GrowthCurve.Point point : curve.points()) {
      fastest = point.ours() > fastest.ours() ? point : fastest;
    }
    List<String> sentences = new ArrayList<>();
    sentences.add(
        text(
            "A batch of one takes %.1f µs, a row of the fastest batch size (%d) %.2f µs: the rest"
                + " is what a call costs by itself, and what a row alone cannot share: a GEMM's"
                + " reuse of the weights, and reads under way together.",
            first.nanos() / 1e3, fastest.x(), fastest.nanos() / 1e3));
    for (GrowthCurve.Point point : curve.points()) {
      if (point.ours() >= fastest.ours() / KNEE) {
        sentences.add(
            text(
                "From %d rows a batch on, the speed is within %.0f%% of the fastest.",
                point.x(), 100 * (KNEE - 1)));
        break;
      }
    }
    GrowthCurve.Point last = curve.points().get(curve.points().size() - 1);
    if (last.ours() < fastest.ours() / KNEE) {
      sentences.add(
          text(
              "At %d it is %.0f%% slower than at %d, although rows are scored in blocks of one size:"
                  + " likely the batch's own ids and dense values, which are read from further off.",
              last.x(), 100 * (1 - last.ours() / fastest.ours()), fastest.x()));
    }
    return sentences;
  }

  static List<String> ofFeatures(GrowthCurve curve) {
    List<String> sentences = new ArrayList<>();
    GrowthCurve.Point first = curve.points().get(0);
    GrowthCurve.Point last = curve.points().get(curve.points().size() - 1);
    sentences.add(
        text(
            "From %d to %d features a row goes from %.0f to %.0f ns: %.1f ns for each feature more,"
                + " its read, its columns of the GEMM and its share of the FM sums.",
            first.x(),
            last.x(),
            first.nanos(),
            last.nanos(),
            (last.nanos() - first.nanos()) / (last.x() - first.x())));
    for (int i = 1; i < curve.points().size() - 1; i++) {
      double left = slope(curve.points().get(i - 1), curve.points().get(i));
      double right = slope(curve.points().get(i), curve.points().get(i + 1));
      if (left > 0 && (right > KNEE * left || right < left / KNEE)) {
        sentences.add(
            text(
                "Around %d features the price of one more goes from %.1f to %.1f ns.",
                curve.points().get(i).x(), left, right));
      }
    }
    sentences.add(
        "What the width changes: the rows that fit a GEMM without packing, its blocks of"
            + " inputs, and how much of a block of rows stays in the L2 cache.");
    return sentences;
  }

  private static double slope(GrowthCurve.Point a, GrowthCurve.Point b) {
    return (b.nanos() - a.nanos()) / (b.x() - a.x());
  }

  private static List<String> orFlat(List<String> sentences) {
    return sentences.isEmpty()
        ? List.of(text("No step changes the speed by more than %.0f%%.", 100 * (KNEE - 1)))
        : sentences;
  }

  /** Of one core, as Linux reports it; 0 where it does not. */
  private static long cacheBytes(int level) {
    Path caches = Path.of("/sys/devices/system/cpu/cpu0/cache");
    try {
      for (int i = 0; Files.exists(caches.resolve("index" + i)); i++) {
        Path cache = caches.resolve("index" + i);
        if (Files.readString(cache.resolve("level")).strip().equals(String.valueOf(level))) {
          String size = Files.readString(cache.resolve("size")).strip();
          return Long.parseLong(size.substring(0, size.length() - 1)) << 10;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }

  private static String bytes(long bytes) {
    return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
