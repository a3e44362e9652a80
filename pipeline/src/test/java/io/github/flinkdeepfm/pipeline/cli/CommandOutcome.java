package io.github.flinkdeepfm.pipeline.cli;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command line came to.
 *
 * @param code the exit code
 * @param text standard output and error
 */
public record CommandOutcome(int code, String text) {
  /** Runs the lines of one file, words apart by tabs, and writes what they came to into another. */
  public static void main(String... files) throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(Path.of(files[1])))) {
      for (String line : Files.readAllLines(Path.of(files[0]))) {
        CommandOutcome outcome = of(line.split("\t"));
        out.writeInt(outcome.code());
        out.writeUTF(outcome.text());
      }
    }
  }

  /** What {@link #main} has written. */
  static List<CommandOutcome> read(Path file) throws IOException {
    List<CommandOutcome> outcomes = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      while (in.available() > 0) {
        outcomes.add(new CommandOutcome(in.readInt(), in.readUTF()));
      }
    }
    return outcomes;
  }

  public static CommandOutcome of(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(text, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      System.setErr(captured);
      int code = Cli.execute(args);
      return new CommandOutcome(code, text.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
