package io.github.flinkdeepfm.operators;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * What Linux says: {@code MemAvailable} of /proc/meminfo, or less where a control group that this
 * process is in, version 1 or 2, has a limit; what it uses counts without the file pages that can
 * be dropped. On other systems what the JVM knows. Other processes may take it before this one
 * does.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control Group v2</a>
 */
final class SystemMemory implements MachineMemory {
  private final Path proc;
  private final Path cgroups;

  SystemMemory() {
    this(Path.of("/proc"), Path.of("/sys/fs/cgroup"));
  }

  /**
   * @param proc where meminfo and self/cgroup are
   * @param cgroups where control groups are mounted
   */
  SystemMemory(Path proc, Path cgroups) {
    this.proc = proc;
    this.cgroups = cgroups;
  }

  @Override
  public long availableBytes() {
    OptionalLong machine = field(proc.resolve("meminfo"), "MemAvailable:");
    long bytes = machine.isPresent() ? machine.getAsLong() * 1024 : ofJvm();
    return LongStream.concat(LongStream.of(bytes), ofControlGroups()).min().orElseThrow();
  }

  @Override
  public boolean keepsInMemory(Path file) {
    try {
      return Set.of("tmpfs", "ramfs").contains(Files.getFileStore(file).type());
    } catch (IOException e) {
      return false;
    }
  }

  private static long ofJvm() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getFreeMemorySize()
        : Long.MAX_VALUE;
  }

  /** Of each group from this process's own up to the root: any of them may have a limit. */
  private LongStream ofControlGroups() {
    LongStream.Builder free = LongStream.builder();
    for (String line : read(proc.resolve("self/cgroup")).orElse("").split("\n")) {
      String[] parts = line.split(":", 3); // number:controllers:path
      if (parts.length < 3) {
        continue;
      }
      boolean v2 = parts[1].isEmpty();
      if (v2 || parts[1].matches("(.*,)?memory(,.*)?")) {
        Path mount = v2 ? cgroups : cgroups.resolve("memory");
        Path group = mount.resolve("." + parts[2]).normalize();
        // In a container the path may be the host's: then only what is mounted here counts.
        for (Path at = group; at != null && at.startsWith(mount); at = at.getParent()) {
          (v2
                  ? free(at, "memory.max", "memory.current", "")
                  : free(at, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"))
              .ifPresent(free::add);
        }
      }
    }
    return free.build();
  }

  private static OptionalLong free(Path group, String limit, String usage, String prefix) {
    OptionalLong most = number(group.resolve(limit)); // "max" is none
    OptionalLong used = number(group.resolve(usage));
    if (most.isEmpty() || used.isEmpty()) {
      return OptionalLong.empty();
    }
    Path stat = group.resolve("memory.stat");
    long droppable =
        field(stat, prefix + "inactive_file").orElse(0)
            + field(stat, prefix + "active_file").orElse(0);
    return OptionalLong.of(most.getAsLong() - Math.max(0, used.getAsLong() - droppable));
  }

  private static OptionalLong number(Path file) {
    return parse(read(file).orElse("").strip());
  }

  private static OptionalLong parse(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The number after a name at the beginning of a line. */
  private static OptionalLong field(Path file, String name) {
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "\\s+(\\d+)")
            .matcher(read(file).orElse(""));
    return line.find() ? parse(line.group(1)) : OptionalLong.empty();
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
