package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A value that has no score, and why.
 *
 * @param value as it came
 * @param reason one of the closed list
 * @param detail one line: expected, got, where
 * @param rejectedAt epoch milliseconds
 */
public record Rejected<T>(T value, DeadLetterReason reason, String detail, long rejectedAt) {

  /** Its type, serialisable wherever T is. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public static <T> TypeInformation<Rejected<T>> type(TypeInformation<T> value) {
    return (TypeInformation)
        Types.POJO(
            Rejected.class,
            Map.of(
                "value",
                value,
                "reason",
                Types.ENUM(DeadLetterReason.class),
                "detail",
                Types.STRING,
                "rejectedAt",
                Types.LONG));
  }
}
