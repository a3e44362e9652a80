package io.github.flinkdeepfm.pipeline.replay.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of a report: a template with styles, scripts, charts library and data filled in.
 *
 * <p>Events are hostile input. They reach the page only as JSON in a data block without any {@code
 * <}, and from there only as text nodes; the page's content security policy names the hashes of the
 * scripts that may run, so no other does, and nothing is loaded from anywhere.
 */
final class HtmlPage {
  private static final String CHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";
  private static final Pattern PLACE = Pattern.compile("@@([A-Z]+)@@");

  private HtmlPage() {}

  static String of(ReportFacts facts) {
    String errors = resource("errors.js");
    String charts = resource(CHARTS);
    String script = resource("report.js");
    String style = resource("report.css");
    Map<String, String> fill =
        Map.of(
            "POLICY", policy(style, errors, charts, script),
            "TITLE", text(facts.header().title()),
            "STYLE", style,
            "ERRORS", errors,
            "CHARTS", charts,
            "DATA", inScript(FactsJson.compact(facts)),
            "SCRIPT", script);
    // One pass: what is filled in is not looked at again.
    return PLACE
        .matcher(resource("report.html"))
        .replaceAll(place -> Matcher.quoteReplacement(fill.get(place.group(1))));
  }

  private static String policy(String style, String... scripts) {
    StringBuilder policy = new StringBuilder("default-src 'none'; script-src");
    for (String script : scripts) {
      policy.append(' ').append(hash(script));
    }
    // Attributes: the charts library sets fonts in style attributes of its SVG.
    return policy
        .append("; style-src-elem ")
        .append(hash(style))
        .append("; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'")
        .toString();
  }

  private static String hash(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** JSON has these characters in strings only, where an escape means the same. */
  private static String inScript(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  private static String text(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("expected %s on the class path, got none".formatted(name));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
