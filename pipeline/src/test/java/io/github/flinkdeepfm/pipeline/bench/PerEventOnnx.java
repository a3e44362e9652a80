package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/**
 * Scores each event by itself: Jackson reads it into a map, its fields become the model's inputs,
 * ONNX Runtime is called with one row. Knows the encodings of the demo's clicks.
 */
final class PerEventOnnx extends RichMapFunction<RawEvent, ScoredEvent> {
  private static final long serialVersionUID = 1L;
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};
  private static final byte[][] NOTHING_COPIED = {};

  private final String directory;
  private transient ObjectMapper json;
  private transient List<String> dense;
  private transient List<Feature> sparse;
  private transient List<String> keys;
  private transient ServingModel model;
  private transient DeepFmScorer scorer;
  private transient float[] logit;

  /** A sparse feature; {@code words} is null unless it is a vocabulary. */
  private record Feature(String name, long rows, Map<String, Integer> words) {
    long id(Object element) {
      if (element instanceof Number number) {
        return number.longValue();
      }
      String text = (String) element;
      return words == null ? Long.parseUnsignedLong(text, 16) % rows : words.getOrDefault(text, 0);
    }
  }

  PerEventOnnx(String directory) {
    this.directory = directory;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    json = new ObjectMapper();
    model = ServingModel.open(Path.of(directory));
    scorer = new OnnxScorer(model);
    logit = new float[1];
    JsonNode features = json.readTree(Path.of(directory, "features.json").toFile());
    dense = new ArrayList<>();
    features.get("dense").forEach(field -> dense.add(field.get("name").textValue()));
    Map<String, Long> rows = new HashMap<>();
    model.config().tables().forEach(t -> rows.put(t.featureNames().get(0), t.numEmbeddings()));
    sparse = new ArrayList<>();
    for (JsonNode field : features.get("sparse")) {
      Map<String, Integer> words = null;
      if (field.has("vocabulary")) {
        words = new HashMap<>();
        for (JsonNode word : field.get("vocabulary")) {
          words.put(word.textValue(), words.size() + 1);
        }
      }
      String name = field.get("name").textValue();
      sparse.add(new Feature(name, rows.get(name), words));
    }
    keys = sparse.stream().map(Feature::name).toList();
  }

  @Override
  public ScoredEvent map(RawEvent event) throws IOException {
    Map<String, Object> fields = json.readValue(event.value(), FIELDS);
    Map<?, ?> numbers = (Map<?, ?>) fields.get("dense");
    float[] row = new float[dense.size()];
    for (int i = 0; i < row.length; i++) {
      Object value = numbers.get(dense.get(i));
      double raw = value == null ? 0 : ((Number) value).doubleValue();
      row[i] = (float) Math.log1p(Math.max(raw, 0));
    }
    Map<?, ?> bags = (Map<?, ?>) fields.get("sparse");
    List<Long> ids = new ArrayList<>();
    int[] offsets = new int[sparse.size() + 1];
    for (int f = 0; f < sparse.size(); f++) {
      Feature feature = sparse.get(f);
      Object bag = bags.get(feature.name);
      if (bag instanceof List<?> elements) {
        elements.forEach(element -> ids.add(feature.id(element)));
      } else if (bag != null) {
        ids.add(feature.id(bag));
      }
      offsets[f + 1] = ids.size();
    }
    long[] values = ids.stream().mapToLong(Long::longValue).toArray();
    scorer.score(row, KeyedJaggedTensor.ofTrusted(keys, values, offsets, null), logit);
    return new ScoredEvent(
        event,
        (String) fields.get("event_id"),
        ((Number) fields.get("event_time")).longValue(),
        logit[0],
        DeepFmScorer.sigmoid(logit[0]),
        model.version(),
        "onnxruntime",
        System.currentTimeMillis(),
        fields.get("label").toString().getBytes(StandardCharsets.US_ASCII),
        NOTHING_COPIED);
  }

  @Override
  public void close() {
    if (scorer != null) {
      scorer.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
