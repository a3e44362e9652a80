package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.features.Accept;
import io.github.flinkdeepfm.model.features.Encoding;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/** Which SQL types a feature may have, by what its rule in {@code features.json} takes. */
final class ColumnTypes {
  static final String DENSE = "a DOUBLE, FLOAT or integer";
  static final String WEIGHTS = "an ARRAY of FLOAT or DOUBLE, or one of these";

  private ColumnTypes() {}

  static boolean isDense(LogicalType type) {
    return isInteger(type) || isApproximate(type);
  }

  static boolean isWeights(LogicalType type) {
    return isApproximate(element(type));
  }

  /** One element, or an array of them. */
  static boolean isBag(LogicalType type, Encoding encoding) {
    LogicalType element = element(type);
    if (encoding instanceof Encoding.Id id) {
      return isInteger(element) || isAccepted(element, id.accept());
    }
    if (encoding instanceof Encoding.Hash hash) {
      return isInteger(element) || isText(element) || isAccepted(element, hash.accept());
    }
    if (encoding instanceof Encoding.Bucketize) {
      return isDense(element);
    }
    return isText(element);
  }

  private static boolean isAccepted(LogicalType element, Accept accept) {
    return (accept.strings() && isText(element)) || (accept.floats() && isApproximate(element));
  }

  /** What {@link #isBag} takes. */
  static String bag(Encoding encoding) {
    return element(encoding) + ", or an ARRAY of it";
  }

  private static String element(Encoding encoding) {
    if (encoding instanceof Encoding.Id id) {
      return "an integer"
          + (id.accept().strings() ? " or STRING" : "")
          + (id.accept().floats() ? " or DOUBLE" : "");
    }
    if (encoding instanceof Encoding.Hash hash) {
      return "a STRING or an integer" + (hash.accept().floats() ? " or DOUBLE" : "");
    }
    return encoding instanceof Encoding.Bucketize ? DENSE : "a STRING";
  }

  /**
   * Whether a query's column may stand for a declared one. ML_PREDICT lets through what Flink casts
   * implicitly, but leaves the cast to the function.
   */
  static boolean isCast(LogicalType argument, LogicalType declared) {
    if (argument.is(LogicalTypeRoot.NULL)) {
      return true;
    }
    if (declared instanceof ArrayType array) {
      return argument instanceof ArrayType of
          && isCast(of.getElementType(), array.getElementType());
    }
    return isInteger(declared)
        ? isInteger(argument)
        : isApproximate(declared)
            ? argument.is(LogicalTypeFamily.NUMERIC)
            : isText(declared) && isText(argument);
  }

  /** Of an array, or the type itself. */
  static LogicalType element(LogicalType type) {
    return type instanceof ArrayType array ? array.getElementType() : type;
  }

  private static boolean isInteger(LogicalType type) {
    return type.is(LogicalTypeFamily.INTEGER_NUMERIC);
  }

  static boolean isApproximate(LogicalType type) {
    return type.isAnyOf(LogicalTypeRoot.FLOAT, LogicalTypeRoot.DOUBLE);
  }

  private static boolean isText(LogicalType type) {
    return type.is(LogicalTypeFamily.CHARACTER_STRING);
  }
}
