package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;
import org.apache.flink.kubernetes.operator.api.spec.UpgradeMode;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Kubernetes manifests are what the operator's own classes and schema take. One field is set
 * aside: operator API 1.10.0, the newest that Maven has here, knows Flink up to v1_20.
 */
class ManifestsTest {
  private static final Path OVERLAYS = DeployFiles.DEPLOY.resolve("kubernetes/overlays");

  @TempDir Path folder;

  @Test
  void baseIsReadStrictly() throws Exception {
    Manifests base = Manifests.base();
    assertThat(base.all()).hasSize(6);
    check(base);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void anOverlayIsReadStrictlyAndKeepsWhatTheBaseHas(String name) throws Exception {
    Manifests overlay = Manifests.built(OVERLAYS.resolve(name));
    check(overlay);
    checkConfigMapIsTheMountedOne(overlay);
    checkProbes(overlay.only("FlinkDeployment"));
    checkDrainsTakeOneTaskManagerAtATime(overlay);
    assertThat(overlay.only("FlinkDeployment").at("/spec/image").asText())
        .startsWith("registry.example/flink-deepfm:");
  }

  @Test
  void theModelVolumeIsMountedBesideWhatTheBaseMounts() throws Exception {
    Path overlay = DeployFiles.DEPLOY.resolve("kubernetes/base");
    Path components = DeployFiles.DEPLOY.resolve("kubernetes/components");
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [%s]
        components: [%s, %s]
        """
            .formatted(
                folder.toRealPath().relativize(overlay),
                folder.toRealPath().relativize(components.resolve("model-volume")),
                folder.toRealPath().relativize(components.resolve("pod-monitor"))));
    Manifests built = Manifests.built(folder.toRealPath());
    check(built);
    checkConfigMapIsTheMountedOne(built);
    JsonNode deployment = built.only("FlinkDeployment");
    checkProbes(deployment);
    JsonNode mounts = deployment.at("/spec/podTemplate/spec/containers/0/volumeMounts");
    assertThat(mounts.findValuesAsText("mountPath"))
        .containsExactly("/etc/flink-deepfm", "/etc/kafka", "/models");
    assertThat(jobConfig(built.only("ConfigMap").at("/data/job.yaml").asText()).model().root())
        .contains("/models/ctr");
    assertThat(built.only("PodMonitor").at("/spec/podMetricsEndpoints/0/port").asText())
        .isEqualTo("metrics");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "gpu"})
  void anOverlayMovesToAnotherNamespaceWithAllThatItHas(String name) throws Exception {
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: scoring
        resources: [%s]
        """
            .formatted(folder.toRealPath().relativize(OVERLAYS.resolve(name))));
    Manifests moved = Manifests.built(folder.toRealPath());
    check(moved);
    for (Manifests manifests : List.of(moved, Manifests.built(OVERLAYS.resolve(name)))) {
      String namespace = manifests == moved ? "scoring" : "deepfm";
      assertThat(manifests.all())
          .allSatisfy(d -> assertThat(d.at("/metadata/namespace").asText()).isEqualTo(namespace));
      assertThat(manifests.only("RoleBinding").at("/subjects/0/namespace").asText())
          .isEqualTo(namespace);
    }
  }

  @Test
  void theGuidesOverlayIsBuiltAndKeepsWhatTheBaseHas() throws Exception {
    Matcher example =
        Pattern.compile("(?s)```yaml\n(# overlays/ours/kustomization.yaml\n.*?)```")
            .matcher(DeployFiles.text("README.md"));
    assertThat(example.find()).isTrue();
    String cpu = folder.toRealPath().relativize(OVERLAYS.resolve("cpu")).toString();
    Files.writeString(
        folder.resolve("kustomization.yaml"), example.group(1).replace("../cpu", cpu));
    String job = DeployFiles.text("kubernetes/base/job.yaml");
    Files.writeString(folder.resolve("job.yaml"), job.replace("parallelism: 4", "parallelism: 8"));

    Manifests ours = Manifests.built(folder.toRealPath());

    check(ours);
    checkConfigMapIsTheMountedOne(ours);
    checkDrainsTakeOneTaskManagerAtATime(ours);
    JsonNode spec = ours.only("FlinkDeployment").path("spec");
    assertThat(spec.path("image").asText()).isEqualTo("registry.ours/flink-deepfm:0.1.0");
    assertThat(
            jobConfig(ours.only("ConfigMap").at("/data/job.yaml").asText()).flink().parallelism())
        .isEqualTo(spec.at("/job/parallelism").asInt());
    assertThat(spec.path("flinkConfiguration").toString())
        .contains("s3://ours/ctr/ha", "env.java.opts.all")
        .doesNotContain("s3://deepfm/");
  }

  /** What Prometheus and Grafana of a Kubernetes cluster get is what is tested elsewhere. */
  @Test
  void alertsAndDashboardAreThoseOfTheFiles() throws Exception {
    Path observability = DeployFiles.DEPLOY.resolve("observability");
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [%s]
        components: [%s]
        """
            .formatted(
                folder.toRealPath().relativize(OVERLAYS.resolve("cpu")),
                folder.toRealPath().relativize(observability)));
    Manifests built = Manifests.built(folder.toRealPath());
    check(built);
    assertThat(built.only("PrometheusRule").path("spec"))
        .isEqualTo(DeployFiles.yaml("observability/alerts.yaml"));
    ObjectNode dashboard = built.only("ConfigMap", "flink-deepfm-dashboard");
    assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
    assertThat(dashboard.at("/data/dashboard.json").asText())
        .isEqualTo(DeployFiles.text("observability/dashboard.json"));
  }

  @Test
  void thePrometheusRuleIsWhatItsScriptMakesOfTheAlerts() throws Exception {
    Path made = folder.resolve("rule.yaml");
    DeployFiles.Outcome outcome =
        DeployFiles.run("sh", "observability/prometheus-rule.sh", made.toString());
    assertThat(outcome).isEqualTo(new DeployFiles.Outcome(0, ""));
    assertThat(DeployFiles.text("observability/prometheus-rule.yaml"))
        .as("sh deploy/observability/prometheus-rule.sh writes it")
        .isEqualTo(Files.readString(made));
  }

  /** Every container has its probes, and every mount its volume. */
  private static void checkProbes(JsonNode deployment) {
    for (String process : List.of("jobManager", "taskManager")) {
      JsonNode container = deployment.at("/spec/" + process + "/podTemplate/spec/containers/0");
      assertThat(container.at("/name").asText()).isEqualTo("flink-main-container");
      for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
        assertThat(container.has(probe)).as("%s %s", process, probe).isTrue();
      }
      List<String> volumes = new ArrayList<>();
      List<String> mounts = new ArrayList<>();
      for (String at : List.of("/spec", "/spec/" + process)) {
        JsonNode pod = deployment.at(at + "/podTemplate/spec");
        pod.path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
        pod.at("/containers/0/volumeMounts").forEach(m -> mounts.add(m.path("name").asText()));
      }
      assertThat(volumes).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(mounts);
    }
  }

  /**
   * All TaskManagers but one stay. No other field works: their controller is the JobManager's
   * Deployment, whose scale says nothing about them.
   */
  private static void checkDrainsTakeOneTaskManagerAtATime(Manifests manifests) {
    JsonNode deployment = manifests.only("FlinkDeployment");
    int parallelism = deployment.at("/spec/job/parallelism").asInt();
    int slots = deployment.at("/spec/flinkConfiguration/taskmanager.numberOfTaskSlots").asInt();
    int taskManagers = (parallelism + slots - 1) / slots;
    assertThat(taskManagers).isGreaterThan(1);
    JsonNode budget = manifests.only("PodDisruptionBudget").path("spec");
    assertThat(budget.path("minAvailable").isInt()).isTrue();
    assertThat(budget.path("minAvailable").asInt()).isEqualTo(taskManagers - 1);
    assertThat(budget.has("maxUnavailable")).isFalse();
  }

  private static void checkConfigMapIsTheMountedOne(Manifests manifests) {
    String name = manifests.only("ConfigMap").at("/metadata/name").asText();
    assertThat(name).startsWith("flink-deepfm-job-");
    assertThat(
            manifests
                .only("FlinkDeployment")
                .at("/spec/podTemplate/spec/volumes")
                .findValue("configMap")
                .path("name")
                .asText())
        .isEqualTo(name);
  }

  private static void check(Manifests manifests) throws Exception {
    OperatorSchema schema = new OperatorSchema();
    for (ObjectNode document : manifests.all()) {
      if (document.path("apiVersion").asText().startsWith("monitoring.coreos.com/")) {
        continue; // another operator's
      }
      ObjectNode read = document;
      if (document.path("kind").asText().equals("FlinkDeployment")) {
        read = flinkVersionSetAside(document);
        assertThat(schema.problems(read)).isEmpty();
      }
      assertThat(Manifests.type(document)).as("%s", document.path("kind")).isNotNull();
      StrictMapper.read(read, Manifests.type(document));
    }
  }

  private static ObjectNode flinkVersionSetAside(ObjectNode deployment) {
    ObjectNode copy = deployment.deepCopy();
    assertThat(copy.at("/spec/flinkVersion").asText()).isEqualTo("v2_2");
    ((ObjectNode) copy.at("/spec")).put("flinkVersion", "v1_20");
    return copy;
  }

  @Test
  void misspeltFieldsAreFoundByClassesAndSchema() throws Exception {
    ObjectNode deployment = flinkVersionSetAside(Manifests.base().only("FlinkDeployment"));
    ObjectNode inSpec = deployment.deepCopy();
    ((ObjectNode) inSpec.at("/spec/job")).put("upgrademode", "last-state");
    assertThat(new OperatorSchema().problems(inSpec)).hasSize(1);
    assertThatThrownBy(() -> StrictMapper.read(inSpec, FlinkDeployment.class))
        .hasMessageContaining("upgrademode");
    ObjectNode inPod = deployment.deepCopy();
    ((ObjectNode) inPod.at("/spec/podTemplate/spec/securityContext")).put("runAsNonroot", true);
    assertThat(new OperatorSchema().problems(inPod)).hasSize(1);
    assertThatThrownBy(() -> StrictMapper.read(inPod, FlinkDeployment.class))
        .hasMessageContaining("runAsNonroot");
    ObjectNode wrongType = deployment.deepCopy();
    ((ObjectNode) wrongType.at("/spec/job")).put("parallelism", "four");
    assertThat(new OperatorSchema().problems(wrongType)).hasSize(1);
  }

  @Test
  void theOperatorsClassesSeeALastStateApplication() throws Exception {
    FlinkDeployment deployment = deployment();
    assertThat(deployment.getSpec().getJob().getUpgradeMode()).isEqualTo(UpgradeMode.LAST_STATE);
    assertThat(deployment.getSpec().getJob().getEntryClass()).isEqualTo(Main.class.getName());
    assertThat(deployment.getSpec().getServiceAccount()).isEqualTo("flink-deepfm");
    assertThat(deployment.getSpec().getFlinkConfiguration())
        .containsEntry("high-availability.type", "kubernetes")
        .containsKeys(
            "high-availability.storageDir",
            "execution.checkpointing.dir",
            "execution.checkpointing.savepoint-dir");
  }

  private static FlinkDeployment deployment() throws Exception {
    return StrictMapper.read(
        flinkVersionSetAside(Manifests.base().only("FlinkDeployment")), FlinkDeployment.class);
  }

  @Test
  void theJobTakesItsConfigurationAndTheSecretsThatThePodHas() throws Exception {
    String yaml = DeployFiles.text("kubernetes/base/job.yaml");
    JsonNode deployment = Manifests.base().only("FlinkDeployment");
    Matcher secrets = Pattern.compile("\\$\\{(\\w+)}").matcher(yaml);
    List<String> names = new ArrayList<>();
    while (secrets.find()) {
      if (!secrets.group(1).equals("NAME")) { // of the comment
        names.add(secrets.group(1));
      }
    }
    assertThat(names).isNotEmpty();
    for (String name : names) {
      JsonNode env = deployment.at("/spec/jobManager/podTemplate/spec/containers/0/env");
      assertThat(env)
          .anySatisfy(
              e -> {
                assertThat(e.path("name").asText()).isEqualTo(name);
                assertThat(e.at("/valueFrom/secretKeyRef/name").asText()).isNotEmpty();
              });
    }
    JobConfig config = jobConfig(yaml);
    assertThat(config.flink().parallelism())
        .isEqualTo(deployment.at("/spec/job/parallelism").asInt());
    assertThat(config.model().refresh().cacheDir()).contains("/var/cache/flink-deepfm");
    assertThat(jobConfig(DeployFiles.text("kubernetes/components/model-volume/job.yaml")).job())
        .isEqualTo(config.job());
    assertThat(jobConfig(DeployFiles.text("docker/job.yaml")).flink().parallelism()).isEqualTo(2);
  }

  private static JobConfig jobConfig(String yaml) {
    return new JobConfigReader(Map.of("KAFKA_PASSWORD", "a password")).parse("job.yaml", yaml);
  }

  /**
   * Flink's own arithmetic: whether the parts fit into the container, and what is left for heap.
   */
  @Test
  void theTaskManagersMemoryAddsUp() throws Exception {
    FlinkDeployment deployment = deployment();
    Configuration cluster =
        Configuration.fromMap(new HashMap<>(deployment.getSpec().getFlinkConfiguration()));
    cluster.setString(
        "taskmanager.memory.process.size",
        deployment.getSpec().getTaskManager().getResource().getMemory());
    TaskExecutorProcessSpec spec = TaskExecutorProcessUtils.processSpecFromConfig(cluster);
    assertThat(spec.getManagedMemorySize()).isEqualTo(MemorySize.ZERO);
    assertThat(spec.getTaskHeapSize()).isEqualTo(MemorySize.ofMebiBytes(1408));

    Map<String, String> image = DeployFiles.flinkConfiguration("docker/config.yaml");
    TaskExecutorProcessSpec compose =
        TaskExecutorProcessUtils.processSpecFromConfig(Configuration.fromMap(image));
    String limit =
        DeployFiles.yaml("docker/compose.yaml").at("/services/taskmanager/mem_limit").asText();
    assertThat(compose.getTotalProcessMemorySize())
        .isLessThanOrEqualTo(MemorySize.parse(limit.replace("m", "mb")));
  }

  @Test
  void clusterConfigurationsAgree() throws Exception {
    Map<String, String> image = DeployFiles.flinkConfiguration("docker/config.yaml");
    Map<String, String> kubernetes = deployment().getSpec().getFlinkConfiguration();
    for (String key :
        List.of(
            "env.java.opts.all",
            "env.java.opts.taskmanager",
            "classloader.parent-first-patterns.additional",
            "taskmanager.memory.task.off-heap.size",
            "metrics.reporter.prom.factory.class",
            "metrics.reporter.prom.port",
            "metrics.reporter.prom.filterLabelValueCharacters",
            "web.submit.enable")) {
      assertThat(kubernetes.get(key)).as(key).isNotNull().isEqualTo(image.get(key));
    }
  }

  @Test
  void gpuOverlayAsksFlinkForTheResourceThatTheOperatorReads() throws Exception {
    JsonNode patch = DeployFiles.yaml("kubernetes/overlays/gpu/flink-deployment.yaml");
    JsonNode flink = patch.at("/spec/flinkConfiguration");
    assertThat(flink.path("external-resources").asText()).isEqualTo("gpu");
    assertThat(flink.path("external-resource.gpu.amount").asText())
        .isEqualTo(flink.path("taskmanager.numberOfTaskSlots").asText());
    assertThat(flink.path("external-resource.gpu.kubernetes.config-key").asText())
        .isEqualTo("nvidia.com/gpu");
    assertThat(patch.at("/spec/taskManager/podTemplate/spec/tolerations/0/key").asText())
        .isEqualTo("nvidia.com/gpu");
  }

  @Test
  void logsOfTheDeploymentAreThoseOfTheImage() throws Exception {
    String log =
        Manifests.base()
            .only("FlinkDeployment")
            .at("/spec/logConfiguration")
            .path("log4j-console.properties")
            .asText();
    assertThat(settings(log))
        .isEqualTo(settings(DeployFiles.text("observability/log4j2-json.properties")));
  }

  private static List<String> settings(String properties) {
    return properties.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
  }
}
