package io.github.flinkdeepfm.jars;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What is wrong with a shipped jar, or with jars beside each other, one finding a line.
 *
 * <p>{@code java -cp TEST-CLASSES io.github.flinkdeepfm.jars.JarCheck JAR…} prints the findings of
 * each.
 */
final class JarCheck {
  private static final Pattern NATIVE = Pattern.compile(".*\\.(so(\\.\\d+)*|dll|dylib|jnilib|a)");
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|DSA|RSA|EC)");

  private JarCheck() {}

  public static void main(String[] arguments) {
    for (String jar : arguments) {
      List<String> findings = findings(Path.of(jar));
      System.out.printf("%s: %d findings%n", jar, findings.size());
      findings.forEach(finding -> System.out.println("  " + finding));
    }
  }

  static List<String> findings(Path path) {
    Jar jar = Jar.open(path);
    List<String> findings = new ArrayList<>();
    jar.misnamed().forEach((entry, own) -> findings.add(entry + " calls itself " + own));
    jar.twice().forEach(entry -> findings.add(entry + " is there twice"));
    checkVersions(jar, findings);
    checkServices(jar, findings);
    for (String entry : jar.entries().keySet()) {
      if (SIGNATURE.matcher(entry).matches()) {
        findings.add(entry + " signs another jar");
      }
    }
    return findings;
  }

  /** A folder of releases has to be awake, and about something that the jar has. */
  private static void checkVersions(Jar jar, List<String> findings) {
    Set<String> folders = jar.folders();
    for (Jar.ClassEntry c : jar.classes()) {
      if (c.release() > 0 && !jar.multiRelease()) {
        findings.add(c.entry() + " is never loaded: the manifest is not Multi-Release");
      }
      if (c.release() > 0 && !folders.contains(c.folder())) {
        findings.add(c.entry() + " has no class of its package beside it: relocated, or left over");
      }
    }
  }

  private static void checkServices(Jar jar, List<String> findings) {
    jar.services()
        .forEach(
            (file, classes) -> {
              for (String name : classes) {
                if (!jar.entries().containsKey(name.replace('.', '/') + ".class")) {
                  findings.add(file + " names " + name + ", which is not there");
                }
              }
            });
  }

  /** Shared libraries, for a jar that loads in a class loader that ends before the process. */
  static List<String> natives(Path path) {
    return Jar.open(path).entries().keySet().stream()
        .filter(entry -> NATIVE.matcher(entry).matches())
        .toList();
  }

  /**
   * Classes that jars beside each other have with other bytes: which one loads is an accident of
   * their order.
   *
   * @return the jars that disagree, and how many classes they disagree on
   */
  static Map<String, List<String>> disagreements(List<Path> classPath) {
    Map<String, Jar.Bytes> first = new HashMap<>();
    Map<String, String> owner = new HashMap<>();
    Map<String, List<String>> disagreements = new TreeMap<>();
    for (Path path : classPath) {
      Jar jar = Jar.open(path);
      jar.loaded()
          .forEach(
              (name, bytes) -> {
                Jar.Bytes before = first.putIfAbsent(name, bytes);
                String from = owner.putIfAbsent(name, jar.file());
                if (before != null && !before.equals(bytes)) {
                  disagreements
                      .computeIfAbsent(from + " and " + jar.file(), k -> new ArrayList<>())
                      .add(name);
                }
              });
    }
    return disagreements;
  }
}
