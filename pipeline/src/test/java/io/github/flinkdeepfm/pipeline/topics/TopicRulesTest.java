package io.github.flinkdeepfm.pipeline.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.config.Options;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicRulesTest {
  private static final long NEVER = Long.MAX_VALUE;
  private static final TopicNeeds NEEDS =
      new TopicNeeds(
          "ctr",
          Options.of(Map.of()),
          "events",
          "scores",
          "dead",
          524_288,
          540_672,
          628_056,
          900_000);

  @ParameterizedTest(name = "{0}: {1} behind, {2} ahead")
  @CsvSource({
    "'', 302400000, 3540000",
    "retention.ms=3600000, 1800000, 3540000",
    "retention.ms=-1, 9223372036854775807, 3540000",
    "'retention.ms=3600000 cleanup.policy=compact', 9223372036854775807, 3540000",
    "'retention.ms=3600000 cleanup.policy=compact,delete', 1800000, 3540000",
    "'retention.ms=3600000 message.timestamp.before.max.ms=60000', 30000, 3540000",
    "'retention.ms=-1 message.timestamp.before.max.ms=60000', 30000, 3540000",
    "message.timestamp.after.max.ms=9223372036854775807, 302400000, 9223372036854715807",
    "message.timestamp.after.max.ms=30000, 302400000, 15000",
    "message.timestamp.difference.max.ms=60000, 30000, 30000",
    "message.timestamp.difference.max.ms=9223372036854775807, 302400000, 9223372036854715807",
    "'retention.ms=1 message.timestamp.type=LogAppendTime message.timestamp.before.max.ms=1', "
        + "9223372036854775807, 9223372036854775807"
  })
  void anEventsTimeMayLieWithinHalfOfWhatTheTopicKeepsAndTakes(
      String settings, long behind, long ahead) {
    TopicLimits limits = settings(settings).limits();
    assertThat(limits.behindMillis()).isEqualTo(behind);
    assertThat(limits.aheadMillis()).isEqualTo(ahead);
  }

  @Test
  void noTimeOverflowsTheBounds() {
    TopicLimits limits =
        settings("retention.ms=-1 message.timestamp.after.max.ms=" + NEVER).limits();
    assertThat(limits.allow(0, 1_700_000_000_000L)).isTrue();
    assertThat(limits.allow(NEVER, 1_700_000_000_000L)).isTrue();
    assertThat(TopicLimits.DEFAULT.allow(NEVER, 1_700_000_000_000L)).isFalse();
    TopicLimits none = settings("message.timestamp.type=LogAppendTime").limits();
    assertThat(none.allow(NEVER, 0)).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "events | cleanup.policy=compact | RISKS | deleted unread",
        "events | retention.ms=3600000 | RISKS | not read 1h after it is lost",
        "scores | cleanup.policy=compact | RISKS | without a key gets the event's coordinates",
        "scores | retention.ms=3600000 | RISKS | older than 30m gets the time of scoring",
        "dead | message.timestamp.before.max.ms=60000 | RISKS | older than 30s",
        "scores | message.timestamp.before.max.ms=1000 | STOPS | late on its way",
        "dead | message.timestamp.after.max.ms=100 | RISKS | clock is late",
        "scores | max.message.bytes=500000 | STOPS | can have 540672 bytes",
        "dead | max.message.bytes=4095 | STOPS | without any payload",
        "dead | max.message.bytes=628055 | RISKS | cut to what fits"
      })
  void whatDoesNotSuitIsToldInOneLine(
      String topic, String setting, TopicFinding.Severity severity, String means) {
    TopicRules rules = new TopicRules(NEEDS);
    rules.settings(topic, settings(setting));
    assertThat(rules.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(severity);
              assertThat(finding.toString())
                  .startsWith("topic " + topic + ": " + setting.substring(0, setting.indexOf('=')))
                  .contains(means, "; set ")
                  .doesNotContain("\n");
            });
  }

  @Test
  void kafkasDefaultsSuit() {
    TopicRules rules = new TopicRules(NEEDS);
    for (String topic : NEEDS.topics()) {
      rules.settings(topic, settings(""));
      rules.operations(topic, Set.of(AclOperation.READ, AclOperation.WRITE));
      rules.operations(topic, null);
    }
    rules.transactions(900_000);
    assertThat(rules.findings()).isEmpty();
  }

  @Test
  void missingRightsAndTooShortTransactionsStopTheJob() {
    TopicRules rules = new TopicRules(NEEDS);
    rules.operations("events", Set.of(AclOperation.WRITE));
    rules.operations("scores", Set.of(AclOperation.READ));
    rules.transactions(899_999);
    assertThat(rules.findings())
        .extracting(TopicFinding::severity)
        .containsOnly(TopicFinding.Severity.STOPS);
    assertThat(rules.findings())
        .extracting(TopicFinding::found)
        .containsExactly(
            "READ is not allowed", "WRITE is not allowed", "transaction.max.timeout.ms=899999");
  }

  private static TopicSettings settings(String text) {
    List<ConfigEntry> entries =
        text.isEmpty()
            ? List.of()
            : List.of(text.split(" ")).stream()
                .map(pair -> pair.split("=", 2))
                .map(pair -> new ConfigEntry(pair[0], pair[1]))
                .toList();
    return TopicSettings.of(new Config(entries));
  }
}
