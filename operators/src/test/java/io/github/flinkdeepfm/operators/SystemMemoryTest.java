package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is available to a process, from the files in which Linux says it. */
class SystemMemoryTest {
  @TempDir Path folder;

  @BeforeEach
  void writeMachine() throws Exception {
    write("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable:    4000 kB\n");
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }

  private long available() {
    return new SystemMemory(folder.resolve("proc"), folder.resolve("cgroup")).availableBytes();
  }

  @Test
  void withoutControlGroupsWhatTheMachineHas() {
    assertThat(available()).isEqualTo(4000 * 1024);
  }

  @Test
  void aGroupsLimitCountsWithoutFilePagesThatCanBeDropped() throws Exception {
    write("proc/self/cgroup", "0::/\n");
    write("cgroup/memory.max", "1000000\n");
    write("cgroup/memory.current", "700000\n");
    write("cgroup/memory.stat", "anon 100\nactive_file 200000\ninactive_file 100000\nfile 5\n");
    assertThat(available()).isEqualTo(600_000);
  }

  @Test
  void theTightestGroupOnTheWayUpCounts() throws Exception {
    write("proc/self/cgroup", "0::/pod/container\n");
    write("cgroup/pod/container/memory.max", "max\n");
    write("cgroup/pod/container/memory.current", "100\n");
    write("cgroup/pod/memory.max", "5000\n");
    write("cgroup/pod/memory.current", "1000\n");
    assertThat(available()).isEqualTo(4_000);
  }

  @Test
  void versionOneSaysTheSameInOtherFiles() throws Exception {
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/host/path\n0::/\n");
    write("cgroup/memory/memory.limit_in_bytes", "1000\n"); // Where a container sees its own.
    write("cgroup/memory/memory.usage_in_bytes", "900\n");
    write("cgroup/memory/memory.stat", "active_file 1\ntotal_active_file 300\n");
    assertThat(available()).isEqualTo(400);
    write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); // None.
    assertThat(available()).isEqualTo(4000 * 1024);
  }

  @Test
  void sharedMemoryIsNoDiskAndProcIsNoMemory() {
    assumeThat(Path.of("/dev/shm")).isDirectory();
    assertThat(new SystemMemory().keepsInMemory(Path.of("/dev/shm"))).isTrue();
    assertThat(new SystemMemory().keepsInMemory(Path.of("/proc"))).isFalse();
    assertThat(new SystemMemory().keepsInMemory(Path.of("/is/not/there"))).isFalse();
  }

  @Test
  void withoutProcTheJvmIsAsked() throws Exception {
    Files.delete(folder.resolve("proc/meminfo"));
    assertThat(available()).isPositive();
  }
}
