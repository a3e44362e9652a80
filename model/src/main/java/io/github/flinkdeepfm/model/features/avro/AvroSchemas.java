package io.github.flinkdeepfm.model.features.avro;

import java.util.List;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/** Reads the schemas of records, leniently: whoever wrote by them has taken their names. */
public final class AvroSchemas {
  private static final int MAX_MESSAGE = 120;

  /** Chars of a schema and those that it refers to: types and plans take memory for each. */
  private static final int MAX_CHARS = 4 << 20;

  private AvroSchemas() {}

  /**
   * Checks a schema as configured.
   *
   * @throws IllegalArgumentException if it is none, or not that of a record
   */
  public static void check(String schema) {
    var unused = compile(List.of(schema));
  }

  /**
   * The last of the texts, with those before that it refers to.
   *
   * @throws IllegalArgumentException if it is none, or not that of a record; in one line
   */
  static AvroType compile(List<String> texts) {
    long chars = texts.stream().mapToLong(String::length).sum();
    if (chars > MAX_CHARS) {
      throw new IllegalArgumentException(
          "expected an Avro schema of at most %d chars, with those that it refers to, got %d"
              .formatted(MAX_CHARS, chars));
    }
    Schema schema;
    AvroType type;
    try {
      schema = parse(texts);
      type = new AvroTypes().of(schema);
    } catch (RuntimeException | StackOverflowError e) {
      // Avro's parser meets JSON that is no schema with exceptions of many kinds.
      throw new IllegalArgumentException("expected an Avro schema, got " + oneLine(e), e);
    }
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IllegalArgumentException(
          "expected the schema of a record, got one of a " + schema.getType().getName());
    }
    return type;
  }

  private static Schema parse(List<String> texts) {
    Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
    parser.setValidateDefaults(false);
    Schema schema = null;
    for (String text : texts) {
      schema = parser.parse(text);
    }
    return schema;
  }

  private static String oneLine(Throwable e) {
    String text =
        e.toString()
            .replaceFirst("^org\\.apache\\.avro\\.\\w+: ", "")
            .replaceAll("\\p{Cntrl}+", " ");
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
  }
}
