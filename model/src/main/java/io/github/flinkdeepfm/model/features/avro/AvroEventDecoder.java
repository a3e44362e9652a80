package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.RejectedEventException;

/**
 * Decodes Avro's binary encoding of one record as the JSON event that says the same: a record or a
 * map is an object, a union is its branch, an enum is the string of its symbol, bytes and fixed are
 * the string of their base64. A time of the logical types timestamp-millis, -micros and -nanos is
 * read by its type. A float is the double of the same value; copied, it is its shortest text.
 *
 * <pre>
 *   writer's schema + pointers ─▶ {@link AvroPlan}        frame ─▶ plan ─▶ sinks ─▶ row
 * </pre>
 *
 * <p>A field that the schema does not have is absent; the defaults of a reader's schema are not
 * known here. Strings and map keys that are not used are not checked. A mapped key that a map has
 * twice is a fault. Values may be nested 64 deep.
 */
public final class AvroEventDecoder implements EventDecoder {
  private final MappedRow row;
  private final WriterSchemas schemas;
  private final AvroInput in = new AvroInput();
  private final MappedRow.Body body = this::read;

  /**
   * @param features of the same model
   * @throws IllegalArgumentException if a pointer is not a JSON pointer, or the schema not Avro's
   */
  public AvroEventDecoder(
      EventMapping mapping, EventFormat.Avro format, FeaturesConfig features, ModelConfig model) {
    row = new MappedRow(mapping, features, model);
    schemas = new WriterSchemas(format, row);
  }

  @Override
  public FeatureBatch newBatch() {
    return row.newBatch();
  }

  @Override
  public void decode(byte[] value, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    row.decode(value, batch, out, body);
  }

  private void read(byte[] value) throws RejectedEventException {
    AvroPlan plan = schemas.planOf(value);
    in.begin(value, schemas.frameLength());
    plan.read(in);
  }
}
