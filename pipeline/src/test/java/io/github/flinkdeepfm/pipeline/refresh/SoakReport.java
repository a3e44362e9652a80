package io.github.flinkdeepfm.pipeline.refresh;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The series as a table, and what it says. Flat means: after the warm-up, the mean of the last
 * third is above the mean of the first third by at most a bound.
 */
final class SoakReport {
  /** One statement; only those about memory and accounting fail a soak. */
  record Verdict(String statement, boolean holds, boolean fails) {}

  private static final double MB = 1e6;
  private static final double MAX_HEAP_GROWTH = 10e6;
  private static final double PAUSE_TARGET_DELTA_MS = 5;
  private static final double PAUSE_TARGET_FULL_MS = 20;

  private final List<Sample> samples;
  private final int warmUp;
  private final List<Verdict> verdicts = new ArrayList<>();

  SoakReport(List<Sample> samples, int warmUp) {
    this.samples = samples;
    this.warmUp = warmUp;
  }

  List<Verdict> verdicts() {
    return verdicts;
  }

  void flat(String what, String unit, double scale, double bound, ToLongFunction<Sample> value) {
    List<Sample> counted = samples.subList(warmUp, samples.size());
    int third = counted.size() / 3;
    double first = mean(counted.subList(0, third), value);
    double last = mean(counted.subList(counted.size() - third, counted.size()), value);
    long max = counted.stream().mapToLong(value).max().orElseThrow();
    long min = counted.stream().mapToLong(value).min().orElseThrow();
    double growth = last - first;
    say(
        "%s flat after refresh %d: first third %.1f, last third %.1f, growth %+.1f %s (bound %.1f);"
                .formatted(
                    what, warmUp, first / scale, last / scale, growth / scale, unit, bound / scale)
            + " min %.1f, max %.1f".formatted(min / scale, max / scale),
        growth <= bound,
        true);
  }

  /** Bytes in use after a collection, at the end of the warm-up and of the soak. */
  void heap(long first, long last) {
    say(
        "heap in use flat after refresh %d: %.1f MB, at the end %.1f MB (bound %+.1f MB)"
            .formatted(warmUp, first / MB, last / MB, MAX_HEAP_GROWTH / MB),
        last - first <= MAX_HEAP_GROWTH,
        true);
  }

  void accounting(long sent, long scores, long deadLetters, long missing, long twice) {
    say(
        "every event once: %d in, %d scores + %d dead letters out, %d missing, %d twice"
            .formatted(sent, scores, deadLetters, missing, twice),
        missing == 0 && twice == 0 && sent == scores + deadLetters && deadLetters > 0,
        true);
  }

  void refusals(long refusals) {
    say("no version refused: " + refusals, refusals == 0, true);
  }

  void overlay(OverlayCost cost, long changedBytes) {
    say(
        ("one more delta takes at most twice its changed rows' bytes: %.0f kB (mapped %.0f, heap %.0f,"
                + " other %.0f) for %.0f kB of rows: %.2f times")
            .formatted(
                cost.bytes() / 1e3,
                cost.mapped() / 1e3,
                cost.heap() / 1e3,
                cost.anonymous() / 1e3,
                changedBytes / 1e3,
                (double) cost.bytes() / changedBytes),
        cost.bytes() <= 2 * changedBytes,
        false);
  }

  void pauses() {
    pauses("delta", false, PAUSE_TARGET_DELTA_MS);
    pauses("full version", true, PAUSE_TARGET_FULL_MS);
  }

  private void pauses(String what, boolean full, double targetMs) {
    samples.stream()
        .filter(s -> s.full() == full)
        .max(Comparator.comparingLong(Sample::pauseMicros))
        .ifPresent(s -> pauses(what, full, targetMs, s));
  }

  private void pauses(String what, boolean full, double targetMs, Sample slowest) {
    long[] pauses = sorted(full, Sample::pauseMicros);
    long[] gaps = sorted(full, Sample::switchGapMicros);
    long[] longest = sorted(full, Sample::longestGapMicros);
    double worst = slowest.pauseMicros() / 1e3;
    say(
        "switch to a %s: pause p50 %.2f, longest %.2f ms (refresh %d; target %.0f ms); "
                .formatted(what, median(pauses) / 1e3, worst, slowest.refresh(), targetMs)
            + "last score before to first after p50 %.1f, longest %.1f ms; "
                .formatted(median(gaps) / 1e3, gaps[gaps.length - 1] / 1e3)
            + "longest gap at any time p50 %.1f, longest %.1f ms"
                .formatted(median(longest) / 1e3, longest[longest.length - 1] / 1e3),
        worst <= targetMs,
        false);
  }

  private void say(String statement, boolean holds, boolean fails) {
    verdicts.add(new Verdict(statement, holds, fails));
  }

  void print(PrintStream out) {
    out.println(
        "| refresh | kind | s | RSS MB | anonymous MB | mapped MB | JavaCPP MB | models | threads"
            + " | files | cache MB | pause ms | switch gap ms | longest gap ms |");
    out.println("|" + "---:|".repeat(14));
    int step = Math.max(1, samples.size() / 40);
    for (Sample s : samples) {
      if (s.refresh() % step == 0 || s.refresh() == 1) {
        ProcessMemory m = s.memory();
        out.printf(
            Locale.ROOT,
            "| %d | %s | %.0f | %.1f | %.1f | %.1f | %.1f | %d | %d | %d | %.0f | %.2f | %.1f | %.1f |%n",
            s.refresh(),
            s.full() ? "full" : "delta",
            s.seconds(),
            m.rss() / MB,
            m.anonymous() / MB,
            m.mapped() / MB,
            m.javacpp() / MB,
            s.models(),
            m.threads(),
            m.files(),
            m.cache() / MB,
            s.pauseMicros() / 1e3,
            s.switchGapMicros() / 1e3,
            s.longestGapMicros() / 1e3);
      }
    }
    out.println();
    for (Verdict v : verdicts) {
      out.println((v.holds() ? "holds   " : v.fails() ? "FAILS   " : "misses  ") + v.statement());
    }
  }

  void write(Path file, Map<String, Object> setting) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>(setting);
    document.put("verdicts", verdicts);
    document.put("samples", samples);
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, mapper.writeValueAsString(document) + "\n");
  }

  private long[] sorted(boolean full, ToLongFunction<Sample> value) {
    return samples.stream().filter(s -> s.full() == full).mapToLong(value).sorted().toArray();
  }

  private static long median(long[] sorted) {
    return sorted[sorted.length / 2];
  }

  private static double mean(List<Sample> of, ToLongFunction<Sample> value) {
    return Arrays.stream(of.stream().mapToLong(value).toArray()).average().orElseThrow();
  }
}
