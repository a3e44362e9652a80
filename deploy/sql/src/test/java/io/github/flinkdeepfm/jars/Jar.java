package io.github.flinkdeepfm.jars;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The directory of a jar.
 *
 * @param entries each file's path, with what tells its bytes from others
 * @param twice paths that are there more than once
 * @param multiRelease whether the manifest says so: otherwise {@code META-INF/versions} is asleep
 */
record Jar(Path path, Map<String, Bytes> entries, List<String> twice, boolean multiRelease) {
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");

  record Bytes(long length, long crc) {}

  /**
   * Where a class file stands.
   *
   * @param entry its path
   * @param release 0 outside of {@code META-INF/versions}
   * @param name what the class should be called
   */
  record ClassEntry(String entry, int release, String name) {
    String folder() {
      return name.substring(0, name.lastIndexOf('/') + 1);
    }
  }

  static Jar open(Path path) {
    Map<String, Bytes> entries = new TreeMap<>();
    List<String> twice = new ArrayList<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
        Bytes bytes = new Bytes(entry.getSize(), entry.getCrc());
        if (entries.put(entry.getName(), bytes) != null) {
          twice.add(entry.getName());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
    String manifest =
        entries.containsKey("META-INF/MANIFEST.MF") ? text(path, "META-INF/MANIFEST.MF") : "";
    boolean multiRelease = manifest.lines().anyMatch("Multi-Release: true"::equalsIgnoreCase);
    return new Jar(path, entries, twice, multiRelease);
  }

  String file() {
    return path.getFileName().toString();
  }

  String text(String entry) {
    return text(path, entry);
  }

  private static String text(Path jar, String entry) {
    try (ZipFile zip = new ZipFile(jar.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(jar + "!/" + entry, e);
    }
  }

  /** Every class but the descriptors of modules, which no class path reads. */
  List<ClassEntry> classes() {
    List<ClassEntry> classes = new ArrayList<>();
    for (String entry : entries.keySet()) {
      if (entry.endsWith(".class") && !entry.endsWith("module-info.class")) {
        String name = entry.substring(0, entry.length() - ".class".length());
        Matcher versioned = VERSIONED.matcher(name);
        classes.add(
            versioned.matches()
                ? new ClassEntry(entry, Integer.parseInt(versioned.group(1)), versioned.group(2))
                : new ClassEntry(entry, 0, name));
      }
    }
    return classes;
  }

  /** What a class loader of this Java version takes from the jar: name and bytes. */
  Map<String, Bytes> loaded() {
    Map<String, Bytes> loaded = new HashMap<>();
    classes().stream()
        .filter(c -> c.release() == 0 || multiRelease && c.release() <= Runtime.version().feature())
        .sorted(Comparator.comparingInt(ClassEntry::release))
        .forEach(c -> loaded.put(c.name(), entries.get(c.entry())));
    return loaded;
  }

  /** Each class that calls itself otherwise than its path: entry and own name. */
  Map<String, String> misnamed() {
    Map<String, String> misnamed = new TreeMap<>();
    try (ZipFile zip = new ZipFile(path.toFile())) {
      for (ClassEntry c : classes()) {
        try (InputStream in = zip.getInputStream(zip.getEntry(c.entry()))) {
          String own = ClassFile.name(in);
          if (!own.equals(c.name())) {
            misnamed.put(c.entry(), own);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
    return misnamed;
  }

  /** The folders that hold a class outside of {@code META-INF/versions}. */
  Set<String> folders() {
    Set<String> folders = new HashSet<>();
    classes().stream().filter(c -> c.release() == 0).forEach(c -> folders.add(c.folder()));
    return folders;
  }

  /** The lines of each service file that name a class, e.g. {@code a.B}. */
  Map<String, List<String>> services() {
    Map<String, List<String>> services = new TreeMap<>();
    for (String entry : entries.keySet()) {
      if (entry.startsWith("META-INF/services/")) {
        services.put(
            entry,
            text(entry)
                .lines()
                .map(line -> line.replaceAll("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList());
      }
    }
    return services;
  }
}
