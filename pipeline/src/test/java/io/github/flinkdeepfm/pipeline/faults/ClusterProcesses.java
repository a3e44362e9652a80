package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.FlinkRest;
import io.github.flinkdeepfm.pipeline.broker.BrokerMain;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.util.FileUtils;

/**
 * Broker, JobManager and TaskManagers as {@code deploy/local/cluster.sh} starts them, from what
 * {@code mvn package} has built, on free ports of the loopback interface. Thread-safe.
 */
final class ClusterProcesses implements AutoCloseable {
  static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  static final Path LIB = HOME.resolve("deploy/target/lib");
  static final Path FLINK_LIB = HOME.resolve("deploy/target/flink-lib");
  private static final Path ALL_IN_ONE = HOME.resolve("pipeline/target/flink-deepfm.jar");
  static final Path JOB_JAR = HOME.resolve("pipeline/target/flink-deepfm-job.jar");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final int rpcPort;
  private final int restPort;
  private final int brokerPort;
  private final Map<String, ServerJvm> taskManagers = new LinkedHashMap<>();
  private final Map<String, String> environment;
  private ServerJvm broker;
  private ServerJvm jobManager;
  private int started;

  /**
   * Its logs, configuration and data are in {@code target/faults/<name>} and stay there until the
   * next run.
   *
   * @param slots of each TaskManager
   */
  ClusterProcesses(String name, int slots) throws IOException {
    for (Path built : List.of(LIB, FLINK_LIB, ALL_IN_ONE, JOB_JAR)) {
      assertThat(built).as("made by mvn package").exists();
    }
    folder = HOME.resolve("pipeline/target/faults").resolve(name);
    FileUtils.deleteDirectory(folder.toFile());
    int[] ports = freePorts(3);
    rpcPort = ports[0];
    restPort = ports[1];
    brokerPort = ports[2];
    for (String made : List.of("conf", "logs", "tmp", "plugins/full-disk")) {
      Files.createDirectories(folder.resolve(made));
    }
    writePlugin(folder.resolve("plugins/full-disk/full-disk.jar"));
    Files.writeString(
        folder.resolve("conf/config.yaml"),
        Files.readString(HOME.resolve("deploy/local/config.yaml"))
            + """
              jobmanager.rpc.port: %d
              rest.port: %d
              rest.bind-port: %d
              taskmanager.numberOfTaskSlots: %d
              web.submit.enable: false
              io.tmp.dirs: %s
              %s: %s
              """
                .formatted(
                    rpcPort,
                    restPort,
                    restPort,
                    slots,
                    folder.resolve("tmp"),
                    FullDiskFileSystem.FLAG.key(),
                    diskFullFlag()));
    environment =
        Map.of(
            "OMP_NUM_THREADS",
            "1",
            "MALLOC_ARENA_MAX",
            "2",
            "FLINK_CONF_DIR",
            folder.resolve("conf").toString(),
            "FLINK_PLUGINS_DIR",
            folder.resolve("plugins").toString());
  }

  /** The disk under {@link #checkpoints()} is full while this file is there. */
  Path diskFullFlag() {
    return folder.resolve("disk-is-full");
  }

  /** What jobs write checkpoints to, as a file; its scheme for Flink is that of the plugin. */
  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  Path folder() {
    return folder;
  }

  String bootstrapServers() {
    return "127.0.0.1:" + brokerPort;
  }

  FlinkRest rest() {
    return new FlinkRest(URI.create("http://127.0.0.1:" + restPort));
  }

  /** Starts it all and returns when the TaskManagers have registered. */
  void start(int taskManagers, List<String> topics) throws Exception {
    startBroker(topics);
    startJobManager();
    awaitBroker();
    for (int i = 0; i < taskManagers; i++) {
      startTaskManager();
    }
    awaitTaskManagers(taskManagers);
  }

  /** On the directory and port of the one before. */
  synchronized void startBroker(List<String> topics) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-Xmx384m", "-cp", ALL_IN_ONE.toString()));
    arguments.add(BrokerMain.class.getName());
    arguments.add("--dir=" + folder.resolve("broker"));
    arguments.add("--port=" + brokerPort);
    topics.forEach(topic -> arguments.add("--topic=" + topic));
    broker = start("broker", arguments);
  }

  private void awaitBroker() throws Exception {
    Await.until(
        "a broker",
        PATIENCE,
        () -> {
          assertThat(broker.isAlive()).as("%s", log("broker")).isTrue();
          return Files.readString(log("broker")).contains("ready ");
        });
  }

  synchronized void startJobManager() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-Xms384m", "-Xmx384m"));
    arguments.addAll(flink(StandaloneSessionClusterEntrypoint.class, "log4j2.properties"));
    arguments.addAll(List.of("--configDir", folder.resolve("conf").toString()));
    jobManager = start("jobmanager", arguments);
  }

  synchronized void startTaskManager() throws IOException {
    String name = "taskmanager-" + ++started;
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Xms512m",
                "-Xmx512m",
                "-XX:+AlwaysPreTouch",
                "-XX:MaxDirectMemorySize=384m",
                "-XX:MaxMetaspaceSize=256m",
                "-Dorg.bytedeco.javacpp.maxbytes=512m",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    arguments.addAll(flink(TaskManagerRunner.class, "log4j2.properties"));
    arguments.addAll(List.of("--configDir", folder.resolve("conf").toString()));
    arguments.addAll(List.of("-D", "taskmanager.resource-id=" + name));
    taskManagers.put(name, start(name, arguments));
  }

  /** Returns when at least so many TaskManagers have registered with the JobManager. */
  void awaitTaskManagers(int count) throws Exception {
    Await.until(
        count + " TaskManagers",
        PATIENCE,
        () -> rest().get("/overview").get("taskmanagers").intValue() >= count);
  }

  /** A live TaskManager, if need be any. */
  synchronized ServerJvm taskManager(Optional<String> name) {
    return name.map(taskManagers::get)
        .filter(ServerJvm::isAlive)
        .orElseGet(
            () -> taskManagers.values().stream().filter(ServerJvm::isAlive).findFirst().get());
  }

  synchronized ServerJvm jobManager() {
    return jobManager;
  }

  synchronized ServerJvm broker() {
    return broker;
  }

  /** Submits a job's jar by Flink's own client and returns what it prints. */
  String submit(Path jar, List<String> arguments) throws Exception {
    Path output = Files.createTempFile(folder.resolve("logs"), "client-", ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.util=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.time=ALL-UNNAMED"));
    command.addAll(
        flink(org.apache.flink.client.cli.CliFrontend.class, "log4j2-client.properties"));
    command.addAll(List.of("run", "-d", jar.toString(), "run"));
    command.addAll(arguments);
    try (ServerJvm client = ServerJvm.start("client", output, environment, command)) {
      client.await();
    }
    return Files.readString(output);
  }

  /** How often a text stands in the logs of the TaskManagers. */
  long countInLogs(String text) throws IOException {
    return countInLogs("taskmanager-*.log", text);
  }

  /**
   * The same in other logs.
   *
   * @param files glob of their names
   */
  long countInLogs(String files, String text) throws IOException {
    long count = 0;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder.resolve("logs"), files)) {
      for (Path log : logs) {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
          count += lines.filter(line -> line.contains(text)).count();
        }
      }
    }
    return count;
  }

  private Path log(String name) {
    return folder.resolve("logs").resolve(name + ".log");
  }

  private ServerJvm start(String name, List<String> arguments) throws IOException {
    return ServerJvm.start(name, log(name), environment, arguments);
  }

  private static List<String> flink(Class<?> main, String logging) {
    return List.of(
        "-Dlog4j2.configurationFile=" + HOME.resolve("deploy/local").resolve(logging),
        "-cp",
        FLINK_LIB + "/*:" + LIB + "/*",
        main.getName());
  }

  private static void writePlugin(Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Class<?> type : List.of(FullDiskFileSystem.class, FullDiskFileSystem.Factory.class)) {
        addClass(out, type.getName());
      }
      addClass(out, FullDiskFileSystem.class.getName() + "$Checked");
      out.putNextEntry(new JarEntry("META-INF/services/" + FileSystemFactory.class.getName()));
      out.write(FullDiskFileSystem.Factory.class.getName().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void addClass(JarOutputStream out, String name) throws IOException {
    String file = name.replace('.', '/') + ".class";
    out.putNextEntry(new JarEntry(file));
    try (var in = ClusterProcesses.class.getClassLoader().getResourceAsStream(file)) {
      in.transferTo(out);
    }
  }

  static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  @Override
  public synchronized void close() {
    taskManagers.values().forEach(ServerJvm::close);
    if (jobManager != null) {
      jobManager.close();
    }
    if (broker != null) {
      broker.close();
    }
  }
}
