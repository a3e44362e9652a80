package io.github.flinkdeepfm.pipeline.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Numbers for the few names that many records repeat. */
final class Names {
  private static final int MOST = Character.MAX_VALUE;

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  /** The name's number, counted from 0; a new one for a new name. */
  int number(String name) {
    Integer number = numbers.get(name);
    if (number == null) {
      if (names.size() == MOST) {
        throw new IllegalStateException(
            "expected at most " + MOST + " names, got " + name + " too");
      }
      number = names.size();
      numbers.put(name, number);
      names.add(name);
    }
    return number;
  }

  String name(int number) {
    return names.get(number);
  }

  Set<String> all() {
    return new TreeSet<>(names);
  }

  int size() {
    return names.size();
  }
}
