package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import io.github.flinkdeepfm.model.publish.Publication;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** What the demo prints: a line a second, and the summary. */
final class Report {
  private final PrintStream out;
  private long linesBefore;
  private long outcomesBefore;
  private int versionsBefore;
  private final Map<String, Publication> publications = new HashMap<>();

  Report(PrintStream out) {
    this.out = out;
  }

  synchronized void say(String format, Object... args) {
    out.println(String.format(Locale.ROOT, format, args));
    out.flush();
  }

  /** What the columns of {@link #line} are. */
  void header() {
    say("");
    say(
        "latency in ms, p50/p99 of the last second: until the score, until it is visible (committed)");
    say("AUC and logloss of the version's scores so far / the best possible for the same events");
    say(
        "%4s %11s %11s %7s %9s %9s %11s  %-8s %13s %13s",
        "",
        "events in",
        "scores out",
        "dead",
        "out/s",
        "score",
        "visible",
        "model",
        "AUC",
        "logloss");
  }

  private static String pair(double model, double best) {
    return Double.isNaN(model) ? "-" : String.format(Locale.ROOT, "%.4f/%.4f", model, best);
  }

  /**
   * @param produced events sent so far
   * @param millis since the first event
   */
  void line(long produced, Progress now, long millis) {
    switches(now.versions());
    long outcomes = now.scores() + now.deadLetters();
    double seconds = Math.max(1, millis - linesBefore) / 1000.0;
    say(
        "%3ds %,11d %,11d %,7d %,9.0f %9s %11s  %-8s %13s %13s",
        millis / 1000,
        produced,
        now.scores(),
        now.deadLetters(),
        (outcomes - outcomesBefore) / seconds,
        now.scored().p50() + "/" + now.scored().p99(),
        now.visible().p50() + "/" + now.visible().p99(),
        now.modelVersion().isEmpty() ? "-" : now.modelVersion(),
        latest(now).map(v -> pair(v.model().auc(), v.best().auc())).orElse("-"),
        latest(now).map(v -> pair(v.model().logloss(), v.best().logloss())).orElse("-"));
    linesBefore = millis;
    outcomesBefore = outcomes;
  }

  private static Optional<Progress.Version> latest(Progress now) {
    List<Progress.Version> versions = now.versions();
    return versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
  }

  /** A line for each version that came since the last line: what the one before it achieved. */
  private void switches(List<Progress.Version> versions) {
    for (int i = Math.max(1, versionsBefore); i < versions.size(); i++) {
      Progress.Version before = versions.get(i - 1);
      say(
          "     model %s -> %s at a checkpoint; AUC of %s over its %,d scores: %s",
          before.name(),
          versions.get(i).name(),
          before.name(),
          before.scores(),
          pair(before.model().auc(), before.best().auc()));
    }
    versionsBefore = versions.size();
  }

  /**
   * @param learnt how well the trainer predicted events before it learnt from them, since the
   *     version before
   */
  synchronized void published(Publication version, ProgressiveMetrics learnt) {
    publications.put(version.manifest().version(), version);
    say(
        "     published %s: %s, %,d KB; the trainer's AUC since the last version %.4f",
        version.manifest().version(),
        version.manifest().base().map(base -> "delta of " + base).orElse("full"),
        version.bytes() >> 10,
        learnt.auc());
  }

  /** The untrained version that the job starts from. */
  synchronized void started(Publication version) {
    publications.put(version.manifest().version(), version);
  }

  /**
   * @param producing milliseconds from the first event to the last
   * @param outcomes milliseconds from the first event until the last outcome was read
   * @param replayed what came of replaying the event topic
   */
  void summary(
      AnswerKey key,
      Accounting accounts,
      Progress total,
      long producing,
      long outcomes,
      ReproductionSummary replayed) {
    say("");
    say("Summary, counted from what a read_committed consumer of its own read back");
    say(
        "  events        %,d produced in %.1f s (%,.0f/s)",
        key.size(), producing / 1000.0, perSecond(key.size(), producing));
    say(
        "  outcomes      %,d scores + %,d dead letters; missing %,d, duplicate %,d, unexpected %,d",
        accounts.scores(),
        accounts.deadLetters(),
        accounts.missing(),
        accounts.duplicates(),
        accounts.unexpected());
    deadLetters(accounts.planted(), accounts.found());
    say(
        "  throughput    %,.0f events/s from the first event to the last outcome read",
        perSecond(key.size(), outcomes));
    latency("event to score          ", total.scored());
    latency("event to visible score  ", total.visible());
    say(
        "                (exactly once: scores are visible after the checkpoint, every %s)",
        DemoJobFile.CHECKPOINT_INTERVAL);
    say(
        "  quality       AUC %.4f (best possible %.4f), logloss %.4f (best possible %.4f)",
        total.model().auc(), total.best().auc(), total.model().logloss(), total.best().logloss());
    versions(total.versions());
    replay(replayed);
    OptionalLong peak = ResidentMemory.peakBytes();
    say(
        "  memory        peak resident %s",
        peak.isPresent()
            ? String.format(
                Locale.ROOT, "%,d MB (this process: broker, Flink, all)", peak.getAsLong() >> 20)
            : "unknown on this platform");
    accounts.mistakes().forEach(mistake -> say("  WRONG         %s", mistake));
    say(
        "  result        %s",
        accounts.exact()
            ? "exact: every event is exactly once a score or the dead letter that was planted"
            : "NOT exact");
  }

  private void replay(ReproductionSummary replayed) {
    say(
        "  replay        %,d of %,d scores come out again bit for bit, over %d versions (%,.0f events/s)",
        replayed.identical(),
        replayed.scores(),
        replayed.versions().size(),
        replayed.events() / replayed.seconds());
    if (!replayed.passed()) {
      replayed.lines().forEach(line -> say("  NOT REPRODUCED  %s", line));
    }
  }

  private synchronized void versions(List<Progress.Version> versions) {
    say(
        "  versions      %-10s %-6s %9s %11s %15s %15s",
        "name", "kind", "KB", "scores", "AUC/best", "logloss/best");
    for (Progress.Version version : versions) {
      Optional<Publication> published = Optional.ofNullable(publications.get(version.name()));
      say(
          "                %-10s %-6s %9s %,11d %15s %15s",
          version.name(),
          published.map(p -> p.manifest().base().isPresent() ? "delta" : "full").orElse("?"),
          published.map(p -> String.format(Locale.ROOT, "%,d", p.bytes() >> 10)).orElse("?"),
          version.scores(),
          pair(version.model().auc(), version.best().auc()),
          pair(version.model().logloss(), version.best().logloss()));
    }
  }

  private void deadLetters(Map<DeadLetterReason, Long> planted, Map<DeadLetterReason, Long> found) {
    say("  dead letters  %-20s %9s %9s", "reason", "planted", "found");
    TreeSet<DeadLetterReason> reasons = new TreeSet<>(planted.keySet());
    reasons.addAll(found.keySet());
    for (DeadLetterReason reason : reasons) {
      say(
          "                %-20s %,9d %,9d",
          reason, planted.getOrDefault(reason, 0L), found.getOrDefault(reason, 0L));
    }
  }

  private void latency(String what, Progress.Latency latency) {
    say(
        "  latency       %s p50 %,d ms, p99 %,d ms, max %,d ms",
        what, latency.p50(), latency.p99(), latency.max());
  }

  private static double perSecond(long count, long millis) {
    return count * 1000.0 / Math.max(1, millis);
  }
}
