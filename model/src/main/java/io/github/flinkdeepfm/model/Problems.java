package io.github.flinkdeepfm.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects every mistake of one document, so that its author sees all of them in one answer.
 *
 * <p>Each problem has the form {@code where: expected X, got Y}.
 */
public final class Problems {
  private final String document;
  private final List<String> found = new ArrayList<>();

  /**
   * @param document what is being checked, for example a file's path; it heads the message
   */
  public Problems(String document) {
    this.document = document;
  }

  /** Adds one problem found at {@code where} (a path inside the document, may be empty). */
  public void add(String where, String message) {
    found.add(where.isEmpty() ? message : where + ": " + message);
  }

  /** Adds the usual problem: something else than expected. */
  public void expected(String where, String expected, Object got) {
    add(where, "expected " + expected + ", got " + got);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  public List<String> list() {
    return List.copyOf(found);
  }

  /**
   * Ends the collecting.
   *
   * @throws InvalidConfigurationException naming every problem, if there is one
   */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new InvalidConfigurationException(document, found);
    }
  }
}
