package io.github.flinkdeepfm.model;

import java.util.List;

/**
 * A document (model.json, features.json, job.yaml …) has mistakes; the message lists all of them.
 */
public final class InvalidConfigurationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  public InvalidConfigurationException(String document, List<String> problems) {
    super(
        document
            + ": "
            + (problems.size() == 1 ? "" : problems.size() + " problems:\n  - ")
            + String.join("\n  - ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line a mistake, in the order in which they were found. */
  public List<String> problems() {
    return problems;
  }
}
