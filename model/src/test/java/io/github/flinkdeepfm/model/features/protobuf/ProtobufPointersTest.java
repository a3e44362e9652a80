package io.github.flinkdeepfm.model.features.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which pointers a Protobuf message has no field for. */
class ProtobufPointersTest {
  @Test
  void namesThatNoMessageOnTheWayHasAreNamed() {
    ModelConfig model =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
            0,
            8,
            8,
            false,
            List.of(new EmbeddingBagConfig("t", 10, 8, List.of("C1"))));
    EventMapping mapping =
        new EventMapping(
            "/eventId",
            "/at",
            EventMapping.TimeFormat.EPOCH_MS,
            "/label",
            List.of("/dense/any", "/event_time", "/event_id/x"),
            1 << 20,
            10);
    Descriptor event = ProtobufSchema.message(EventSchemas.descriptors(), EventSchemas.MESSAGE);
    assertThat(
            ProtobufPointers.dead(
                event, new MappedRow(mapping, FeaturesConfig.defaults(model), model).root()))
        .containsExactly("/at");
  }
}
