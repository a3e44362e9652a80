package io.github.flinkdeepfm.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClickStreamTest {
  private static final long TIME = 1_700_000_000_000L;
  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  @Test
  void equalSeedsGiveEqualBytesAndOthersDoNot() throws Exception {
    assertThat(hash(1, 1)).isEqualTo(hash(1, 1));
    assertThat(hash(1, 2)).isNotEqualTo(hash(1, 1));
    assertThat(hash(2, 1)).isNotEqualTo(hash(1, 1));
  }

  private static String hash(long truth, long seed) throws Exception {
    ClickStream clicks = new ClickStream(new PlantedTruth(truth), seed);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 2000; i++) {
      byte[] value = clicks.next(TIME + i).value();
      digest.update(value == null ? new byte[] {0} : value);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  void goodEventsHaveTheContractsLayout() throws IOException {
    ClickStream clicks = new ClickStream(new PlantedTruth(1), 1);
    boolean nullSeen = false;
    boolean longBagSeen = false;
    for (int i = 0; i < 1000; i++) {
      Click click = clicks.next(TIME + i);
      if (click.malformed().isPresent()) {
        continue;
      }
      JsonNode event = STRICT.readTree(click.value());
      assertThat(event.path("event_id").textValue()).isEqualTo("e" + i);
      assertThat(event.path("event_time").longValue()).isEqualTo(TIME + i);
      assertThat(event.path("label").intValue()).isEqualTo(click.label() ? 1 : 0);
      assertThat(event.path("dense")).hasSize(13);
      assertThat(event.path("dense").path("I13").isIntegralNumber()).isTrue();
      assertThat(event.path("sparse").size()).isBetween(20, 26);
      assertThat(event.path("sparse").path("C13").size()).isLessThanOrEqualTo(5);
      nullSeen |= event.path("dense").path("I1").isNull();
      longBagSeen |= event.path("sparse").path("C13").size() == 5;
    }
    assertThat(nullSeen).isTrue();
    assertThat(longBagSeen).isTrue();
  }

  @Test
  void halfAPercentIsMalformedAndEveryKindComesUp() {
    ClickStream clicks = new ClickStream(new PlantedTruth(1), 1);
    Set<Malformed> kinds = EnumSet.noneOf(Malformed.class);
    int n = 60_000;
    int malformed = 0;
    for (int i = 0; i < n; i++) {
      Click click = clicks.next(TIME);
      malformed += click.malformed().isPresent() ? 1 : 0;
      click.malformed().ifPresent(kinds::add);
    }
    assertThat(malformed / (double) n).isCloseTo(0.005, within(0.001));
    assertThat(kinds).containsExactlyInAnyOrder(Malformed.values());
  }

  @Test
  void everyMalformedKindChangesTheEventAndOnlyNotJsonOnesAreNotJson() throws IOException {
    PlantedTruth truth = new PlantedTruth(1);
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 50; round++) {
      byte[] good = firstGood(new ClickStream(truth, round));
      for (Malformed kind : Malformed.values()) {
        byte[] bad = kind.spoil(good, random);
        assertThat(bad).as(kind.name()).isNotEqualTo(good);
        switch (kind) {
          case TOMBSTONE -> assertThat(bad).isNull();
          case EMPTY_VALUE, NOT_AN_OBJECT -> assertThat(STRICT.readTree(bad).isObject()).isFalse();
          case TRUNCATED_JSON, NOT_UTF8, NAN_LITERAL, FEATURE_TWICE ->
              assertThatThrownBy(() -> STRICT.readTree(bad))
                  .as(kind.name())
                  .isInstanceOf(IOException.class);
          default -> assertThat(STRICT.readTree(bad).isObject()).as(kind.name()).isTrue();
        }
      }
    }
    assertThat(Malformed.ID_NEGATIVE.reason()).isEqualTo(DeadLetterReason.ID_OUT_OF_RANGE);
  }

  private static byte[] firstGood(ClickStream clicks) {
    Click click;
    do {
      click = clicks.next(TIME);
    } while (click.malformed().isPresent());
    return click.value();
  }

  @Test
  void theTruthIsLearnableAndAQuarterClicks() {
    ClickStream clicks = new ClickStream(new PlantedTruth(1), 1);
    ProgressiveMetrics best = new ProgressiveMetrics();
    int positives = 0;
    int n = 40_000;
    for (int i = 0; i < n; i++) {
      Click click = clicks.next(TIME);
      best.add(Math.log(click.probability() / (1 - click.probability())), click.label());
      positives += click.label() ? 1 : 0;
    }
    assertThat(positives / (double) n).isCloseTo(0.25, within(0.02));
    assertThat(best.auc()).isBetween(0.74, 0.88);
    double entropy = -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75);
    assertThat(best.logLoss()).isLessThan(entropy - 0.05);
  }
}
