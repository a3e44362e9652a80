package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file under the root's {@code in-use/} that keeps retention from what this job's checkpoints
 * may name. It stays when the job ends: a savepoint may need it. Blocks on the storage; not
 * thread-safe.
 */
final class InUseMarker {
  private static final Logger LOG = LoggerFactory.getLogger(InUseMarker.class);
  private static final long RETRY_MILLIS = 60_000;

  private final ModelStorage storage;
  private final String job;
  private final String file;
  private String written = "";
  private boolean complained;
  private long retryAt;

  /**
   * @param job its name, of any characters
   * @param id sets it apart from other jobs of that name
   */
  InUseMarker(ModelStorage storage, String job, String id) {
    this.storage = storage;
    this.job = job.replaceAll("\\s+", " ") + " " + id;
    String plain = job.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.", "_");
    this.file =
        PublishedVersions.IN_USE
            + "/"
            + plain.substring(0, Math.min(plain.length(), 100))
            + "-"
            + id;
  }

  /**
   * Writes the file if it does not say this yet. A root that cannot be written to is said to be so
   * once, and tried again now and then.
   *
   * @param now epoch milliseconds
   */
  void write(List<ActiveHistory.Stay> stays, long now) {
    String text = text(stays);
    if (stays.isEmpty() || text.equals(written) || now < retryAt) {
      return;
    }
    try {
      if (storage.list("").isEmpty()) { // Gone, or a mount that is: not to be made anew.
        return;
      }
      storage.announce(file, text.getBytes(StandardCharsets.UTF_8));
      written = text;
      complained = false;
    } catch (IOException | RuntimeException e) {
      retryAt = now + RETRY_MILLIS;
      if (!complained) {
        complained = true;
        LOG.warn(
            "{}/{} not written, retention does not know which versions checkpoints of this job"
                + " need: {}",
            storage.location(),
            file,
            e.toString());
      }
    }
  }

  private String text(List<ActiveHistory.Stay> stays) {
    StringBuilder text =
        new StringBuilder("# job ")
            .append(job)
            .append(
                "\n# Remove this file when none of its checkpoints and savepoints is needed.\n");
    for (int i = stays.size() - 1; i >= 0; i--) {
      ActiveHistory.Stay stay = stays.get(i);
      text.append(stay.version()).append(" # since ").append(Instant.ofEpochMilli(stay.since()));
      if (stay.until() != ActiveHistory.Stay.STILL) {
        text.append(" until ").append(Instant.ofEpochMilli(stay.until()));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
