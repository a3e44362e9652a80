package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.serving.EncodingCheck;
import io.github.flinkdeepfm.model.serving.ParityCheck;
import io.github.flinkdeepfm.model.serving.ParityReport;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code verify}: runs a model directory's parity samples. */
@Command(
    name = "verify",
    description = {
      "Loads a model directory, checks its files against their checksums, and compares its outputs",
      "with its parity samples. Without samples it says so: a model that loads is not a model that"
          + " agrees."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class VerifyCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Parameters(paramLabel = "DIR", description = "A model directory.")
  Path directory;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    ModelDirectory model = ModelDirectory.open(directory);
    model.verifyChecksums();
    Optional<ParityReport> parity = ParityCheck.run(model);
    Optional<ParityReport> encoding = Optional.empty();
    if (model.config().kind() == ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      try (ServingModel serving = ServingModel.open(directory)) {
        encoding = EncodingCheck.run(directory, serving);
        print("numerics %s%n", serving.numerics());
      }
    } else {
      model.load().close();
    }
    boolean passed = report(parity, "model unverified: no parity sample (input, expected)");
    if (model.config().kind() == ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      passed &= report(encoding, "encoding unverified: no sample.jsonl");
    }
    print("%s %s%n", model.version(), passed ? "ok" : "FAILED");
    return passed ? 0 : FAILED;
  }

  private boolean report(Optional<ParityReport> report, String absent) {
    if (report.isEmpty()) {
      print("%s%n", absent);
      return true;
    }
    print("%-28s %8s %12s %12s %10s%n", "output", "values", "max abs", "max rel", "tolerance");
    List<ParityReport.Row> equalKjt =
        report.get().rows().stream().filter(VerifyCommand::isEqualKjt).toList();
    report.get().rows().stream().filter(row -> !isEqualKjt(row)).forEach(this::print);
    if (!equalKjt.isEmpty()) {
      print(
          "%-28s %8d equal, all of %d tensors%n",
          "kjt.*", equalKjt.stream().mapToLong(ParityReport.Row::count).sum(), equalKjt.size());
    }
    report.get().notes().forEach(note -> print("%s%n", note));
    return report.get().passed();
  }

  /** There are three or four of them for each key, and a model may have hundreds of keys. */
  private static boolean isEqualKjt(ParityReport.Row row) {
    return row.output().startsWith("kjt.") && row.maxOfTolerance() == 0;
  }

  private void print(ParityReport.Row row) {
    print(
        "%-28s %8d %12.3e %12.3e %9.1f%% %s%n",
        row.output(),
        row.count(),
        row.maxAbs(),
        row.maxRel(),
        100 * row.maxOfTolerance(),
        row.passed() ? "" : "ABOVE TOLERANCE at " + row.worst());
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format, arguments);
    out.flush();
  }
}
