package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.Problems;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Replaces references to environment variables; two dollar signs stand for a literal one. */
final class Environment {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}|\\$\\{");

  private final Map<String, String> variables;
  private final Secrets secrets;

  /**
   * @param secrets learns the values that are put in
   */
  Environment(Map<String, String> variables, Secrets secrets) {
    this.variables = variables;
    this.secrets = secrets;
  }

  /** The text with its references replaced; one that cannot be is a problem at {@code where}. */
  String substitute(String text, String where, Problems problems) {
    Matcher reference = REFERENCE.matcher(text);
    StringBuilder result = new StringBuilder();
    while (reference.find()) {
      reference.appendReplacement(
          result, Matcher.quoteReplacement(replacement(reference, where, problems)));
    }
    return reference.appendTail(result).toString();
  }

  private String replacement(Matcher reference, String where, Problems problems) {
    if (reference.group().equals("$${")) {
      return "${";
    }
    String name = reference.group(1);
    if (name == null) {
      problems.add(where, "expected ${NAME} of an environment variable, or $${ for a literal ${");
      return "";
    }
    String value = variables.get(name);
    if (value == null) {
      problems.add(where, "the environment variable " + name + " is not set");
      return "";
    }
    secrets.addVariable(name, value);
    return value;
  }
}
