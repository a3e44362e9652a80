package io.github.flinkdeepfm.model.features.avro;

import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/** Reads the schemas of records, leniently: whoever wrote by them has taken their names. */
public final class AvroSchemas {
  private AvroSchemas() {}

  /**
   * Checks a schema as configured.
   *
   * @throws IllegalArgumentException if it is none, or not that of a record
   */
  public static void check(String schema) {
    var unused = parse(List.of(schema));
  }

  /** The last of the texts, with those before that it refers to. */
  static Schema parse(List<String> texts) {
    try {
      Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
      parser.setValidateDefaults(false);
      Schema schema = null;
      for (String text : texts) {
        schema = parser.parse(text);
      }
      if (schema == null || schema.getType() != Schema.Type.RECORD) {
        throw new IllegalArgumentException("expected the schema of a record, got another");
      }
      return schema;
    } catch (AvroRuntimeException | StackOverflowError e) {
      throw new IllegalArgumentException("expected an Avro schema, got " + e.getMessage(), e);
    }
  }
}
