package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

/** What a decoder makes of one event: all of it, or why not. */
record Twin(
    DeadLetterReason reason,
    List<Float> dense,
    List<List<Long>> bags,
    List<List<Float>> weights,
    List<Object> outside) {

  static Twin of(EventDecoder decoder, byte[] event) {
    FeatureBatch batch = decoder.newBatch();
    DecodedEvent out = new DecodedEvent();
    try {
      decoder.decode(event, batch, out);
    } catch (RejectedEventException e) {
      assertThat(e.detail()).hasSizeLessThan(300).doesNotContain("\n");
      assertThat(batch.rows()).isZero();
      return new Twin(e.reason(), null, null, null, null);
    }
    Float[] dense = new Float[batch.numDense()];
    for (int i = 0; i < dense.length; i++) {
      dense[i] = batch.dense()[i]; // as objects, 0.0 is not -0.0
    }
    return new Twin(
        null,
        List.of(dense),
        Events.bags(batch, 0),
        batch.isWeighted() ? Events.weights(batch, 0) : List.of(),
        Arrays.asList(
            out.eventId(),
            out.eventTime,
            text(out.label),
            Arrays.stream(out.copied).map(Twin::text).toList(),
            out.cutBags,
            out.unknownFields));
  }

  private static String text(byte[] json) {
    return json == null ? null : new String(json, UTF_8);
  }
}
