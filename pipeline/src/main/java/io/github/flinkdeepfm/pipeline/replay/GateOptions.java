package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.replay.report.Gate;
import io.github.flinkdeepfm.pipeline.replay.report.Gates;
import java.util.List;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** An option for each {@link Gate}: {@code --max-psi 0.1}. */
final class GateOptions implements IModelTransformer {
  @Override
  public CommandSpec transform(CommandSpec command) {
    for (Gate gate : Gate.values()) {
      command.addOption(
          OptionSpec.builder("--" + gate.option())
              .type(Double.class)
              .paramLabel("X")
              .description(
                  "Fail if "
                      + gate.option().substring(4).replace('-', ' ')
                      + (gate.option().startsWith("max") ? " is above X." : " is below X."))
              .build());
    }
    return command;
  }

  /**
   * The gates that the command line names.
   *
   * @param mistakes takes what is wrong with them
   */
  static Gates of(CommandSpec command, List<String> mistakes) {
    Gates gates = Gates.none();
    for (Gate gate : Gate.values()) {
      Double threshold = command.findOption("--" + gate.option()).getValue();
      if (threshold != null && !Double.isFinite(threshold)) {
        mistakes.add("--" + gate.option() + ": expected a finite number, got " + threshold);
      } else if (threshold != null) {
        gates = gates.with(gate, threshold);
      }
    }
    return gates;
  }
}
