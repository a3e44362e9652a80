package io.github.flinkdeepfm.pipeline.bench;

import static io.github.flinkdeepfm.model.checkpoint.StateDict.DEEP_FM_BIAS;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.DEEP_FM_WEIGHT;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.DENSE_0_BIAS;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.DENSE_0_WEIGHT;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.DENSE_2_BIAS;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.DENSE_2_WEIGHT;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.OVER_BIAS;
import static io.github.flinkdeepfm.model.checkpoint.StateDict.OVER_WEIGHT;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** TorchRec's {@code SimpleDeepFMNN} as ONNX operations, logits out. */
final class OnnxDeepFmGraph {
  static final String DENSE = "dense";
  static final String LOGITS = "logits";

  private OnnxDeepFmGraph() {}

  /** The name of table t's rows. */
  static String table(int t) {
    return "table" + t;
  }

  /** The name of feature f's ids: [B], or [B, L] if they are padded. */
  static String ids(int f) {
    return "ids" + f;
  }

  /** The name of feature f's mask, [B, L, 1]. */
  static String mask(int f) {
    return "mask" + f;
  }

  static OnnxGraph of(ModelConfig config, Function<String, float[]> dense, OnnxDeepFm.Bags bags) {
    if (config.isWeighted()) {
      throw new IllegalArgumentException("expected a model without weighted bags, got one");
    }
    OnnxGraph graph = new OnnxGraph().input(DENSE, OnnxGraph.FLOAT, "B", config.numDenseFeatures());
    for (StateDict.Entry entry : StateDict.dense(config)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      graph.constant(entry.name(), dense.apply(entry.name()), shape);
    }
    linear(graph, DENSE, DENSE_0_WEIGHT, DENSE_0_BIAS, "hidden");
    graph.node("Relu", List.of("hidden"), "hiddenRelu");
    linear(graph, "hiddenRelu", DENSE_2_WEIGHT, DENSE_2_BIAS, "embed");
    graph.node("Relu", List.of("embed"), "embedded");
    List<String> parts = new ArrayList<>(List.of("embedded"));
    graph.constant("one", new long[] {1}, 1);
    for (int t = 0; t < config.tables().size(); t++) {
      EmbeddingBagConfig table = config.tables().get(t);
      graph.external(table(t), table.numEmbeddings(), table.embeddingDim());
      for (int i = 0; i < table.featureNames().size(); i++) {
        parts.add(pooled(graph, parts.size() - 1, table(t), bags));
      }
    }
    graph.node("Concat", parts, "x", "axis", 1);
    linear(graph, "x", DEEP_FM_WEIGHT, DEEP_FM_BIAS, "interacted");
    graph.node("Relu", List.of("interacted"), "deep");
    factorise(graph);
    graph.node("Concat", List.of("embedded", "deep", "fm"), "interaction", "axis", 1);
    linear(graph, "interaction", OVER_WEIGHT, OVER_BIAS, LOGITS);
    return graph.output(LOGITS, OnnxGraph.FLOAT, "B", 1);
  }

  private static String pooled(OnnxGraph graph, int f, String table, OnnxDeepFm.Bags bags) {
    String rows = "rows" + f;
    if (bags == OnnxDeepFm.Bags.ONE_ID) {
      graph.input(ids(f), OnnxGraph.INT64, "B").node("Gather", List.of(table, ids(f)), rows);
      return rows;
    }
    String length = "L" + f;
    graph.input(ids(f), OnnxGraph.INT64, "B", length);
    graph.input(mask(f), OnnxGraph.FLOAT, "B", length, 1);
    graph.node("Gather", List.of(table, ids(f)), rows);
    graph.node("Mul", List.of(rows, mask(f)), "masked" + f);
    graph.node("ReduceSum", List.of("masked" + f, "one"), "pooled" + f, "keepdims", 0);
    return "pooled" + f;
  }

  /** 0.5·((Σx)² − Σx²). */
  private static void factorise(OnnxGraph graph) {
    graph.constant("half", new float[] {0.5f});
    graph.node("ReduceSum", List.of("x", "one"), "sum", "keepdims", 1);
    graph.node("Mul", List.of("sum", "sum"), "squareOfSum");
    graph.node("Mul", List.of("x", "x"), "squares");
    graph.node("ReduceSum", List.of("squares", "one"), "sumOfSquares", "keepdims", 1);
    graph.node("Sub", List.of("squareOfSum", "sumOfSquares"), "twice");
    graph.node("Mul", List.of("twice", "half"), "fm");
  }

  private static void linear(OnnxGraph graph, String in, String weight, String bias, String out) {
    graph.node("Gemm", List.of(in, weight, bias), out, "transB", 1);
  }
}
