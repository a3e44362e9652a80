package io.github.flinkdeepfm.pipeline.bench;

import java.util.List;
import java.util.Locale;

/** Curves on logarithmic axes with a sentence for each knee; one file, no scripts. */
final class GrowthPage {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 320;
  private static final int MARGIN = 60;

  /** A curve and what is to be said of it. */
  record Section(String title, GrowthCurve curve, List<String> sentences) {}

  private GrowthPage() {}

  static String of(List<Section> sections) {
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html>\n<meta charset=\"utf-8\">\n<title>Growth</title>\n");
    page.append("<style>body{font:15px sans-serif;max-width:760px;margin:2em auto}");
    page.append("text{font:11px sans-serif}</style>\n<h1>Rows a second as things grow</h1>\n");
    page.append("<p>Shape S, uniform ids, one a bag, one thread. Blue: ours; grey: ONNX Runtime.");
    page.append(" What does not grow is 26 features, a million rows, batches of 1024.</p>\n");
    for (Section section : sections) {
      page.append("<h2>").append(section.title()).append("</h2>\n");
      plot(page, section.curve());
      page.append("<ul>\n");
      section.sentences().forEach(s -> page.append("<li>").append(s).append("</li>\n"));
      page.append("</ul>\n");
    }
    return page.toString();
  }

  private static void plot(StringBuilder page, GrowthCurve curve) {
    List<GrowthCurve.Point> points = curve.points();
    double least = Double.MAX_VALUE;
    double most = 0;
    for (GrowthCurve.Point p : points) {
      double theirs = p.theirs() == null ? p.ours() : p.theirs();
      least = Math.min(least, Math.min(p.ours(), theirs));
      most = Math.max(most, Math.max(p.ours(), theirs));
    }
    double left = points.get(0).x();
    double right = points.get(points.size() - 1).x();
    StringBuilder ours = new StringBuilder();
    StringBuilder theirs = new StringBuilder();
    append(page, "<svg viewBox=\"0 0 %d %d\" width=\"%d\">\n", WIDTH, HEIGHT, WIDTH);
    for (GrowthCurve.Point p : points) {
      double x = MARGIN + (WIDTH - 2 * MARGIN) * part(p.x(), left, right);
      append(ours, "%.1f,%.1f ", x, y(p.ours(), least, most));
      if (p.theirs() != null) {
        append(theirs, "%.1f,%.1f ", x, y(p.theirs(), least, most));
      }
      append(
          page,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>\n",
          x,
          HEIGHT - MARGIN / 3,
          p.x());
      append(
          page,
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"#1f5fbf\">%,.0f</text>\n",
          x,
          y(p.ours(), least, most) - 8,
          p.ours());
    }
    String line = "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"%s\"/>\n";
    append(page, line, "#999", theirs);
    append(page, line, "#1f5fbf", ours);
    page.append("</svg>\n");
  }

  private static double y(double value, double least, double most) {
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * part(value, least, most);
  }

  /** How far along a logarithmic axis, 0 to 1. */
  private static double part(double value, double least, double most) {
    return Math.log(value / least) / Math.max(1e-9, Math.log(most / least));
  }

  private static void append(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format, values));
  }
}
