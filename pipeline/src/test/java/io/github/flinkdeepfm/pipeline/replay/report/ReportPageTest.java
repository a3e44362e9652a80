package io.github.flinkdeepfm.pipeline.replay.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it. */
class ReportPageTest {
  private static final List<String> SECTIONS =
      List.of(
          "header",
          "coverage",
          "difference",
          "noise-floor",
          "distributions",
          "features",
          "labels",
          "over-time",
          "latency");

  @TempDir Path folder;
  private Chromium browser;

  @BeforeEach
  void findBrowser() {
    Optional<Chromium> found = Chromium.find(folder);
    Tools.assume(
        found.isPresent(),
        "no chromium, chromium-browser or google-chrome on PATH: page not shown");
    browser = found.get();
  }

  private String shown(ReplayReport report) throws IOException, InterruptedException {
    Path page = folder.resolve("report.html");
    report.writeHtml(page);
    String dom = browser.dom(page);
    assertThat(dom).contains("data-ready=\"true\"").doesNotContain("class=\"page-error\"");
    assertThat(dom).contains("<section id=\"");
    return dom;
  }

  private static String section(String dom, String id) {
    int from = dom.indexOf("<section id=\"" + id + "\"");
    assertThat(from).as("section %s", id).isNotNegative();
    return dom.substring(from, dom.indexOf("</section>", from));
  }

  private static int charts(String html) {
    return html.split("<svg", -1).length - 1;
  }

  @Test
  void showsEverySectionWithItsCharts() throws Exception {
    ReplayReport report =
        ReportFixture.worseCandidate(
                ReportFixture.strictGates(),
                new ReportOptions(List.of(0.2, 0.5), 10, Duration.ZERO, 10))
            .build();
    String dom = shown(report);
    SECTIONS.forEach(id -> assertThat(section(dom, id)).contains("<h"));
    assertThat(charts(section(dom, "coverage"))).isEqualTo(1);
    assertThat(charts(section(dom, "difference"))).isEqualTo(1);
    assertThat(charts(section(dom, "distributions"))).isEqualTo(2);
    assertThat(charts(section(dom, "features"))).isEqualTo(1);
    assertThat(charts(section(dom, "labels"))).isEqualTo(1);
    assertThat(charts(section(dom, "over-time"))).isEqualTo(4);
    assertThat(charts(section(dom, "latency"))).isEqualTo(1);
    assertThat(section(dom, "latency").split("<path", -1).length).isGreaterThan(20);
    assertThat(section(dom, "header"))
        .contains("✗ FAIL")
        .contains("4 of 6 gates are not met: max-abs-logit");
    assertThat(section(dom, "coverage")).contains("First findings", "MISSING_SCORE events-0-7");
    assertThat(section(dom, "over-time")).contains("Baseline: 000042");

    report.writeHtml(Path.of("target", "replay-report.html"));
    Path png = Path.of("target", "replay-report.png");
    Files.deleteIfExists(png);
    browser.screenshot(folder.resolve("report.html"), png, 7260);
    assertThat(Files.size(png)).isGreaterThan(100_000);
  }

  @Test
  void showsHostileEventsAsText() throws Exception {
    String image = "<img src=x onerror=hacked=6>";
    ReportHeader header =
        new ReportHeader(
            "ctr " + image,
            ReportHeader.Mode.COMPARE,
            List.of(new ReportHeader.Range("events" + image, 0, 0, 9)),
            List.of("<i>v1</i>", "<i>v2</i>"),
            List.of("cpu" + image),
            image,
            Instant.parse("2026-03-01T09:30:12Z"),
            "replay " + image);
    ReportBuilder report =
        new ReportBuilder(header, ReportFixture.strictGates(), ReportOptions.defaults());
    report.findings(List.of("MISMATCH events-0-1 <img src=x onerror=hacked=5>"));
    report.featureStats("<script>hacked=4</script>", 1, 0, 1, new long[] {0, 1});
    for (int i = 0; i < 400; i++) {
      report.add(
          new ReplayRow(
              "events" + image,
              0,
              i,
              "<img src=x onerror=hacked=1>",
              1_700_000_000_000L + i * 60_000L,
              i < 200 ? "<i>v1</i>" : "<i>v1b</i>",
              0.01f * i,
              "<i>v2</i>",
              0.02f * i,
              i % 2,
              new ReplayRow.Latency(1, 1, 1, 1),
              ReportFixture.HOSTILE));
    }
    String dom = shown(report.build());
    String drawn = dom.substring(0, dom.indexOf("</main>"));
    assertThat(drawn).doesNotContain("<img").doesNotContain("<script>hacked").doesNotContain("<i>");
    assertThat(drawn)
        .contains("&lt;img src=x onerror=hacked=1&gt;")
        .contains("&lt;img src=x onerror=hacked=5&gt;")
        .contains("&lt;/script&gt;&lt;script&gt;window.hacked=1&lt;/script&gt;");
  }

  @Test
  void showsAReportOfNothing() throws Exception {
    String dom = shown(ReportFixture.builder(Gates.none()).build());
    SECTIONS.forEach(id -> section(dom, id));
    assertThat(section(dom, "header")).contains("NO GATES");
    assertThat(charts(dom)).isZero();
  }

  @Test
  void showsAReproducedRangeAsPassed() throws Exception {
    ReportBuilder report =
        new ReportBuilder(
            ReportFixture.header(ReportHeader.Mode.REPRODUCE),
            Gates.none().with(Gate.MIN_BIT_IDENTICAL, 1).with(Gate.MAX_NOISE, 0),
            ReportOptions.defaults());
    report.add(ReportFixture.row(0, 1_700_000_000_000L, "a", 0.25f, "a", 0.25f, Double.NaN));
    String dom = shown(report.build());
    assertThat(section(dom, "header")).contains("✓ PASS").contains("All 2 gates are met.");
    assertThat(section(dom, "noise-floor")).contains("✓ reproducible");
    assertThat(section(dom, "difference")).contains("same bits").contains("100%");
  }
}
