package io.github.flinkdeepfm.operators;

import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A value with its score, made by {@link DeepFmScoring}.
 *
 * @param value as it came
 * @param logit the model's output before the sigmoid; finite
 * @param score the sigmoid of the logit, 0 to 1
 * @param modelVersion the version that encoded and scored it
 * @param numerics fingerprint of the arithmetic: equal fingerprints give equal bits
 * @param scoredAt epoch milliseconds
 * @param shadowVersion the version that scored it, too; null without one
 * @param shadowLogit that version's logit; NaN if it has none for the value
 */
public record Scored<T>(
    T value,
    float logit,
    float score,
    String modelVersion,
    String numerics,
    long scoredAt,
    String shadowVersion,
    float shadowLogit) {

  /** Its type, serialisable wherever T is. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  public static <T> TypeInformation<Scored<T>> type(TypeInformation<T> value) {
    return (TypeInformation)
        Types.POJO(
            Scored.class,
            Map.of(
                "value", value,
                "logit", Types.FLOAT,
                "score", Types.FLOAT,
                "modelVersion", Types.STRING,
                "numerics", Types.STRING,
                "scoredAt", Types.LONG,
                "shadowVersion", Types.STRING,
                "shadowLogit", Types.FLOAT));
  }
}
