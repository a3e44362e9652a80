package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.features.DenseFeature;
import io.github.flinkdeepfm.model.features.Encoding;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.SparseFeature;
import io.github.flinkdeepfm.pipeline.replay.report.ReportBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How often events lack a feature, or have a word that its vocabulary does not know, and how long
 * their bags are, before any cut. Not thread-safe.
 */
final class FeatureRates {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_BAG = 64;

  private final List<Rate> rates = new ArrayList<>();
  private long events;

  private static final class Rate {
    final String name;
    final JsonPointer source;
    final boolean sparse;
    final Set<String> words;
    final long[] lengths;
    long nulls;
    long unknown;

    Rate(String name, String source, boolean sparse, Set<String> words) {
      this.name = name;
      this.source = JsonPointer.compile(source);
      this.sparse = sparse;
      this.words = words;
      this.lengths = new long[sparse ? LONGEST_BAG + 1 : 0];
    }
  }

  /**
   * @param features say where in an event they are
   */
  FeatureRates(FeaturesConfig features) {
    for (DenseFeature dense : features.dense()) {
      rates.add(new Rate(dense.name(), dense.source(), false, Set.of()));
    }
    for (SparseFeature sparse : features.sparse()) {
      Set<String> words =
          sparse.encoding() instanceof Encoding.Vocabulary vocabulary
              ? new HashSet<>(vocabulary.words())
              : Set.of();
      rates.add(new Rate(sparse.name(), sparse.source(), true, words));
    }
  }

  /**
   * @param event that was scored, and so is JSON
   */
  void add(byte[] event) {
    if (rates.isEmpty()) {
      return;
    }
    JsonNode json;
    try {
      json = JSON.readTree(event);
    } catch (IOException e) {
      throw new IllegalStateException("an event that was scored is not JSON", e);
    }
    events++;
    for (Rate rate : rates) {
      JsonNode value = json.at(rate.source);
      boolean absent = value.isMissingNode() || value.isNull();
      rate.nulls += absent ? 1 : 0;
      if (rate.sparse) {
        int length = absent ? 0 : value.isArray() ? value.size() : 1;
        rate.lengths[Math.min(length, LONGEST_BAG)]++;
        rate.unknown += !rate.words.isEmpty() && !knows(rate.words, value) ? 1 : 0;
      }
    }
  }

  private static boolean knows(Set<String> words, JsonNode value) {
    if (value.isArray()) {
      for (JsonNode element : value) {
        if (!words.contains(element.asText())) {
          return false;
        }
      }
      return true;
    }
    return !value.isTextual() || words.contains(value.textValue());
  }

  void addTo(ReportBuilder report) {
    for (Rate rate : rates) {
      report.featureStats(rate.name, events, rate.nulls, rate.unknown, rate.lengths);
    }
  }
}
