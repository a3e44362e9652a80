package io.github.flinkdeepfm.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BlasSetupTest {
  @TempDir Path folder;

  @Test
  void nd4jOutlivesTheContextLoaderOfTheThreadThatLoadedIt() throws Exception {
    assertThat(run(JobThatEnds.class)).contains(JobThatEnds.DONE);
  }

  @Test
  void limitsThatLeaveNoRoomAreNamedAtTheStart() throws Exception {
    assertThat(run(JobThatEnds.class, "-Dorg.bytedeco.javacpp.maxphysicalbytes=10m"))
        .contains(
            "ND4J could not be loaded: expected room for it below org.bytedeco.javacpp.maxbytes",
            "physicalBytes (");
  }

  private String run(Class<?> main, String... options) throws Exception {
    Path log = folder.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start()
        .waitFor();
    return Files.readString(log);
  }

  /** A process of its own, because ND4J is loaded once in each. */
  static final class JobThatEnds {
    static final String DONE = "sum 4.0";

    private JobThatEnds() {}

    public static void main(String[] args) {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      ClosableLoader job = new ClosableLoader(before);
      thread.setContextClassLoader(job);
      BlasSetup.ensure();
      job.closed = true;
      thread.setContextClassLoader(before);
      // assign() looks for services of ND4J that nothing has asked for until now.
      try (INDArray ones = Nd4j.createUninitialized(DataType.FLOAT, 2, 2).assign(1f)) {
        System.out.println("sum " + ones.sumNumber().floatValue());
      }
    }
  }

  /** As Flink's: once its job has ended, nothing can be found by it. */
  private static final class ClosableLoader extends ClassLoader {
    private volatile boolean closed;

    ClosableLoader(ClassLoader parent) {
      super(parent);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
      if (closed) {
        throw new IllegalStateException("closed, asked for " + name);
      }
      return super.getResources(name);
    }
  }
}
