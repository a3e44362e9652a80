package io.github.flinkdeepfm.pipeline.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The TCP sockets on which a process waits for connections, by Linux's /proc. */
public final class ListeningSockets {
  private static final String LISTEN = "0A";

  /** 127.0.0.1, ::1 and 127.0.0.1 as an IPv6 address, as the kernel prints them. */
  private static final Set<String> LOOPBACK =
      Set.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F");

  private ListeningSockets() {}

  /** Whether this machine can tell. */
  public static boolean available() {
    return Files.exists(Path.of("/proc/self/net/tcp"));
  }

  /** All of them, as hexadecimal address and port. */
  public static List<String> of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          inodes.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
          // Closed meanwhile.
        }
      }
    }
    List<String> sockets = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      if (Files.exists(process.resolve(table))) {
        for (String line : Files.readAllLines(process.resolve(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields[3].equals(LISTEN) && inodes.contains("socket:[" + fields[9] + "]")) {
            sockets.add(fields[1]);
          }
        }
      }
    }
    return sockets;
  }

  /** Those that other machines could reach. */
  public static List<String> beyondLoopback(long pid) throws IOException {
    return of(pid).stream()
        .filter(s -> !LOOPBACK.contains(s.substring(0, s.indexOf(':'))))
        .toList();
  }
}
