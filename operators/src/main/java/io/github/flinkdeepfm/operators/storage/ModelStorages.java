package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Finds the storage that a model root names. */
public final class ModelStorages {
  /** Most time that a storage may take to answer, or to send the next bytes of a file. */
  public static final long DEFAULT_LIMIT_MILLIS = 60_000;

  private ModelStorages() {}

  /** As {@link #open(String, long)}, with the default limit of a minute. */
  public static ModelStorage open(String root) throws IOException {
    return open(root, DEFAULT_LIMIT_MILLIS);
  }

  /**
   * A local directory for a path or a {@code file:} URI; Flink's file system for any other scheme
   * ({@code s3://}, {@code hdfs://} …), which has to be among its plugins or on the class path.
   * Either fails with an {@link IOException} instead of hanging.
   *
   * @param limitMillis most time without progress
   * @throws InvalidConfigurationException if no file system has that scheme
   */
  public static ModelStorage open(String root, long limitMillis) throws IOException {
    return new DeadlineStorage(
        StorageCalls.of(root).call(root, limitMillis, progress -> unlimited(root), unwanted -> {}),
        limitMillis);
  }

  private static ModelStorage unlimited(String root) throws IOException {
    if (isLocal(root)) {
      String path = root.startsWith("file:") ? uri(root).getPath() : root;
      return new LocalModelStorage(java.nio.file.Path.of(path));
    }
    URI uri = uri(root);
    try {
      return new FlinkModelStorage(new Path(uri));
    } catch (UnsupportedFileSystemSchemeException e) {
      throw new InvalidConfigurationException("model root " + root, List.of(e.getMessage()));
    }
  }

  /** As {@link #openWithPlugins(String, long)}, with the default limit of a minute. */
  public static ModelStorage openWithPlugins(String root) throws IOException {
    return openWithPlugins(root, DEFAULT_LIMIT_MILLIS);
  }

  /**
   * As {@link #open(String, long)}, in a process that Flink may not have started (a command): loads
   * Flink's configuration ({@code FLINK_CONF_DIR}) and file system plugins ({@code
   * FLINK_PLUGINS_DIR}) first if the root needs them. Where Flink runs the job's main ({@code flink
   * run}, a JobManager in application mode) it has done so itself: a second time would load every
   * plugin anew beside the file systems that checkpoints and high availability use.
   */
  public static ModelStorage openWithPlugins(String root, long limitMillis) throws IOException {
    if (!isLocal(root) && !flinkRunsThis()) {
      Configuration configuration = GlobalConfiguration.loadConfiguration();
      FileSystem.initialize(
          configuration, PluginUtils.createPluginManagerFromRootFolder(configuration));
    }
    return open(root, limitMillis);
  }

  /** Flink's own processes give a job's main an environment of theirs. */
  private static boolean flinkRunsThis() {
    return !(StreamExecutionEnvironment.getExecutionEnvironment()
        instanceof LocalStreamEnvironment);
  }

  private static boolean isLocal(String root) {
    return root.startsWith("file:") || !root.matches("[A-Za-z][A-Za-z0-9+.-]+:.*");
  }

  private static URI uri(String root) {
    try {
      return URI.create(root);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException("model root " + root, List.of(e.getMessage()));
    }
  }
}
