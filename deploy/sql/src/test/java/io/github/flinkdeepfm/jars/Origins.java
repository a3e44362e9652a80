package io.github.flinkdeepfm.jars;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a shipped jar was made of: jars of the class path that the tests ran on. */
final class Origins {
  private static final Pattern LEGAL =
      Pattern.compile("(?:.*/)?[^/]*(?:licen[cs]e|notice|copying|al2\\.0|lgpl2\\.1)[^/]*");

  private final Jar shipped;
  private final List<Jar> carried;

  /**
   * @param classPath jars; folders are left out. A jar is carried when the shipped one has more
   *     than half of its files, or, where it was cut to a few, its {@code pom.properties}
   */
  Origins(Path shipped, List<Path> classPath) {
    this.shipped = Jar.open(shipped);
    this.carried =
        classPath.stream()
            .filter(path -> path.toString().endsWith(".jar"))
            .map(Jar::open)
            .filter(this::carries)
            .toList();
  }

  static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .distinct()
        .toList();
  }

  List<Path> carried() {
    return carried.stream().map(Jar::path).toList();
  }

  private boolean carries(Jar jar) {
    List<String> contents =
        jar.entries().keySet().stream()
            .filter(entry -> !entry.startsWith("META-INF/") && !legal(entry))
            .toList();
    long there = contents.stream().filter(entry -> same(jar, entry)).count();
    return 2 * there > contents.size()
        || jar.entries().keySet().stream()
            .anyMatch(entry -> entry.endsWith("/pom.properties") && same(jar, entry));
  }

  private boolean same(Jar jar, String entry) {
    return jar.entries().get(entry).equals(shipped.entries().get(entry));
  }

  private static boolean legal(String entry) {
    String lower = entry.toLowerCase(Locale.ROOT);
    return !lower.endsWith(".class") && LEGAL.matcher(lower).matches();
  }

  /** Classes that do not load as they do from the carried jars, in the class path's order. */
  List<String> foreignClasses() {
    Map<String, Jar.Bytes> tested = new HashMap<>();
    carried.forEach(jar -> jar.loaded().forEach(tested::putIfAbsent));
    return shipped.loaded().entrySet().stream()
        .filter(loaded -> !loaded.getValue().equals(tested.get(loaded.getKey())))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Classes of carried jars that are not inside: a filter took them. */
  List<String> missingClasses() {
    Set<String> there = shipped.loaded().keySet();
    return carried.stream()
        .flatMap(jar -> jar.loaded().keySet().stream())
        .filter(name -> !there.contains(name))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * Licences and notices of carried jars that are not inside. Files of one name are merged, so it
   * is their lines that have to be there.
   */
  List<String> missingLegalTexts() {
    Set<String> there = new HashSet<>();
    for (String entry : shipped.entries().keySet()) {
      if (legal(entry)) {
        there.addAll(lines(shipped, entry));
      }
    }
    List<String> findings = new ArrayList<>();
    for (Jar jar : carried) {
      for (String entry : jar.entries().keySet()) {
        if (legal(entry)) {
          List<String> missing =
              lines(jar, entry).stream().filter(line -> !there.contains(line)).toList();
          if (!missing.isEmpty()) {
            findings.add(
                "%s!/%s: %d lines are missing, the first is: %s"
                    .formatted(jar.file(), entry, missing.size(), missing.get(0)));
          }
        }
      }
    }
    return findings;
  }

  /** Lines after {@code //} are the frame around Apache's notices, which merging takes away. */
  private static List<String> lines(Jar jar, String entry) {
    return jar.text(entry)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("//"))
        .toList();
  }
}
