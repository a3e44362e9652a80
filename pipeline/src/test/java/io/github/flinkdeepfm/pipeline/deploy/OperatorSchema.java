package io.github.flinkdeepfm.pipeline.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;

/** The FlinkDeployment schema of the operator's CustomResourceDefinition, made strict. */
final class OperatorSchema {
  private static final String CRD = "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

  private final JsonSchema schema;

  OperatorSchema() throws IOException {
    try (InputStream crd = OperatorSchema.class.getResourceAsStream(CRD)) {
      JsonNode version = DeployFiles.YAML.readTree(crd).at("/spec/versions/0");
      JsonNode openApi = version.at("/schema/openAPIV3Schema");
      closeObjects(openApi);
      ((ObjectNode) openApi.at("/properties")).putObject("apiVersion").put("type", "string");
      ((ObjectNode) openApi.at("/properties")).putObject("kind").put("type", "string");
      ((ObjectNode) openApi.at("/properties")).putObject("metadata").put("type", "object");
      schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(openApi);
    }
  }

  /** What is wrong, empty if nothing is. */
  Set<String> problems(JsonNode deployment) {
    Set<String> problems = new TreeSet<>();
    for (ValidationMessage message : schema.validate(deployment)) {
      problems.add(message.getMessage());
    }
    return problems;
  }

  /** The API server would drop an unknown field in silence; here it is an error. */
  private static void closeObjects(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.path("x-kubernetes-int-or-string").asBoolean()) {
        ArrayNode types = object.putArray("type");
        types.add("integer").add("string");
        object.remove("anyOf");
      } else if (object.path("properties").isObject()
          && object.path("type").asText().equals("object")
          && !object.has("additionalProperties")
          && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
        object.put("additionalProperties", false);
      }
      object.elements().forEachRemaining(OperatorSchema::closeObjects);
    } else if (node instanceof ArrayNode array) {
      array.forEach(OperatorSchema::closeObjects);
    }
  }
}
