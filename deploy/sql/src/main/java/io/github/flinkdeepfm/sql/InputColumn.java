package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RowWriter;
import java.io.Serializable;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** One input column of a model: reads its value of a row. NULL is an absent value. */
final class InputColumn implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final LogicalType type;
  private final int position;

  /** Null until a query is known; what is read by another type than the row's is no value. */
  private final RowData.FieldGetter value;

  private final ArrayData.ElementGetter element;

  /** As the model declares it. */
  InputColumn(String name, LogicalType type, int position) {
    this(name, type, position, null, null);
  }

  private InputColumn(
      String name,
      LogicalType type,
      int position,
      RowData.FieldGetter value,
      ArrayData.ElementGetter element) {
    this.name = name;
    this.type = type;
    this.position = position;
    this.value = value;
    this.element = element;
  }

  /**
   * This column of the rows of a query.
   *
   * @param argument the type that its values have there, which {@link ColumnTypes#isCast} takes
   */
  InputColumn of(LogicalType argument) {
    return new InputColumn(
        name,
        type,
        position,
        argument.is(LogicalTypeRoot.NULL)
            ? row -> null
            : RowData.createFieldGetter(argument, position),
        argument instanceof ArrayType array ? elements(array.getElementType()) : null);
  }

  private static ArrayData.ElementGetter elements(LogicalType type) {
    return type.is(LogicalTypeRoot.NULL)
        ? (array, at) -> null
        : ArrayData.createElementGetter(type);
  }

  String name() {
    return name;
  }

  LogicalType type() {
    return type;
  }

  void writeDense(RowData row, RowWriter writer) {
    Object raw = value(row);
    if (raw != null) {
      writer.dense(name, number(raw));
    }
  }

  void writeBag(RowData row, RowWriter writer) {
    Object raw = value(row);
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
    } else if (ColumnTypes.isApproximate(ColumnTypes.element(type))) {
      writer.sparse(name, number(raw));
    } else if (raw instanceof Number number) {
      writer.sparse(name, number.longValue());
    } else {
      writer.sparse(name, raw.toString());
    }
  }

  void writeWeights(String feature, RowData row, RowWriter writer) {
    Object raw = value(row);
    if (raw instanceof ArrayData array) {
      float[] weights = new float[array.size()];
      for (int i = 0; i < weights.length; i++) {
        Object weight = element.getElementOrNull(array, i);
        if (weight == null) {
          reject(writer, "a weight");
          return;
        }
        weights[i] = (float) number(weight);
      }
      writer.weights(feature, weights);
    } else if (raw != null) {
      writer.weights(feature, (float) number(raw));
    }
  }

  private Object value(RowData row) {
    if (value == null) {
      throw new IllegalStateException("expected the type of the query's column " + name);
    }
    return value.getFieldOrNull(row);
  }

  /** The cast to the declared type. */
  private double number(Object raw) {
    Number number = raw instanceof DecimalData decimal ? decimal.toBigDecimal() : (Number) raw;
    return ColumnTypes.element(type).is(LogicalTypeRoot.FLOAT)
        ? number.floatValue()
        : number.doubleValue();
  }

  private void reject(RowWriter writer, String expected) {
    writer.reject(
        DeadLetterReason.WRONG_TYPE, "expected " + expected + ", got NULL (" + name + ")");
  }
}
