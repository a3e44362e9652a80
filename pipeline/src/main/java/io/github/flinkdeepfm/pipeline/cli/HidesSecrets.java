package io.github.flinkdeepfm.pipeline.cli;

/** A command that knows values which must not be printed, not even inside an exception's text. */
interface HidesSecrets {
  /** The text without them. */
  String hide(String text);
}
