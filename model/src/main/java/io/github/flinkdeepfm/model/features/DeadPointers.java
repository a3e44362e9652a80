package io.github.flinkdeepfm.model.features;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of mapped pointers that lead to no field of a configured schema, by a mistake mostly: what
 * they stand for is absent in every event. No error, for a version may know more features than the
 * events have yet.
 */
public final class DeadPointers {
  private static final Logger LOG = LoggerFactory.getLogger(DeadPointers.class);
  private static final int MOST_SAID = 1000;
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private DeadPointers() {}

  /** Logs each once in a process, however many decoders there are. */
  public static void warn(String schema, Collection<String> pointers) {
    List<String> news =
        pointers.stream()
            .filter(pointer -> SAID.size() < MOST_SAID && SAID.add(schema + pointer))
            .toList();
    if (!news.isEmpty()) {
      LOG.warn("{} has no field for {}: absent in every event", schema, news);
    }
  }
}
