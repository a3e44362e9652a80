package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.github.flinkdeepfm.pipeline.FlinkRest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer;
import org.apache.flink.util.FileUtils;

/**
 * The processes of {@code deploy/docker} without containers: the JobManager runs the compose file's
 * command with the job's jar in {@code usrlib}, JobManager and TaskManager have the image's
 * configuration, and of it the JVM's options and memory that Flink's scripts would reckon. Other
 * than there: folders, addresses and ports, and high availability, by the ZooKeeper that Flink
 * brings.
 */
final class ApplicationProcesses implements AutoCloseable {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Path DOCKER = ClusterProcesses.HOME.resolve("deploy/docker");
  private static final String JOB_FILE = "/etc/flink-deepfm/job.yaml";

  private final Path folder;
  private final int restPort;
  private final int zooKeeperPort;
  private final Map<String, String> configuration;
  private final List<ServerJvm> started = new ArrayList<>();

  /** Its files are in {@code target/application} and stay there until the next run. */
  ApplicationProcesses() throws IOException {
    folder = ClusterProcesses.HOME.resolve("pipeline/target/application");
    FileUtils.deleteDirectory(folder.toFile());
    for (String made : List.of("conf", "lib", "logs", "plugins", "tmp", "usrlib")) {
      Files.createDirectories(folder.resolve(made));
    }
    Files.copy(ClusterProcesses.JOB_JAR, folder.resolve("usrlib/flink-deepfm-job.jar"));
    int[] ports = ClusterProcesses.freePorts(2);
    restPort = ports[0];
    zooKeeperPort = ports[1];
    configuration =
        YAML.readValue(DOCKER.resolve("config.yaml").toFile(), new TypeReference<>() {});
    for (String address :
        List.of(
            "jobmanager.rpc.address",
            "jobmanager.bind-host",
            "taskmanager.host",
            "taskmanager.bind-host",
            "rest.address",
            "rest.bind-address")) {
      configuration.put(address, "127.0.0.1");
    }
    configuration.put("rest.port", "" + restPort);
    configuration.put("rest.bind-port", "" + restPort);
    configuration.put("metrics.reporter.prom.port", "0");
    configuration.put("io.tmp.dirs", folder.resolve("tmp").toString());
    configuration.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri() + "");
    configuration.put("high-availability.type", "zookeeper");
    configuration.put("high-availability.storageDir", folder.resolve("ha").toUri() + "");
    configuration.put("high-availability.zookeeper.quorum", "127.0.0.1:" + zooKeeperPort);
    configuration.put("high-availability.zookeeper.client.session-timeout", "4s");
    configuration.put("heartbeat.interval", "1s");
    configuration.put("heartbeat.timeout", "5s");
    YAML.writeValue(folder.resolve("conf/config.yaml").toFile(), configuration);
  }

  Path folder() {
    return folder;
  }

  FlinkRest rest() {
    return new FlinkRest(URI.create("http://127.0.0.1:" + restPort));
  }

  void startZooKeeper() throws IOException {
    Path file = folder.resolve("conf/zoo.cfg");
    Files.writeString(
        file,
        """
        tickTime=500
        dataDir=%s
        clientPort=%d
        clientPortAddress=127.0.0.1
        admin.enableServer=false
        """
            .formatted(folder.resolve("zookeeper"), zooKeeperPort));
    start(
        "zookeeper",
        List.of("-Xmx128m"),
        FlinkZooKeeperQuorumPeer.class,
        List.of("--zkConfigFile", file.toString(), "--peerId", "1"));
  }

  /**
   * By the command of the compose file.
   *
   * @param job stands in for the job.yaml that is mounted there
   */
  ServerJvm startJobManager(Path job) throws IOException {
    JobManagerProcessSpec spec = JobManagerProcessUtils.processSpecFromConfig(flink());
    List<String> jvm =
        words(JobManagerProcessUtils.generateJvmParametersStr(spec, flink()), "env.java.opts.all");
    List<String> arguments = new ArrayList<>(configDir());
    arguments.addAll(words(JobManagerProcessUtils.generateDynamicConfigsStr(spec)));
    List<String> command = new ArrayList<>();
    JsonNode service = YAML.readTree(DOCKER.resolve("compose.yaml").toFile());
    service.at("/services/jobmanager/command").forEach(word -> command.add(word.asText()));
    assertThat(command).startsWith("standalone-job").endsWith(JOB_FILE);
    arguments.addAll(command.subList(1, command.size() - 1));
    arguments.add(job.toString());
    return start("jobmanager", jvm, StandaloneApplicationClusterEntryPoint.class, arguments);
  }

  void startTaskManager() throws IOException {
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(flink());
    List<String> jvm =
        words(
            ProcessMemoryUtils.generateJvmParametersStr(spec),
            "env.java.opts.all",
            "env.java.opts.taskmanager");
    List<String> arguments = new ArrayList<>(configDir());
    arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(spec)));
    start("taskmanager", jvm, TaskManagerRunner.class, arguments);
  }

  private List<String> configDir() {
    return List.of("--configDir", folder.resolve("conf").toString());
  }

  private Configuration flink() {
    return Configuration.fromMap(configuration);
  }

  /** What Flink's scripts pass on to the JVM: a text's words, and those of some options. */
  private List<String> words(String text, String... options) {
    List<String> words = new ArrayList<>(List.of(text.trim().split("\\s+")));
    for (String option : options) {
      words.addAll(List.of(configuration.get(option).split("\\s+")));
    }
    return words;
  }

  private ServerJvm start(String name, List<String> jvm, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> line = new ArrayList<>(jvm);
    line.add(
        "-Dlog4j2.configurationFile="
            + ClusterProcesses.HOME.resolve("deploy/local/log4j2.properties"));
    line.add("-cp");
    // Flink's distribution has the entry point in lib, too.
    line.add(
        String.join(
            ":",
            ClusterProcesses.FLINK_LIB + "/*",
            ClusterProcesses.LIB + "/*",
            jarOfEntryPoint()));
    line.add(main.getName());
    line.addAll(arguments);
    Map<String, String> environment =
        Map.of(
            "OMP_NUM_THREADS", "1",
            "MALLOC_ARENA_MAX", "2",
            "FLINK_CONF_DIR", folder.resolve("conf").toString(),
            "FLINK_LIB_DIR", folder.resolve("lib").toString(),
            "FLINK_PLUGINS_DIR", folder.resolve("plugins").toString());
    ServerJvm jvmProcess =
        ServerJvm.start(name, folder.resolve("logs/" + name + ".log"), environment, line);
    started.add(jvmProcess);
    return jvmProcess;
  }

  private static String jarOfEntryPoint() {
    return Path.of(
            URI.create(
                StandaloneApplicationClusterEntryPoint.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString()))
        .toString();
  }

  @Override
  public void close() {
    started.forEach(ServerJvm::close);
  }
}
