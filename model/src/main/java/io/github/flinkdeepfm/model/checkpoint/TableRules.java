package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig.Kind;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the parts of a {@link ModelConfig} have to be to each other. */
final class TableRules {
  /**
   * Attributes of PyTorch's {@code ModuleDict}, in which TorchRec keeps the tables: a module cannot
   * have the name of one (PyTorch 2.x).
   */
  private static final Set<String> RESERVED =
      Set.of(
          ("T_destination add_module apply bfloat16 buffers call_super_init children clear compile"
                  + " cpu cuda double dump_patches eval extra_repr float forward get_buffer"
                  + " get_extra_state get_parameter get_submodule half ipu items keys"
                  + " load_state_dict modules mtia named_buffers named_children named_modules"
                  + " named_parameters parameters pop register_backward_hook register_buffer"
                  + " register_forward_hook register_forward_pre_hook register_full_backward_hook"
                  + " register_full_backward_pre_hook register_load_state_dict_post_hook"
                  + " register_load_state_dict_pre_hook register_module register_parameter"
                  + " register_state_dict_post_hook register_state_dict_pre_hook requires_grad_"
                  + " set_extra_state set_submodule share_memory state_dict to to_empty train"
                  + " training type update values xpu zero_grad")
              .split(" "));

  private final ModelConfig config;
  private final Problems problems;

  TableRules(ModelConfig config, Problems problems) {
    this.config = config;
    this.problems = problems;
  }

  void check() {
    if (config.tables().isEmpty()) {
      problems.expected("tables", "at least one table", "none");
      return;
    }
    checkNames();
    checkWeighted();
    if (config.kind() == Kind.SIMPLE_DEEP_FM_NN) {
      checkDimensions();
      checkFeatures();
    }
    checkSizes();
  }

  private void checkNames() {
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < config.tables().size(); i++) {
      String name = config.tables().get(i).name();
      String where = "tables[" + i + "].name";
      Integer earlier = first.putIfAbsent(name, i);
      if (earlier != null) {
        problems.expected(
            where,
            "each table name once",
            Text.quote(name) + " again, the name of tables[" + earlier + "]");
      }
      if (name.contains(".")) {
        problems.expected(where, "a name without a dot", Text.quote(name));
      }
      if (RESERVED.contains(name)) {
        problems.expected(
            where,
            "a name that PyTorch's ModuleDict does not reserve",
            Text.quote(name) + ", an attribute of it");
      }
    }
  }

  private void checkWeighted() {
    for (int i = 0; config.isWeighted() && i < config.tables().size(); i++) {
      EmbeddingBagConfig table = config.tables().get(i);
      if (table.pooling() == PoolingType.MEAN) {
        problems.expected("tables[" + i + "].pooling", "SUM in a weighted model", "MEAN");
      }
      if (table.dataType() != DataType.FP32) {
        problems.expected(
            "tables[" + i + "].data_type", "FP32 in a weighted model", table.dataType());
      }
    }
  }

  private void checkDimensions() {
    Map<Integer, List<String>> tablesByDim = new TreeMap<>();
    for (EmbeddingBagConfig table : config.tables()) {
      tablesByDim.computeIfAbsent(table.embeddingDim(), dim -> new ArrayList<>()).add(table.name());
    }
    if (tablesByDim.size() > 1) {
      problems.expected(
          "tables", "one embedding_dim for all", "tables by dimension " + tablesByDim);
    }
  }

  private void checkFeatures() {
    Map<String, String> tableOfFeature = new HashMap<>();
    Set<String> reported = new HashSet<>();
    for (EmbeddingBagConfig table : config.tables()) {
      for (String feature : table.featureNames()) {
        String earlier = tableOfFeature.putIfAbsent(feature, table.name());
        if (earlier != null && reported.add(feature)) {
          problems.expected(
              "tables",
              "each feature once in a SimpleDeepFMNN",
              earlier.equals(table.name())
                  ? Text.quote(feature) + " twice in table " + Text.quote(earlier)
                  : Text.quote(feature)
                      + " in tables "
                      + Text.quote(earlier)
                      + " and "
                      + Text.quote(table.name()));
        }
      }
    }
  }

  /** Only what no machine could hold: every later product of sizes is then exact. */
  private void checkSizes() {
    for (StateDict.Entry entry : StateDict.dense(config)) {
      if (elements(entry.shape()).compareTo(BigInteger.valueOf(Integer.MAX_VALUE - 8)) > 0) {
        problems.expected(entry.name(), "at most 2147483639 elements", "shape " + entry.shape());
      }
    }
    for (int i = 0; i < config.tables().size(); i++) {
      EmbeddingBagConfig table = config.tables().get(i);
      BigInteger bytes =
          elements(List.of(table.numEmbeddings(), (long) table.embeddingDim()))
              .multiply(BigInteger.valueOf(table.dataType().bytes()));
      if (bytes.bitLength() > 62 || table.embeddingDim() > Integer.MAX_VALUE / 4) {
        problems.expected(
            "tables[" + i + "]",
            "rows below 2 GiB and a table below 2^62 bytes",
            table.numEmbeddings() + " rows of dimension " + table.embeddingDim());
      }
    }
  }

  private static BigInteger elements(List<Long> shape) {
    return shape.stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
  }
}
