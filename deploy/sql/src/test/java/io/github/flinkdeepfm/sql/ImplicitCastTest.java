package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Columns of another type than the model declares, which Flink lets through and does not cast: the
 * same bits as with a CAST in the query.
 */
class ImplicitCastTest {
  private static final String FEATURES =
      """
      {"dense":[{"name":"I1","transforms":["log1p"]},{"name":"I2"}],
       "sparse":[{"name":"C1"},{"name":"C2","encoding":"bucketize","boundaries":[0.1,0.7,2.5]}]}
      """;

  @TempDir Path folder;
  private TableEnvironment tables;

  @BeforeEach
  void declareModels() throws Exception {
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    SqlModel.write(folder.resolve("m"), 1, FEATURES, SqlModel.config(true));
    model(
        "wide",
        "I1 DOUBLE, I2 DOUBLE, C1 ARRAY<BIGINT>, C2 ARRAY<DOUBLE>, C1_weights ARRAY<DOUBLE>");
    model("narrow", "I1 BIGINT, I2 FLOAT, C1 BIGINT, C2 FLOAT, C1_weights FLOAT");
  }

  private void model(String name, String input) {
    tables.executeSql(
        "CREATE TEMPORARY MODEL %s INPUT (%s) OUTPUT (logit FLOAT) WITH ('provider'='deepfm', 'model-directory'='%s')"
            .formatted(name, input, folder.resolve("m")));
  }

  private int bits(String model, String values, boolean async) throws Exception {
    List<Integer> bits = new ArrayList<>();
    try (CloseableIterator<Row> rows =
        tables
            .executeSql(
                """
                SELECT logit FROM ML_PREDICT(
                  (SELECT * FROM (VALUES (%s)) AS t (I1, I2, C1, C2, W)),
                  MODEL %s, DESCRIPTOR(I1, I2, C1, C2, W), MAP['async', '%s'])
                """
                    .formatted(values, model, async))
            .collect()) {
      rows.forEachRemaining(row -> bits.add(Float.floatToRawIntBits((Float) row.getField(0))));
    }
    assertThat(bits).hasSize(1);
    return bits.get(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void integersDecimalsAndTheirArraysAreReadAsTheDeclaredType(boolean async) throws Exception {
    int cast =
        bits(
            "wide",
            "CAST(7 AS DOUBLE), CAST(1.37 AS DOUBLE), CAST(ARRAY[1, 2] AS ARRAY<BIGINT>),"
                + " CAST(ARRAY[0.2, 0.7] AS ARRAY<DOUBLE>), CAST(ARRAY[0.5, 2.5] AS ARRAY<DOUBLE>)",
            async);
    assertThat(bits("wide", "7, 1.37, ARRAY[1, 2], ARRAY[0.2, 0.7], ARRAY[0.5, 2.5]", async))
        .isEqualTo(cast);
    assertThat(
            bits(
                "wide",
                "CAST(7 AS TINYINT), 1.37, CAST(ARRAY[1, 2] AS ARRAY<SMALLINT>),"
                    + " CAST(ARRAY[0.2, 0.7] AS ARRAY<DECIMAL(30, 20)>),"
                    + " CAST(ARRAY[0.5, 2.5] AS ARRAY<FLOAT>)",
                async))
        .isEqualTo(cast);
    assertThat(bits("wide", "7, 1.37, ARRAY[2, 1], ARRAY[0.2, 0.7], ARRAY[0.5, 2.5]", async))
        .as("another order of the weights")
        .isNotEqualTo(cast);
  }

  /** 0.7 as FLOAT is below the boundary 0.7, as DECIMAL it is not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aValueOfAWiderTypeIsRoundedToTheDeclaredOne(boolean async) throws Exception {
    int cast =
        bits(
            "narrow",
            "CAST(7 AS BIGINT), CAST(2 AS FLOAT), CAST(3 AS BIGINT), CAST(0.7 AS FLOAT),"
                + " CAST(0.3 AS FLOAT)",
            async);
    assertThat(bits("narrow", "7, 2, 3, 0.7, 0.3", async)).isEqualTo(cast);
    assertThat(bits("narrow", "7, CAST(2 AS BIGINT), CAST(3 AS SMALLINT), 0.7, 0.3", async))
        .isEqualTo(cast);
    assertThat(bits("narrow", "7, 2, 3, 0.8, 0.3", async)).isNotEqualTo(cast);
  }

  @Test
  void whatFlinkDoesNotCastIsRefusedWhenTheQueryIsPlanned() {
    assertThatThrownBy(() -> bits("narrow", "CAST(7 AS DOUBLE), 1.5, 3, 0.7, 0.3", true))
        .hasStackTraceContaining("DOUBLE");
  }
}
