package io.github.flinkdeepfm.pipeline.replay.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayReportTest {
  private static final Pattern DATA =
      Pattern.compile(
          "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);

  @TempDir Path folder;

  private JsonNode json(ReplayReport report) throws IOException {
    Path file = folder.resolve("report.json");
    report.writeJson(file);
    return new ObjectMapper().readTree(file.toFile());
  }

  /** The page without the charts library. */
  private String html(ReplayReport report) throws IOException {
    Path file = folder.resolve("report.html");
    report.writeHtml(file);
    String page = Files.readString(file);
    int licence = page.indexOf("<script>", page.indexOf("id=\"data\"")) + "<script>".length();
    int end = page.indexOf("</script>", licence);
    assertThat(end - licence).isGreaterThan(900_000);
    return page.substring(0, licence) + page.substring(end);
  }

  private static ReplayReport hostile() {
    ReportBuilder report = ReportFixture.builder(ReportFixture.strictGates());
    report.add(
        new ReplayRow(
            "events",
            0,
            17,
            "</script><script>hacked=1</script>",
            1_700_000_000_000L,
            "<v1>",
            -0.31f,
            "@@CHARTS@@",
            0.1f,
            1,
            ReplayRow.Latency.UNKNOWN,
            ReportFixture.HOSTILE));
    return report.build();
  }

  @Test
  void jsonSaysWhatWasFound() throws IOException {
    JsonNode json = json(hostile());
    assertThat(json.at("/format").asInt()).isEqualTo(1);
    assertThat(json.at("/verdict").asText()).isEqualTo("fail");
    assertThat(json.at("/header/ranges/1/to").asLong()).isEqualTo(148_240);
    assertThat(json.at("/header/created").asText()).isEqualTo("2026-03-01T09:30:12Z");
    assertThat(json.at("/gates/0/name").asText()).isEqualTo("max-abs-logit");
    JsonNode worst = json.at("/difference/worst/0");
    assertThat(worst.at("/baseline_logit").asText()).isEqualTo("-0.31");
    assertThat(worst.at("/event_id").asText()).isEqualTo("</script><script>hacked=1</script>");
    assertThat(worst.at("/features").asText())
        .isEqualTo(ReportFixture.HOSTILE.replace('\uD800', '?'));
    assertThat(json.at("/labels/auc_method").asText()).isEqualTo("exact");
    assertThat(json.at("/coverage/counts/1/what").asText()).isEqualTo("missing_score");
  }

  @Test
  void whatIsUnknownIsNullInJson() throws IOException {
    JsonNode json = json(ReportFixture.builder(Gates.none()).build());
    assertThat(json.at("/difference/abs_logit/max").isNull()).isTrue();
    assertThat(json.at("/difference/bit_identical_share").isNull()).isTrue();
    assertThat(json.at("/distributions/psi/value").isNull()).isTrue();
    assertThat(json.at("/labels/baseline/auc").isNull()).isTrue();
    assertThat(json.at("/noise_floor/rows").asLong()).isZero();
    assertThat(json.toString()).doesNotContain("NaN").doesNotContain("Infinity");
  }

  @Test
  void thePageHoldsTheSameFactsAsTheJson() throws IOException {
    ReplayReport report = hostile();
    Matcher data = DATA.matcher(html(report));
    assertThat(data.find()).isTrue();
    assertThat(new ObjectMapper().readTree(data.group(1))).isEqualTo(json(report));
    assertThat(data.group(1)).doesNotContain("<").doesNotContain("&");
  }

  @Test
  void eventTextCannotBecomeMarkupOrFillThePlacesOfTheTemplate() throws IOException {
    String page = html(hostile());
    assertThat(page).doesNotContain("<script>hacked").doesNotContain("<img").doesNotContain("<v1>");
    assertThat(page.split("<script", -1)).hasSize(5);
    assertThat(page.split("</script", -1)).hasSize(5);
    assertThat(page).contains("@@CHARTS@@");
  }

  @Test
  void thePageLoadsNothingAndAllowsOnlyItsOwnScripts() throws IOException {
    String page = html(hostile());
    Matcher policy =
        Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"").matcher(page);
    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1))
        .startsWith("default-src 'none'; script-src 'sha256-")
        .doesNotContain("http")
        .doesNotContain("unsafe-eval");
    assertThat(policy.group(1).replace("style-src-attr 'unsafe-inline'", ""))
        .doesNotContain("unsafe-inline");
    assertThat(page).doesNotContain(" src=\"").doesNotContain("<link");
  }
}
