/**
 * The report of a replay: what two sides scored for the same events enters row by row, statistics
 * in constant memory leave as JSON and as one self-contained HTML page.
 *
 * <p>Read {@link io.github.flinkdeepfm.pipeline.replay.report.ReportBuilder} first. Each section of
 * the report has a class that gathers it and hands out its {@code Facts}; {@code ReportFacts} is
 * the whole, whose JSON is both the file and the data of the page. The page itself is HTML, CSS and
 * JavaScript beside this package's classes; Java only fills it.
 */
package io.github.flinkdeepfm.pipeline.replay.report;
