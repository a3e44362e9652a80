package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RowWriter;
import java.io.Serializable;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;

/** One input column of a model: reads its value of a row. NULL is an absent value. */
final class InputColumn implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final LogicalType type;
  private final RowData.FieldGetter value;
  private final ArrayData.ElementGetter element;

  InputColumn(String name, LogicalType type, int position) {
    this.name = name;
    this.type = type;
    value = RowData.createFieldGetter(type, position);
    element =
        type instanceof ArrayType array
            ? ArrayData.createElementGetter(array.getElementType())
            : null;
  }

  String name() {
    return name;
  }

  LogicalType type() {
    return type;
  }

  void writeDense(RowData row, RowWriter writer) {
    Object raw = value.getFieldOrNull(row);
    if (raw != null) {
      writer.dense(name, ((Number) raw).doubleValue());
    }
  }

  void writeBag(RowData row, RowWriter writer) {
    Object raw = value.getFieldOrNull(row);
    if (raw instanceof ArrayData array) {
      for (int i = 0; i < array.size(); i++) {
        writeElement(element.getElementOrNull(array, i), writer);
      }
    } else if (raw != null) {
      writeElement(raw, writer);
    }
  }

  private void writeElement(Object raw, RowWriter writer) {
    if (raw == null) {
      reject(writer, "an element");
    } else if (raw instanceof Double || raw instanceof Float) {
      writer.sparse(name, ((Number) raw).doubleValue());
    } else if (raw instanceof Number number) {
      writer.sparse(name, number.longValue());
    } else {
      writer.sparse(name, raw.toString());
    }
  }

  void writeWeights(String feature, RowData row, RowWriter writer) {
    Object raw = value.getFieldOrNull(row);
    if (raw instanceof ArrayData array) {
      float[] weights = new float[array.size()];
      for (int i = 0; i < weights.length; i++) {
        Object weight = element.getElementOrNull(array, i);
        if (weight == null) {
          reject(writer, "a weight");
          return;
        }
        weights[i] = ((Number) weight).floatValue();
      }
      writer.weights(feature, weights);
    } else if (raw != null) {
      writer.weights(feature, ((Number) raw).floatValue());
    }
  }

  private void reject(RowWriter writer, String expected) {
    writer.reject(
        DeadLetterReason.WRONG_TYPE, "expected " + expected + ", got NULL (" + name + ")");
  }
}
