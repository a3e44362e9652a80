package io.github.flinkdeepfm.sql;

import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** A process that has Flink and the SQL jar's path, and no other class of this project. */
final class JarQuery {
  private static final String QUERY =
      """
      SELECT logit, model_version FROM ML_PREDICT(
        (SELECT * FROM (VALUES (0.30000000000000004, 2, ARRAY[3, 4], ARRAY['x', 'y'])) AS t (I1, I2, C1, C2)),
        MODEL m, DESCRIPTOR(I1, I2, C1, C2), MAP['async', '%s'])
      """;

  private JarQuery() {}

  /** Arguments: the jar, a model root. Prints what it scores row by row, then asynchronously. */
  public static void main(String[] args) throws Exception {
    TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    tables.executeSql("ADD JAR '" + args[0] + "'");
    for (boolean async : new boolean[] {false, true}) {
      System.out.println(score(tables, args[1], async));
    }
  }

  /** The bits of the logit of a row, and the version. */
  static String score(TableEnvironment tables, String root, boolean async) throws Exception {
    tables.executeSql(
        """
        CREATE TEMPORARY MODEL IF NOT EXISTS m
        INPUT (I1 DOUBLE, I2 DOUBLE, C1 ARRAY<BIGINT>, C2 ARRAY<STRING>)
        OUTPUT (logit FLOAT, model_version STRING)
        WITH ('provider'='deepfm', 'model-root'='%s')
        """
            .formatted(root));
    try (CloseableIterator<Row> rows = tables.executeSql(QUERY.formatted(async)).collect()) {
      Row row = rows.next();
      return Float.floatToRawIntBits((Float) row.getField(0)) + " " + row.getField(1);
    }
  }
}
