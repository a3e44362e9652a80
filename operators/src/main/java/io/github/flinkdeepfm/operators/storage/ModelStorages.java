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
import org.apache.flink.core.plugin.PluginUtils;

/** Finds the storage that a model root names. */
public final class ModelStorages {
  private ModelStorages() {}

  /**
   * A local directory for a path or a {@code file:} URI; Flink's file system for any other scheme
   * ({@code s3://}, {@code hdfs://} …), which has to be among its plugins or on the class path.
   *
   * @throws InvalidConfigurationException if no file system has that scheme
   */
  public static ModelStorage open(String root) throws IOException {
    if (!root.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return new LocalModelStorage(java.nio.file.Path.of(root));
    }
    URI uri = uri(root);
    if (uri.getScheme().equals("file")) {
      return new LocalModelStorage(java.nio.file.Path.of(uri.getPath()));
    }
    try {
      return new FlinkModelStorage(new Path(uri));
    } catch (org.apache.flink.core.fs.UnsupportedFileSystemSchemeException e) {
      throw new InvalidConfigurationException("model root " + root, List.of(e.getMessage()));
    }
  }

  /**
   * Loads Flink's configuration ({@code FLINK_CONF_DIR}) and its file system plugins ({@code
   * FLINK_PLUGINS_DIR}) for a process that Flink did not start: a command.
   */
  public static void loadPlugins() {
    Configuration configuration = GlobalConfiguration.loadConfiguration();
    FileSystem.initialize(
        configuration, PluginUtils.createPluginManagerFromRootFolder(configuration));
  }

  private static URI uri(String root) {
    try {
      return URI.create(root);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException("model root " + root, List.of(e.getMessage()));
    }
  }
}
