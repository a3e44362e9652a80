package io.github.flinkdeepfm.pipeline.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;

/** Kubernetes objects, read strictly into the classes of their API. */
final class Manifests {
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/ServiceAccount", ServiceAccount.class,
          "v1/ConfigMap", ConfigMap.class,
          "v1/PersistentVolumeClaim", PersistentVolumeClaim.class,
          "rbac.authorization.k8s.io/v1/Role", Role.class,
          "rbac.authorization.k8s.io/v1/RoleBinding", RoleBinding.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
          "flink.apache.org/v1beta1/FlinkDeployment", FlinkDeployment.class);

  private final List<ObjectNode> documents;

  private Manifests(List<ObjectNode> documents) {
    this.documents = documents;
  }

  /** The files of the base, as they lie there. */
  static Manifests base() throws Exception {
    List<ObjectNode> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(DeployFiles.DEPLOY.resolve("kubernetes/base"))) {
      for (Path file : files.sorted().toList()) {
        for (ObjectNode document : DeployFiles.documents(Files.readString(file))) {
          if (document.has("kind") && document.has("metadata")) {
            documents.add(document);
          }
        }
      }
    }
    return new Manifests(documents);
  }

  /**
   * What {@code kubectl apply -k} would send, by kubectl or, where there is none, by kustomize,
   * which it has inside; the test is skipped where there is neither.
   */
  static Manifests built(Path folder) throws Exception {
    boolean kubectl = DeployFiles.hasTool("kubectl", "version", "--client");
    if (!kubectl) {
      DeployFiles.assumeTool("kustomize", "version");
    }
    DeployFiles.Outcome built =
        kubectl
            ? DeployFiles.run("kubectl", "kustomize", folder.toString())
            : DeployFiles.run("kustomize", "build", folder.toString());
    if (built.code() != 0) {
      throw new AssertionError(built.output());
    }
    return new Manifests(DeployFiles.documents(built.output()));
  }

  List<ObjectNode> all() {
    return documents;
  }

  ObjectNode only(String kind) {
    List<ObjectNode> found =
        documents.stream().filter(d -> d.path("kind").asText().equals(kind)).toList();
    if (found.size() != 1) {
      throw new AssertionError("expected one " + kind + ", got " + found.size());
    }
    return found.get(0);
  }

  ObjectNode only(String kind, String name) {
    return new Manifests(
            documents.stream().filter(d -> d.at("/metadata/name").asText().equals(name)).toList())
        .only(kind);
  }

  /** The class of a document's kind; null if the kind is of another operator. */
  static Class<? extends HasMetadata> type(ObjectNode document) {
    return KINDS.get(document.path("apiVersion").asText() + "/" + document.path("kind").asText());
  }
}
