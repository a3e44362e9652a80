package io.github.flinkdeepfm.model.features.avro;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.MappedRow;
import io.github.flinkdeepfm.model.features.PointerNode;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which pointers an Avro schema has no field for. */
class AvroPointersTest {
  private static PointerNode pointers(String id, String... copied) {
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
            id, null, EventMapping.TimeFormat.EPOCH_MS, null, List.of(copied), 1 << 20, 10);
    return new MappedRow(mapping, FeaturesConfig.defaults(model), model).root();
  }

  @Test
  void theDefaultLayoutHasAFieldForAllOfItsOwn() {
    assertThat(
            AvroPointers.dead(
                AvroSchemas.compile(List.of(EventSchemas.avro())), pointers("/event_id")))
        .isEmpty();
  }

  @Test
  void namesThatNoRecordOnTheWayHasAreNamed() {
    String schema =
        """
        {"type":"record","name":"R","fields":[
          {"name":"a","type":["null",
            {"type":"record","name":"A","fields":[{"name":"x","type":"int"}]},
            {"type":"record","name":"B","fields":[{"name":"y","type":"int"}]}]},
          {"name":"m","type":{"type":"map","values":"A"}},
          {"name":"s","type":"string"}]}
        """;
    assertThat(
            AvroPointers.dead(
                AvroSchemas.compile(List.of(schema)),
                pointers("/id", "/a/x", "/a/y", "/a/z", "/m/any/x", "/m/any/z", "/s", "/s/t")))
        .containsExactly("/a/z", "/id", "/m/any/z", "/sparse");
  }
}
