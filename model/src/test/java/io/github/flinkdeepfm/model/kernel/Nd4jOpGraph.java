package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * SimpleDeepFMNN as one would first write it with ND4J's operations: gather, concat, mmul, sum. The
 * baseline of {@link ScoringSpeed}; for bags of exactly one id.
 */
final class Nd4jOpGraph {
  private final RandomModel model;
  private final List<INDArray> tables = new ArrayList<>();

  Nd4jOpGraph(RandomModel model) {
    this.model = model;
    for (EmbeddingTable table : model.tables) {
      float[] rows = new float[(int) table.rows() * table.dim()];
      for (int r = 0; r < table.rows(); r++) {
        table.readRow(r, rows, r * table.dim());
      }
      tables.add(Nd4j.createFromArray(rows).reshape(table.rows(), table.dim()));
    }
  }

  float[] score(float[] dense, KeyedJaggedTensor kjt) {
    int b = kjt.stride();
    INDArray input = Nd4j.createFromArray(dense).reshape(b, dense.length / b);
    INDArray embedded =
        relu(linear("dense_arch.model.2", relu(linear("dense_arch.model.0", input))));
    INDArray[] parts = new INDArray[tables.size() + 1];
    parts[0] = embedded;
    for (int f = 0; f < tables.size(); f++) {
      int[] ids = new int[b];
      for (int r = 0; r < b; r++) {
        ids[r] = (int) kjt.values()[kjt.offsets()[f * b + r]];
      }
      parts[f + 1] = gather(tables.get(f), Nd4j.createFromArray(ids));
    }
    INDArray x = Nd4j.concat(1, parts);
    INDArray deep = relu(linear("inter_arch.deep_fm.dense_module.0", x));
    INDArray sum = x.sum(true, 1);
    INDArray squares = x.mul(x).sum(true, 1);
    INDArray fm = sum.mul(sum).subi(squares).muli(0.5);
    INDArray logits = linear("over_arch.model.0", Nd4j.concat(1, embedded, deep, fm));
    return logits.toFloatVector();
  }

  private static INDArray gather(INDArray table, INDArray ids) {
    INDArray out = Nd4j.createUninitialized(DataType.FLOAT, ids.length(), table.columns());
    Nd4j.exec(
        DynamicCustomOp.builder("gather")
            .addInputs(table, ids)
            .addOutputs(out)
            .addIntegerArguments(0)
            .build());
    return out;
  }

  private INDArray linear(String name, INDArray in) {
    float[] bias = model.parameters.get(name + ".bias");
    INDArray weight =
        Nd4j.createFromArray(model.parameters.get(name + ".weight"))
            .reshape(bias.length, in.columns());
    return in.mmul(weight.transpose())
        .addiRowVector(Nd4j.createFromArray(bias).reshape(1, bias.length));
  }

  private static INDArray relu(INDArray in) {
    return Transforms.relu(in, false);
  }
}
