package io.github.flinkdeepfm.pipeline.refresh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What Linux and JavaCPP say of this process.
 *
 * @param rss resident bytes, pages of mapped files included
 * @param anonymous resident bytes that no file backs: heap, native memory, stacks
 * @param mapped bytes of files under the cache that are mapped
 * @param mappings number of those mappings
 * @param javacpp bytes that JavaCPP has allocated
 * @param threads live threads
 * @param files open file descriptors
 * @param cache bytes of the files in the cache
 */
record ProcessMemory(
    long rss,
    long anonymous,
    long mapped,
    int mappings,
    long javacpp,
    int threads,
    int files,
    long cache) {

  static ProcessMemory read(Path cache) throws IOException {
    long rss = 0;
    long anonymous = 0;
    int threads = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        rss = number(line) << 10;
      } else if (line.startsWith("RssAnon:")) {
        anonymous = number(line) << 10;
      } else if (line.startsWith("Threads:")) {
        threads = (int) number(line);
      }
    }
    long mapped = 0;
    int mappings = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      if (line.contains(cache.toString())) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
        mapped += Long.parseLong(range[1], 16) - Long.parseLong(range[0], 16);
        mappings++;
      }
    }
    return new ProcessMemory(
        rss,
        anonymous,
        mapped,
        mappings,
        Pointer.totalBytes(),
        threads,
        openFiles(),
        sizeOf(cache));
  }

  private static long number(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }

  private static int openFiles() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.count();
    }
  }

  private static long sizeOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0).sum();
    }
  }
}
