package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.operators.DirectScorer.Outcome;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/**
 * The output columns of a model: any of {@code logit FLOAT}, {@code score FLOAT} and {@code
 * model_version STRING}, in any order.
 */
record OutputColumns(List<String> names) implements Serializable {
  private static final String LOGIT = "logit";
  private static final String SCORE = "score";
  private static final String VERSION = "model_version";

  private static final Map<String, LogicalTypeRoot> TYPES =
      Map.of(
          LOGIT, LogicalTypeRoot.FLOAT,
          SCORE, LogicalTypeRoot.FLOAT,
          VERSION, LogicalTypeRoot.VARCHAR);

  /**
   * @param onError whether a row may have no logit and score
   * @param mistakes gets every column that is not one of these, or cannot be NULL and may have to
   */
  static OutputColumns of(
      ResolvedSchema schema, ModelOptions.OnError onError, List<String> mistakes) {
    List<String> names = new ArrayList<>();
    for (Column column : schema.getColumns()) {
      String name = column.getName();
      LogicalType got = column.getDataType().getLogicalType();
      LogicalTypeRoot type = TYPES.get(name);
      if (type == null || !got.is(type)) {
        mistakes.add(
            "output: expected logit FLOAT, score FLOAT or model_version STRING, got %s %s"
                .formatted(name, got));
      } else if (onError == ModelOptions.OnError.NULL
          && !got.isNullable()
          && !name.equals(VERSION)) {
        mistakes.add(
            "output: expected %s that can be NULL, as 'on-error'='null' has it, got %s"
                .formatted(name, got));
      }
      names.add(name);
    }
    return new OutputColumns(names);
  }

  /** The output of one row; without a score logit and score are NULL. */
  RowData row(Outcome outcome) {
    GenericRowData row = new GenericRowData(names.size());
    for (int i = 0; i < names.size(); i++) {
      row.setField(
          i,
          switch (names.get(i)) {
            case LOGIT -> outcome.isScore() ? outcome.logit() : null;
            case SCORE -> outcome.isScore() ? outcome.score() : null;
            default -> StringData.fromString(outcome.modelVersion());
          });
    }
    return row;
  }
}
