package io.github.flinkdeepfm.pipeline.job;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What a package's loggers warn of while this is open. */
final class LogLines implements AutoCloseable {
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Logger logger;
  private final AbstractAppender appender;

  LogLines(Package of) {
    Configurator.setLevel(of.getName(), Level.WARN); // Flink's test jars turn all logging off
    logger = (Logger) LogManager.getLogger(of.getName());
    appender =
        new AbstractAppender("lines", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    logger.addAppender(appender);
  }

  /** The warnings since the last time. */
  List<String> warnings() {
    List<String> taken = new ArrayList<>();
    lines.drainTo(taken);
    return taken;
  }

  @Override
  public void close() {
    logger.removeAppender(appender);
  }
}
