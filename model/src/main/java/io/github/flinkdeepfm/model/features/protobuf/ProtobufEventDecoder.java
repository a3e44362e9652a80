package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.Descriptors.Descriptor;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.DeadPointers;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.RejectedEventException;

/**
 * Decodes Protobuf's binary encoding of one message as the JSON event that says the same, its
 * fields in declared order: a message or a map is an object, an enum is the string of its name (its
 * number, if that has none), bytes are the string of their base64. A float is the double of the
 * same value; copied, it is its shortest text. A google.protobuf.Timestamp is a time, whatever the
 * configured format. As a map's value, a message of repeated scalars only is one list.
 *
 * <p>A pointer names fields as the .proto file does, or by their JSON names. A scalar without
 * presence (proto3 without {@code optional}) that is not on the wire is its zero, one with presence
 * is absent, and so is a repeated field or a map without elements. Strings that are not used are
 * not checked. {@link MessagePlan} says how fields that come more than once are merged, {@link
 * MessageFrame} what a registry's frame has to be.
 */
public final class ProtobufEventDecoder implements EventDecoder {
  private final MappedRow row;
  private final MessagePlan plan;
  private final MessageFrame frame;
  private final WireInput in = new WireInput();
  private final MappedRow.Body body = this::read;

  /**
   * @param features of the same model
   * @throws IllegalArgumentException if a pointer is not a JSON pointer, or the message not there
   */
  public ProtobufEventDecoder(
      EventMapping mapping,
      EventFormat.Protobuf format,
      FeaturesConfig features,
      ModelConfig model) {
    row = new MappedRow(mapping, features, model);
    Descriptor message = ProtobufSchema.message(format.descriptors(), format.message());
    DeadPointers.warn("message " + format.message(), ProtobufPointers.dead(message, row.root()));
    plan = new MessagePlan(message, row.root());
    frame = new MessageFrame(format.registry().framing(), message);
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
    in.begin(value);
    plan.index(in, frame.end(in), value.length);
    plan.emit(in);
    row.countUnknownFields(in.unknownFields);
  }
}
