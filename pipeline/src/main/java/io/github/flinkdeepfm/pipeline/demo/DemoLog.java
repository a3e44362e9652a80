package io.github.flinkdeepfm.pipeline.demo;

import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;

/**
 * Keeps the demo's screen to the demo: what every library of this process logs goes to a file, by
 * the appender {@code file} of log4j2.properties.
 */
final class DemoLog {
  private DemoLog() {}

  /** The log file of a demo in that folder. */
  static Path in(Path folder) {
    return folder.resolve("demo.log");
  }

  /** From now on, for all of the process; where another configuration is in force it stays so. */
  static void sendTo(Path file) {
    System.setProperty("flinkdeepfm.log.file", file.toString());
    System.setProperty("flinkdeepfm.log.appender", "file");
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      context.reconfigure();
    }
  }
}
