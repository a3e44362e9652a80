package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demo as its user runs it: from the all-in-one jar, in a process of its own. */
class DemoIT {
  /** Whatever the demo itself says; a library's line begins with a time, a class or WARN…. */
  private static final Pattern OWN =
      Pattern.compile(
          "|(folder|log|Kafka|model root|Flink) +[^ ].*"
              + "|latency in ms, .*|AUC and logloss .*| +events in +scores out .*"
              + "| *[0-9]+s +[0-9,]+ .*| {5}(model|published) 0.*"
              + "|replaying the event topic: .*|Summary, .*| {2}[a-z].*| {16}[^ ].*");

  @Test
  @Timeout(300)
  void endsExactWithDeltasAndNothingButItsOwnLinesOnTheScreen() throws Exception {
    try (ChildJvm demo = ChildJvm.start(Main.class, "demo", "--events=80000", "--rate=5000")) {
      int exit = demo.awaitExit(240);
      List<String> screen = demo.output();
      String text = String.join("\n", screen);

      assertThat(exit).as(text).isZero();
      assertThat(text).contains("result        exact");
      assertThat(screen)
          .filteredOn(line -> !line.equals("\0ended"))
          .allMatch(OWN.asMatchPredicate());
      List<String> kinds = found("published [0-9]+: (full|delta)", text);
      assertThat(kinds).startsWith("full", "full", "delta");
      assertThat(kinds.subList(2, kinds.size())).doesNotContain("full");
      assertThat(found("(?m)^ {16}[0-9]{6} +(full|delta) +[0-9,]+ +[0-9,]+ ", text))
          .startsWith("full")
          .contains("delta");

      Path log = Path.of(found("(?m)^log +([^ ]+) [(]stays[)]$", text).get(0));
      assertThat(Files.readString(log)).contains("release ", " of flink-deepfm starts with model");
      try (var left = Files.list(log.getParent())) {
        assertThat(left).containsExactly(log);
      }
      Files.delete(log);
      Files.delete(log.getParent());
    }
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }
}
