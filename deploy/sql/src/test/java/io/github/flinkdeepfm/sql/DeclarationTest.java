package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be declared of a model, and which mistakes are named, all of them at once. */
class DeclarationTest {
  private static final String OUTPUT = "logit FLOAT, score FLOAT, model_version STRING";

  @TempDir Path folder;
  private TableEnvironment tables;
  private String model;

  @BeforeEach
  void writeAModel() throws Exception {
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    model = SqlModel.write(folder.resolve("m"), 1, SqlModel.FEATURES).toString();
  }

  private static String columns(String declaration) {
    List<String> names = new ArrayList<>();
    for (String column : declaration.split(", ")) {
      names.add(column.split(" ")[0]);
    }
    return String.join(", ", names);
  }

  private String explain(String input, String output, String options) {
    tables.executeSql(
        "CREATE TEMPORARY TABLE t (%s) WITH ('connector'='datagen')".formatted(input));
    tables.executeSql(
        "CREATE TEMPORARY MODEL m INPUT (%s) OUTPUT (%s) WITH ('provider'='deepfm', %s)"
            .formatted(input, output, options));
    return tables.explainSql(
        "SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(%s))".formatted(columns(input)));
  }

  @Test
  void allMistakesOfTheColumnsAreNamedAtOnce() {
    assertThatThrownBy(
            () ->
                explain(
                    "I1 STRING, C1 DOUBLE, C2 ARRAY<DOUBLE>, colour STRING",
                    "logit DOUBLE, clicked BOOLEAN",
                    "'model-directory'='" + model + "'"))
        .hasStackTraceContaining(
            "output: expected logit FLOAT, score FLOAT or model_version STRING, got logit DOUBLE")
        .hasStackTraceContaining("got clicked BOOLEAN")
        .hasStackTraceContaining(
            "input: expected a DOUBLE, FLOAT or integer as column I1, got STRING")
        .hasStackTraceContaining(
            "input: expected a column I2, a DOUBLE, FLOAT or integer, got none")
        .hasStackTraceContaining(
            "input: expected an integer, or an ARRAY of it as column C1, got DOUBLE")
        .hasStackTraceContaining(
            "input: expected a STRING or an integer, or an ARRAY of it as column C2, got"
                + " ARRAY<DOUBLE>")
        .hasStackTraceContaining("input: expected features of the model only, got also [colour]")
        .hasRootCauseInstanceOf(ValidationException.class);
  }

  @Test
  void anOutputThatHasToBeNullAtTimesMustBeAbleTo() {
    String input = "I1 DOUBLE, I2 DOUBLE, C1 BIGINT, C2 STRING";
    String output = "logit FLOAT NOT NULL, score FLOAT NOT NULL, model_version STRING NOT NULL";
    String directory = "'model-directory'='" + model + "'";
    assertThat(explain(input, output, directory)).contains("MLPredict");
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    assertThatThrownBy(() -> explain(input, output, directory + ", 'on-error'='null'"))
        .hasStackTraceContaining(
            "output: expected logit that can be NULL, as 'on-error'='null' has it, got FLOAT NOT"
                + " NULL")
        .hasStackTraceContaining("output: expected score that can be NULL")
        .satisfies(e -> assertThat(rootMessage(e)).doesNotContain("model_version"));
  }

  private static String rootMessage(Throwable e) {
    return e.getCause() == null ? e.getMessage() : rootMessage(e.getCause());
  }

  @Test
  void unknownOptionsAndAMissingModelAreNamed() {
    String input = "I1 DOUBLE, I2 DOUBLE, C1 BIGINT, C2 STRING";
    assertThatThrownBy(() -> explain(input, OUTPUT, "'model-directory'='x', 'threads'='4'"))
        .hasStackTraceContaining("Unsupported options")
        .hasStackTraceContaining("threads");
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    assertThatThrownBy(() -> explain(input, OUTPUT, "'poll'='1 s'"))
        .hasStackTraceContaining("expected exactly one of model-root and model-directory, got 0");
    tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    assertThatThrownBy(() -> explain(input, OUTPUT, "'model-root'='" + folder + "/none'"))
        .hasStackTraceContaining("none");
  }

  @Test
  void oneElementMayStandForABagAndOutputsForEachOther() {
    assertThat(
            explain(
                "C2 STRING, I2 FLOAT, C1 INT, I1 SMALLINT",
                "model_version STRING, logit FLOAT",
                "'model-directory'='" + model + "'"))
        .contains("MLPredict");
  }

  /** What the README says of a query without MAP. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
                                                                        | \\{\\s+"capacity\\s*" : 10,
          , MAP['async', 'true', 'max-concurrent-operations', '77'] | \\{\\s+"capacity\\s*" : 77,
          , MAP['async', 'false']                                     | null,
          """)
  void rowsAreScoredTenAtATimeUnlessTheQuerySaysOtherwise(String map, String async) {
    String input = "I1 DOUBLE, I2 DOUBLE, C1 BIGINT, C2 STRING";
    explain(input, "logit FLOAT", "'model-directory'='" + model + "'");
    tables.executeSql("CREATE TEMPORARY TABLE s (logit FLOAT) WITH ('connector'='blackhole')");
    String plan =
        tables
            .compilePlanSql(
                "INSERT INTO s SELECT logit FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(%s)%s)"
                    .formatted(columns(input), map == null ? "" : map))
            .asJsonString();
    assertThat(plan).containsPattern("\"asyncOptions\" : " + async);
  }

  @Test
  void weightsComeInColumnsOfTheirOwn() throws Exception {
    SqlModel.write(folder.resolve("w"), 1, SqlModel.FEATURES, SqlModel.config(true));
    tables.executeSql(
        "CREATE TEMPORARY MODEL m INPUT (I1 INT, I2 FLOAT, C1 ARRAY<INT>, C2 STRING, C1_w"
            + " ARRAY<FLOAT>) OUTPUT (logit FLOAT) WITH ('provider'='deepfm',"
            + " 'weights-suffix'='_w', 'on-error'='null', 'model-directory'='"
            + folder.resolve("w")
            + "')");
    List<Object> logits = new ArrayList<>();
    try (CloseableIterator<Row> rows =
        tables
            .executeSql(
                """
                SELECT logit FROM ML_PREDICT(
                  (SELECT * FROM (VALUES
                    (1, CAST(2 AS FLOAT), ARRAY[3, 4], 'x', ARRAY[CAST(1 AS FLOAT), CAST(1 AS FLOAT)]),
                    (1, CAST(2 AS FLOAT), ARRAY[3, 4], 'x', CAST(NULL AS ARRAY<FLOAT>)),
                    (1, CAST(2 AS FLOAT), ARRAY[3, 4], 'x', ARRAY[CAST(1 AS FLOAT), CAST(2 AS FLOAT)]),
                    (1, CAST(2 AS FLOAT), ARRAY[3, 4], 'x', ARRAY[CAST(1 AS FLOAT)])
                  ) AS t (I1, I2, C1, C2, C1_w)),
                  MODEL m, DESCRIPTOR(I1, I2, C1, C2, C1_w))
                """)
            .collect()) {
      rows.forEachRemaining(row -> logits.add(row.getField(0)));
    }
    assertThat(logits).hasSize(4);
    assertThat(logits.get(0)).isEqualTo(logits.get(1)).isNotEqualTo(logits.get(2)).isNotNull();
    assertThat(logits.get(3)).isNull();
  }

  @Test
  void anAcceptedTypeGivesTheBitsOfTheIntegerAndADefaultThoseOfItsElement() throws Exception {
    String features =
        """
        {"dense":[{"name":"I1"},{"name":"I2"}],
         "sparse":[{"name":"C1","accept":["string","float"],"default":7},
                   {"name":"C2","encoding":"hash","accept":["float"],"default":"7"}]}
        """;
    SqlModel.write(folder.resolve("a"), 1, features);
    List<Object> logits = new ArrayList<>();
    for (String columns : List.of("BIGINT, STRING", "STRING, INT", "DOUBLE, ARRAY<DOUBLE>")) {
      String c1 = columns.split(", ")[0];
      String c2 = columns.split(", ")[1];
      String seven = c2.startsWith("ARRAY") ? "ARRAY[7]" : "7";
      tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
      tables.executeSql(
          "CREATE TEMPORARY MODEL m INPUT (I1 INT, I2 INT, C1 %s, C2 %s) OUTPUT (logit FLOAT) WITH"
                  .formatted(c1, c2)
              + " ('provider'='deepfm', 'model-directory'='"
              + folder.resolve("a")
              + "')");
      String query =
          """
          SELECT logit FROM ML_PREDICT(
            (SELECT * FROM (VALUES
              (1, 2, CAST(7 AS %1$s), CAST(%3$s AS %2$s)),
              (1, 2, CAST(NULL AS %1$s), CAST(NULL AS %2$s))
            ) AS t (I1, I2, C1, C2)),
            MODEL m, DESCRIPTOR(I1, I2, C1, C2))
          """;
      try (CloseableIterator<Row> rows =
          tables.executeSql(query.formatted(c1, c2, seven)).collect()) {
        rows.forEachRemaining(row -> logits.add(row.getField(0)));
      }
    }
    assertThat(logits).hasSize(6).doesNotContainNull();
    assertThat(new HashSet<>(logits)).hasSize(1);
  }
}
