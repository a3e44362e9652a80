package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.publish.ModelCheckException;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.Publication;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.model.publish.Retention;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import io.github.flinkdeepfm.pipeline.config.Quantities;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code publish}: makes versions visible under a model root, pins, compacts and retires them. */
@Command(
    name = "publish",
    description = {
      "Checks a model directory and makes it a version under a model root, announced last.",
      "Several actions are done in this order: publish or compact, pin or unpin, retention."
    })
final class PublishCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  /** In place of the standard options: here {@code --version} names a version. */
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  boolean help;

  @Option(names = "--model", paramLabel = "DIR", description = "Model directory to publish.")
  Optional<Path> model = Optional.empty();

  @Option(
      names = "--root",
      required = true,
      paramLabel = "ROOT",
      description = "Model root: a path, or s3://, hdfs:// … with the Flink plugin for it.")
  String root;

  @Option(
      names = "--version",
      paramLabel = "V",
      description = "Name of the new version (the next number).")
  Optional<String> version = Optional.empty();

  @Option(
      names = "--base",
      paramLabel = "V",
      description = "Publish as a delta: the rows and dense parameters that differ from this.")
  Optional<String> base = Optional.empty();

  @Option(
      names = "--compact",
      paramLabel = "V",
      description =
          "Publish this delta and its bases as one full version of the same bits. It is newer than V"
              + " and older than what follows V, so that no job is rolled back.")
  Optional<String> compact = Optional.empty();

  @Option(
      names = "--provenance",
      paramLabel = "K=V",
      description = "For the manifest, repeatable: trainer, data_from, data_to, or any other key.")
  Map<String, String> provenance = new LinkedHashMap<>();

  @Option(names = "--pin", paramLabel = "V", description = "Jobs use this version until --unpin.")
  Optional<String> pin = Optional.empty();

  @Option(names = "--unpin", description = "Jobs use the newest version again.")
  boolean unpin;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Remove versions but the last N (10 if only --min-age is given).")
  Optional<Integer> keep = Optional.empty();

  @Option(
      names = "--min-age",
      paramLabel = "D",
      description =
          "Remove no version younger than this (7d if only --keep is given). Bases of kept deltas,"
              + " the pinned version, and those that files under ROOT/in-use list, stay as well.")
  Optional<String> minAge = Optional.empty();

  @Option(
      names = "--protect",
      paramLabel = "V",
      description = "Do not remove this version, repeatable: a savepoint may name it.")
  List<String> protect = new ArrayList<>();

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkUsage();
    ModelPublisher publisher =
        new ModelPublisher(ModelStorages.openWithPlugins(root), ModelChecks.standard());
    try {
      PublishOptions options = new PublishOptions(version, base, false, provenance);
      if (model.isPresent()) {
        report(publisher.publish(model.get(), options));
      } else if (compact.isPresent()) {
        report(publisher.compact(compact.get(), options));
      }
    } catch (ModelCheckException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return FAILED;
    }
    if (pin.isPresent()) {
      publisher.pin(pin.get());
      print("pinned %s%n", pin.get());
    } else if (unpin) {
      publisher.unpin();
      print("unpinned%n");
    }
    if (retains()) {
      List<String> removed = publisher.retain(retention());
      print("removed %s%n", removed.isEmpty() ? "nothing" : String.join(", ", removed));
    }
    return 0;
  }

  private void checkUsage() {
    List<String> mistakes = new ArrayList<>();
    boolean publishes = model.isPresent() || compact.isPresent();
    if (!publishes && pin.isEmpty() && !unpin && !retains()) {
      mistakes.add("expected one of --model, --compact, --pin, --unpin, --keep, --min-age");
    }
    if (model.isPresent() && compact.isPresent()) {
      mistakes.add("expected --model or --compact, got both");
    }
    if (pin.isPresent() && unpin) {
      mistakes.add("expected --pin or --unpin, got both");
    }
    if (base.isPresent() && model.isEmpty()) {
      mistakes.add("--base: expected --model with it");
    }
    if (!publishes && (version.isPresent() || !provenance.isEmpty())) {
      mistakes.add("--version, --provenance: expected --model or --compact with them");
    }
    if (!protect.isEmpty() && !retains()) {
      mistakes.add("--protect: expected --keep or --min-age with it");
    }
    keep.filter(n -> n < 1).ifPresent(n -> mistakes.add("--keep: expected 1 or more, got " + n));
    minAge
        .filter(text -> Quantities.duration(text).isEmpty())
        .ifPresent(
            text ->
                mistakes.add("--min-age: expected " + Quantities.DURATION_FORM + ", got " + text));
    if (!mistakes.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), String.join(System.lineSeparator(), mistakes));
    }
  }

  private boolean retains() {
    return keep.isPresent() || minAge.isPresent();
  }

  private Retention retention() {
    Duration age = minAge.flatMap(Quantities::duration).orElse(Retention.DEFAULT_MIN_AGE);
    return new Retention(keep.orElse(Retention.DEFAULT_KEEP), age, Set.copyOf(protect));
  }

  private void report(Publication published) {
    Optional<String> of = published.manifest().base();
    print(
        "published %s: %s, %,d bytes, %s%n",
        published.manifest().version(),
        of.map(v -> "delta of " + v).orElse("full"),
        published.bytes(),
        of.isPresent()
            ? "%,d of %,d rows changed".formatted(published.rowsChanged(), published.rows())
            : "%,d rows".formatted(published.rows()));
    published.notes().forEach(note -> print("%s%n", note));
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format, arguments);
    out.flush();
  }
}
