"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const names = [data.header.baseline_name, data.header.candidate_name];
  const titled = names.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
  const none = "–";

  // ---- Elements. Text only ever becomes a text node: what events hold is not markup.

  function el(tag, properties, ...children) {
    const element = document.createElement(tag);
    Object.entries(properties || {}).forEach(([key, value]) => element.setAttribute(key, value));
    children.flat().forEach((child) => {
      if (child !== null && child !== undefined) {
        element.append(child instanceof Node ? child : String(child));
      }
    });
    return element;
  }

  function section(id, title, lead, ...children) {
    return el("section", { id: id }, title ? el("h2", {}, title) : null, lead ? el("p", { class: "lead" }, lead) : null, ...children);
  }

  const pair = (...children) => el("div", { class: "pair" }, ...children);
  const even = (...children) => el("div", { class: "pair even" }, ...children);
  const half = (...children) => el("div", { class: "half" }, ...children);
  const block = (title, ...children) => el("div", { class: "block" }, title ? el("h3", {}, title) : null, ...children);
  const empty = (text) => el("p", { class: "empty" }, text);
  const tile = (name, value, note) => el("div", { class: "tile" }, el("div", { class: "name" }, name), el("div", { class: "value" }, value), el("div", { class: "note" }, note));
  const fine = (text) => el("p", { class: "fine" }, text);

  // Columns: [heading, function of the row to text or node, "number", "text", "long" (text of any length) or "time"].
  function table(columns, rows, options) {
    const head = el("tr", {}, columns.map(([title, , kind]) => el("th", { scope: "col", class: kind || "number" }, title)));
    const body = rows.map((row) =>
      el("tr", options && options.row ? { class: options.row(row) } : {},
        columns.map(([, value, kind]) => {
          const content = value(row);
          const zero = content === "0" || content === none ? " zero" : "";
          return el("td", { class: (kind || "number") + zero }, content);
        })));
    const whole = el("table", {}, el("thead", {}, head), el("tbody", {}, body));
    return el("div", { class: "scroll" + (options && options.short ? " short" : ""), tabindex: "0" }, whole);
  }

  // ---- Numbers.

  const missing = (value) => value === null || value === undefined;
  const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const count = (value) => (missing(value) ? none : whole.format(value));
  const minus = (text) => text.replace(/^-/, "−");

  // Four significant digits; powers of ten where zeros would have to be counted.
  function number(value) {
    if (missing(value)) return none;
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-4 || size >= 1e7) {
      const [digits, power] = value.toExponential(2).split("e");
      return minus(digits) + "e" + minus(power.replace("+", ""));
    }
    const digits = Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(size))));
    return minus(value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits }));
  }

  const fixed = (digits) => (value) => (missing(value) ? none : minus(value.toFixed(digits)));
  const signed = (digits) => (value) => {
    if (missing(value)) return none;
    return value === 0 ? "0" : (value > 0 ? "+" : "") + (Math.abs(value) < 0.5 * Math.pow(10, -digits) ? number(value) : minus(value.toFixed(digits)));
  };

  // Never rounded up to 100% or down to 0%: one row in a million is what this is about.
  function percent(value) {
    if (missing(value)) return none;
    if (value === 0) return "0%";
    if (value === 1) return "100%";
    const hundred = 100 * value;
    for (const digits of [2, 4, 6]) {
      const text = hundred.toFixed(digits);
      if (Number(text) !== 0 && Number(text) !== 100) return text + "%";
    }
    return hundred < 50 ? "<0.000001%" : ">99.999999%";
  }

  const millis = (value) => (missing(value) ? none : value >= 100 ? count(value) : number(Number(value.toPrecision(3))));

  function time(epoch) {
    const date = new Date(epoch);
    return isNaN(date) ? String(epoch) + " ms" : date.toISOString().replace("T", " ").replace(/\.000Z$|Z$/, "");
  }

  function duration(ms) {
    for (const [size, unit] of [[86400000, "d"], [3600000, "h"], [60000, "min"], [1000, "s"]]) {
      if (ms >= size && ms % size === 0) return ms / size + " " + unit;
    }
    return number(ms / 1000) + " s";
  }

  // Windows are labelled with what tells them apart.
  function timeLabels(starts) {
    const texts = starts.map(time);
    const sameDay = texts.every((text) => text.slice(0, 10) === texts[0].slice(0, 10));
    return sameDay ? texts.map((text) => text.slice(11)) : texts.map((text) => text.slice(0, 16));
  }

  // ---- Charts. Each is drawn again for another colour scheme and for print.

  const charts = [];

  function chart(label, option, low) {
    const box = el("div", { class: low ? "chart low" : "chart", role: "img", "aria-label": label + "; the figures are in the table beside it" });
    charts.push({ box: box, option: option, drawn: null });
    return box;
  }

  function palette() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue("--" + name).trim();
    return {
      ink: colour("ink"), quiet: colour("quiet"), line: colour("line"), card: colour("card"), mark: colour("mark"),
      sides: [colour("baseline"), colour("candidate")],
      series: [colour("baseline"), colour("candidate"), colour("third"), colour("fourth"), colour("ink")],
    };
  }

  function drawAll() {
    const p = palette();
    const font = getComputedStyle(document.body).fontFamily;
    charts.forEach((one) => {
      if (one.drawn) one.drawn.dispose();
      one.drawn = echarts.init(one.box, null, { renderer: "svg" });
      const common = {
        animation: false,
        textStyle: { fontFamily: font, color: p.ink },
        color: p.series,
        grid: { left: 12, right: 18, top: 38, bottom: 34, containLabel: true },
        legend: { top: 0, right: 14, itemGap: 18, itemWidth: 22, textStyle: { color: p.ink, fontSize: 12.5 } },
        // Rich text is drawn, where the default would be markup.
        tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: p.card, borderColor: p.line, textStyle: { color: p.ink, fontSize: 12 } },
      };
      one.drawn.setOption(Object.assign(common, one.option(p)));
    });
  }

  function axis(p, kind, name, more) {
    return Object.assign({
      type: kind, name: name, nameLocation: "middle", nameGap: 30,
      nameTextStyle: { color: p.quiet, fontSize: 12 },
      axisLabel: { color: p.quiet, fontSize: 11.5, hideOverlap: true },
      axisLine: { show: kind === "category", lineStyle: { color: p.line } },
      axisTick: { show: false },
      splitLine: { show: kind !== "category", lineStyle: { color: p.line } },
    }, more);
  }

  // The name stands above the axis: beside it, it collides with wide labels.
  const up = (p, name, more) => axis(p, (more && more.type) || "value", name, Object.assign({ nameLocation: "end", nameGap: 12, nameTextStyle: { color: p.quiet, fontSize: 12, align: "left", padding: [0, 0, 0, -8] } }, more));

  // Sides differ in colour, stroke and symbol.
  const sideLine = (p, side, values, more) => Object.assign({
    name: titled[side], type: "line", data: values, symbol: side ? "diamond" : "circle", symbolSize: side ? 8 : 6,
    showSymbol: values.length <= 80, showAllSymbol: true, lineStyle: { width: 2, type: side ? [6, 4] : "solid", color: p.sides[side] }, itemStyle: { color: p.sides[side] },
  }, more);

  const sideBar = (p, side, values) => ({
    name: titled[side], type: "bar", data: values, barGap: "0%", barCategoryGap: "18%",
    itemStyle: side ? { color: p.card, borderColor: p.sides[1], borderWidth: 1.4 } : { color: p.sides[0] },
  });

  // ---- Sections.

  function header() {
    const h = data.header;
    const failed = data.gates.filter((gate) => !gate.passed);
    const verdicts = {
      pass: ["✓ PASS", data.gates.length === 1 ? "The one gate that was set is met." : "All " + data.gates.length + " gates are met."],
      fail: ["✗ FAIL", failed.length + " of " + data.gates.length + (data.gates.length === 1 ? " gate is not met: " : " gates are not met: ") + failed.map((gate) => gate.name).join(", ") + "."],
      none: ["NO GATES", "Nothing was required, so nothing was judged."],
    };
    const [word, why] = verdicts[data.verdict];
    const d = data.difference;
    const labelled = data.labels.rows > 0;
    const facts = [
      ["Mode", h.mode === "reproduce" ? "reproduce: recorded scores against the same versions scored again" : "compare: a candidate against a baseline"],
      ["Created", h.created.replace("T", " ").replace("Z", " UTC")],
      ["Ranges", h.ranges.map((r) => r.topic + "-" + r.partition + "  [" + count(r.from) + ", " + count(r.to) + ")  " + count(r.to - r.from) + " offsets")],
      ["Versions", h.versions],
      ["Numerics", h.fingerprints],
      ["Configuration", h.configuration_hash],
      ["Command", h.command],
    ];
    return section("header", null, null,
      el("div", { class: "verdict " + data.verdict, role: "status" }, el("span", { class: "word" }, word), el("span", { class: "why" }, why)),
      el("h1", {}, h.title),
      el("p", { class: "kicker" }, titled[0] + " against " + names[1] + " · " + count(data.coverage.compared) + " events compared · " + h.created.slice(0, 16).replace("T", " ") + " UTC"),
      el("div", { class: "tiles" },
        tile("Bit-identical logits", percent(d.bit_identical_share), count(d.rows - d.bit_identical) + " of " + count(d.rows) + " differ"),
        tile("Largest |Δlogit|", number(d.abs_logit.max), "p99 " + number(d.abs_logit.p99)),
        tile("Stability (PSI)", missing(data.distributions.psi.value) ? none : number(data.distributions.psi.value), psiWord(data.distributions.psi.value)),
        tile("ΔAUC", labelled ? signed(5)(data.labels.delta.auc) : none, labelled ? count(data.labels.rows) + " labels" : "no labels"),
        tile("Not compared", count(data.coverage.rows - data.coverage.compared + notScored()), "rows and events without two scores")),
      half(
        block("Gates", data.gates.length === 0 ? empty("No gates were set.") : table([
          ["Gate", (gate) => el("code", {}, gate.name), "text"],
          ["Threshold", (gate) => (gate.name.startsWith("min-") ? "≥ " : "≤ ") + number(gate.threshold)],
          ["Observed", (gate) => (missing(gate.observed) ? "not measured" : number(gate.observed))],
          ["Result", (gate) => el("span", { class: "state " + (gate.passed ? "pass" : "fail") }, gate.passed ? "✓ pass" : "✗ FAIL"), "text"],
        ], data.gates, { row: (gate) => (gate.passed ? "" : "failed") })),
        block("What was replayed", el("dl", {}, facts.flatMap(([name, value]) => [
          el("dt", {}, name),
          el("dd", { class: "mono" }, Array.isArray(value) ? (value.length ? value.map((one) => el("div", {}, one)) : none) : missing(value) ? none : value),
        ])))));
  }

  function psiWord(value) {
    if (missing(value)) return "not measured";
    return value < 0.1 ? "below 0.1: no shift" : value < 0.25 ? "0.1 to 0.25: a shift" : "0.25 or more: a large shift";
  }

  function notScored() {
    const missed = ["missing_score", "retention_gap", "version_gone", "mixed_schema"];
    return data.coverage.counts.filter((line) => missed.includes(line.what)).reduce((sum, line) => sum + line.count, 0);
  }

  function coverage() {
    const c = data.coverage;
    const lines = [
      { what: "Compared", meaning: "rows with a finite logit on both sides", count: c.compared },
      { what: titled[0] + " only", meaning: "rows without a finite logit of the " + names[1] + " side", count: c.baseline_only },
      { what: titled[1] + " only", meaning: "rows without a finite logit of the " + names[0] + " side", count: c.candidate_only },
      { what: "Neither", meaning: "rows without a finite logit on either side", count: c.neither },
    ].concat(c.counts.map((line) => ({ what: line.what.replace(/_/g, " ").replace(/^./, (first) => first.toUpperCase()), meaning: line.meaning, count: line.count })));
    const shown = lines.filter((line) => line.count > 0);
    return section("coverage", "Coverage", "What became of every event and every recorded score of the range. Nothing is left out silently.",
      even(
        shown.length === 0 ? empty("Nothing was read.") : chart("Coverage", (p) => ({
          legend: { show: false },
          grid: { left: 12, right: 70, top: 8, bottom: 30, containLabel: true },
          xAxis: axis(p, "log", "events, logarithmic", { min: 0.5, axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => (value < 1 ? "" : count(value)) } }),
          yAxis: axis(p, "category", null, { inverse: true, data: shown.map((line) => line.what), axisLabel: { color: p.ink, fontSize: 12.5 } }),
          series: [{ type: "bar", barMaxWidth: 22, barMinHeight: 4, data: shown.map((line) => line.count), itemStyle: { color: p.mark }, label: { show: true, position: "right", color: p.ink, formatter: (at) => count(at.value) } }],
        })),
        table([
          ["What", (line) => line.what.replace(/ /g, "\u00a0"), "text"],
          ["Events", (line) => count(line.count)],
          ["Meaning", (line) => line.meaning, "text"],
        ], lines)),
      data.findings.length === 0 ? null : block("First findings (the file of --findings has all, with their events)", el("ul", { class: "findings mono" }, data.findings.map((line) => el("li", {}, line)))),
      data.incomplete.length === 0 ? null : block("Rows that could not be compared (" + data.incomplete.length + " of " + count(c.rows - c.compared) + ")", rowTable(data.incomplete)));
  }

  function rowTable(rows) {
    const logit = (value) => (missing(value) ? "none" : minus(String(value)));
    return table([
      ["Event", (row) => [row.event_id, el("div", { class: "fine mono" }, row.topic + "-" + row.partition + "@" + row.offset)], "long"],
      ["|Δlogit|", (row) => number(row.abs_logit)],
      [titled[0], (row) => [logit(row.baseline_logit), el("div", { class: "fine" }, "score " + number(row.baseline_score))]],
      [titled[1], (row) => [logit(row.candidate_logit), el("div", { class: "fine" }, "score " + number(row.candidate_score))]],
      ["Versions", (row) => [el("div", {}, row.baseline_version || none), row.candidate_version === row.baseline_version ? null : el("div", {}, "→\u00a0" + (row.candidate_version || none))], "text"],
      ["Label", (row) => number(row.label)],
      ["Features", (row) => (missing(row.features) ? none : el("details", { class: "event" }, el("summary", {}, row.features.length > 64 ? row.features.slice(0, 64) + "…" : row.features), el("pre", {}, row.features))), "long"],
    ], rows);
  }

  const decade = (value) => (value >= 0.01 && value <= 100 ? String(value) : value.toExponential(0).replace("+", "").replace("-", "−"));

  // The first bin has no limits: rows with the same bits on both sides.
  function binName(bin) {
    if (missing(bin.from)) return "same bits";
    if (bin.from === 0) return "below " + decade(bin.to);
    return missing(bin.to) ? decade(bin.from) + " or more" : decade(bin.from) + " to " + decade(bin.to);
  }

  const binTick = (name) => name.replace(/ to .*/, "").replace(" or more", "+").replace("below ", "<");

  function difference() {
    const d = data.difference;
    const lead = "Δ is " + names[1] + " minus " + names[0] + ", over the " + count(d.rows) + " rows with a finite logit on both sides.";
    if (d.rows === 0) return section("difference", "Score difference", lead, empty("No row has a score on both sides."));
    const measures = [["|Δlogit|", d.abs_logit], ["|Δscore|", d.abs_score]];
    const bins = d.abs_logit.histogram.map((bin, i) => ({ name: binName(bin), logit: bin.count, score: d.abs_score.histogram[i].count }));
    return section("difference", "Score difference", lead,
      pair(
        chart("Histogram of absolute differences", (p) => ({
          xAxis: axis(p, "category", "absolute difference", { data: bins.map((bin) => binTick(bin.name)), axisLabel: { color: p.quiet, fontSize: 11.5, interval: 0, rotate: 35 }, nameGap: 54 }),
          grid: { left: 12, right: 18, top: 44, bottom: 24, containLabel: true },
          yAxis: up(p, "rows, logarithmic", { type: "log", min: 0.5, axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => (value < 1 ? "" : count(value)) } }),
          series: [
            { name: "|Δlogit|", type: "bar", barGap: "0%", barMinHeight: 3, data: bins.map((bin) => bin.logit || null), itemStyle: { color: p.series[2] } },
            { name: "|Δscore|", type: "bar", barMinHeight: 3, data: bins.map((bin) => bin.score || null), itemStyle: { color: p.card, borderColor: p.series[3], borderWidth: 1.4 } },
          ],
        })),
        el("div", {},
          table([
            ["", ([name]) => name, "text"],
            ["Max", ([, facts]) => number(facts.max)],
            ["p99", ([, facts]) => number(facts.p99)],
            ["p50", ([, facts]) => number(facts.p50)],
            ["Mean", ([, facts]) => number(facts.mean)],
          ], measures),
          table([
            ["Difference", (bin) => bin.name, "text"],
            ["|Δlogit|", (bin) => count(bin.logit)],
            ["|Δscore|", (bin) => count(bin.score)],
          ], bins.filter((bin) => bin.logit || bin.score)),
          fine("p50 and p99: " + d.quantiles + "."))),
      half(
        block("Decisions that flip", table([
          ["Threshold", (flip) => "score ≥ " + number(flip.threshold), "text"],
          ["No → yes", (flip) => count(flip.up)],
          ["Yes → no", (flip) => count(flip.down)],
          ["Share", (flip) => percent(flip.share)],
        ], d.flips)),
        block("By version", table([
          ["Version", (line) => (line.baseline_version === line.candidate_version ? line.baseline_version : line.baseline_version + " → " + line.candidate_version), "text"],
          ["Rows", (line) => count(line.rows)],
          ["Same bits", (line) => percent(line.bit_identical / line.rows)],
          ["Max |Δlogit|", (line) => number(line.max_abs_logit)],
        ], d.by_version, { short: true }))),
      block(d.worst.length === 0 ? "Worst rows" : "The " + d.worst.length + " worst rows",
        d.worst.length === 0 ? empty("Every compared row is bit-identical, or none were to be listed.") : rowTable(d.worst)));
  }

  function noiseFloor() {
    const n = data.noise_floor;
    const lead = "The baseline against itself: one version scores the same events twice. Expected: 0, in every bit. A score difference smaller than this floor means nothing.";
    if (n.rows === 0) return section("noise-floor", "Noise floor", lead, empty("Not measured: no event was scored twice by one version."));
    return section("noise-floor", "Noise floor", lead,
      el("div", { class: "tiles" },
        tile("Max |Δlogit|", number(n.abs_logit.max), n.bit_identical === n.rows ? "✓ reproducible" : "✗ not reproducible"),
        tile("Bit-identical", percent(n.bit_identical_share), count(n.rows - n.bit_identical) + " differ"),
        tile("Rows scored twice", count(n.rows), "by the same version")));
  }

  function distributions() {
    const d = data.distributions;
    const lead = "All scores of each side. PSI: Σ (g − e) · ln(g / e) over quantile bins frozen on the " + names[0] + ", a share being (n + 0.5) / (N + 0.5 · bins), so that an empty bin counts too. KS: the largest distance between the cumulative distributions.";
    if (d.histogram.length === 0) return section("distributions", "Distributions", lead, empty("No row has a score on both sides."));
    const edge = (i) => fixed(3)(d.psi.edges[i]);
    const psi = d.psi.expected.map((expected, i) => ({
      name: i === 0 ? "below " + edge(0) : i === d.psi.edges.length ? edge(i - 1) + " or more" : edge(i - 1) + " to " + edge(i),
      expected: expected, got: d.psi.got[i],
    }));
    const total = (key) => psi.reduce((sum, bin) => sum + bin[key], 0);
    const expectedTotal = total("expected");
    const gotTotal = total("got");
    return section("distributions", "Distributions", lead,
      pair(
        chart("Histogram of logits", (p) => ({
          xAxis: axis(p, "category", "logit (outermost bars hold what lies beyond)", { data: d.histogram.map((bar) => minus(fixed(2)((bar.from + bar.to) / 2))) }),
          yAxis: up(p, "rows"),
          series: [
            { name: titled[0], type: "bar", barCategoryGap: "8%", data: d.histogram.map((bar) => bar.baseline), itemStyle: { color: p.sides[0], opacity: 0.5 } },
            Object.assign(sideLine(p, 1, d.histogram.map((bar) => bar.candidate)), { step: "middle", showSymbol: false, symbol: "none", lineStyle: { width: 2.2, color: p.sides[1] } }),
          ],
        })),
        table([
          ["", (q) => q.name, "text"],
          ["Logit, " + names[0], (q) => fixed(4)(q.baseline_logit)],
          [names[1], (q) => fixed(4)(q.candidate_logit)],
          ["Score, " + names[0], (q) => fixed(4)(q.baseline_score)],
          [names[1], (q) => fixed(4)(q.candidate_score)],
        ], d.quantiles)),
      pair(
        chart("Population stability by bin", (p) => ({
          xAxis: axis(p, "category", "bin of the " + names[0] + "'s logits, lowest first", { data: psi.map((bin, i) => String(i + 1)) }),
          yAxis: up(p, "share of rows", { axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => Math.round(100 * value) + "%" } }),
          series: [sideBar(p, 0, psi.map((bin) => bin.expected / expectedTotal)), sideBar(p, 1, psi.map((bin) => bin.got / gotTotal))],
        })),
        el("div", {},
          table([["", (row) => row[0], "text"], ["Value", (row) => row[1]], ["", (row) => row[2], "text"]], [
            ["PSI", number(d.psi.value), psiWord(d.psi.value)],
            ["KS", number(d.ks), d.method],
          ]),
          table([
            ["Bin", (bin) => bin.index],
            ["Logit", (bin) => bin.name, "text"],
            [titled[0], (bin) => percent(bin.expected / expectedTotal)],
            [titled[1], (bin) => percent(bin.got / gotTotal)],
          ], psi.map((bin, i) => Object.assign({ index: i + 1 }, bin))))));
  }

  function features() {
    const lead = "How often each feature was null or absent, or held a value that its vocabulary or table does not know; ids a bag. Rates are of the events.";
    if (data.features.length === 0) return section("features", "Features", lead, empty("No feature statistics were gathered."));
    const limit = 30;
    const shown = data.features.slice().sort((a, b) => b.null_rate + b.unknown_rate - a.null_rate - a.unknown_rate).slice(0, limit);
    const box = chart("Null and unknown rates", (p) => ({
      grid: { left: 12, right: 24, top: 34, bottom: 30, containLabel: true },
      xAxis: axis(p, "value", "share of events", { min: 0, axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => Number((100 * value).toFixed(3)) + "%" } }),
      yAxis: axis(p, "category", null, { inverse: true, data: shown.map((line) => line.feature), axisLabel: { color: p.ink, fontSize: 12, width: 130, overflow: "truncate", interval: 0 } }),
      series: [
        { name: "Null", type: "bar", barGap: "10%", data: shown.map((line) => line.null_rate || null), itemStyle: { color: p.series[2] } },
        { name: "Unknown", type: "bar", data: shown.map((line) => line.unknown_rate || null), itemStyle: { color: p.card, borderColor: p.series[3], borderWidth: 1.4 } },
      ],
    }));
    box.style.height = Math.max(200, 90 + 26 * shown.length) + "px";
    return section("features", "Features", lead,
      pair(
        el("div", {}, box, data.features.length > limit ? fine("The " + limit + " features with the highest rates; the table has all " + data.features.length + ".") : null),
        table([
          ["Feature", (line) => line.feature, "long"],
          ["Null", (line) => percent(line.null_rate)],
          ["Unknown", (line) => percent(line.unknown_rate)],
          ["Bag mean", (line) => number(line.bag_mean)],
          ["p50", (line) => number(line.bag_p50)],
          ["p99", (line) => number(line.bag_p99)],
          ["max", (line) => number(line.bag_max)],
        ], data.features)));
  }

  function labels() {
    const l = data.labels;
    const lead = "Quality where a label is known: the same rows on both sides.";
    const odd = l.not_binary > 0 ? fine(count(l.not_binary) + " rows have a label other than 0 or 1 and are left out.") : null;
    if (l.rows === 0) return section("labels", "Labels", lead, empty("No compared row has a label."), odd);
    const lines = [
      ["AUC", "auc", fixed(5), signed(5)],
      ["Logloss (nats)", "logloss", fixed(5), signed(5)],
      ["Normalised entropy", "normalised_entropy", fixed(5), signed(5)],
      ["Mean predicted", "mean_predicted", fixed(5), signed(5)],
      ["Predicted / actual", "predicted_to_actual", fixed(4), signed(4)],
      ["ECE, 15 equal widths", "ece_equal_width15", fixed(5), signed(5)],
      ["ECE, 20 equal widths", "ece_equal_width20", fixed(5), signed(5)],
      ["ECE, 20 equal masses", "ece_equal_mass20", fixed(5), signed(5)],
    ];
    const sides = [l.baseline, l.candidate];
    const most = Math.max(...sides.flatMap((side) => side.reliability.flatMap((bin) => [bin.mean_predicted, bin.rate])), 1e-6);
    const end = Math.min(1, niceAbove(most));
    const bins = sides.flatMap((side, i) => side.reliability.map((bin) => Object.assign({ side: titled[i] }, bin)));
    return section("labels", "Labels", lead,
      pair(
        chart("Reliability diagram", (p) => ({
          tooltip: { trigger: "item", renderMode: "richText", backgroundColor: p.card, borderColor: p.line, textStyle: { color: p.ink, fontSize: 12 }, formatter: (at) => at.seriesName + "\npredicted " + number(at.value[0]) + "\nactual " + number(at.value[1]) },
          grid: { left: 12, right: 24, top: 44, bottom: 34, containLabel: true },
          xAxis: axis(p, "value", "mean predicted score of the bin", { min: 0, max: end }),
          yAxis: up(p, "actual rate", { min: 0, max: end }),
          series: [
            { name: "Perfect", type: "line", data: [[0, 0], [end, end]], symbol: "none", lineStyle: { color: p.mark, width: 1.2, type: "dotted" }, itemStyle: { color: p.mark } },
            sideLine(p, 0, l.baseline.reliability.map((bin) => [bin.mean_predicted, bin.rate])),
            sideLine(p, 1, l.candidate.reliability.map((bin) => [bin.mean_predicted, bin.rate])),
          ],
        })),
        el("div", {},
          table([
            ["", ([name]) => name, "text"],
            [titled[0], ([, key, format]) => format(l.baseline[key])],
            [titled[1], ([, key, format]) => format(l.candidate[key])],
            ["Δ", ([, key, , delta]) => delta(l.delta[key])],
          ], lines),
          fine(count(l.rows) + " labelled rows: " + count(l.positives) + " positive (" + percent(l.rate) + "), " + count(l.negatives) + " negative. AUC: " + l.auc_method + ". Normalised entropy: logloss over the entropy of the rate (He et al. 2014); below 1 is better than predicting the rate. ECE: Σ n/N · |predicted − actual|."),
          odd)),
      el("details", {}, el("summary", {}, "Bins of the reliability diagram"),
        table([
          ["Side", (bin) => bin.side, "text"],
          ["Rows", (bin) => count(bin.count)],
          ["Mean predicted", (bin) => fixed(5)(bin.mean_predicted)],
          ["Actual rate", (bin) => fixed(5)(bin.rate)],
        ], bins)));
  }

  function niceAbove(value) {
    const power = Math.pow(10, Math.floor(Math.log10(value)));
    return Number(([1, 2, 2.5, 5, 10].find((step) => step * power >= value) * power).toPrecision(3));
  }

  function overTime() {
    const t = data.over_time;
    const lead = "By event time (UTC), in windows of " + duration(t.window_millis) + ". Vertical lines mark the window in which another version took over.";
    if (t.windows.length === 0) return section("over-time", "Over time", lead, empty("No row has a score on both sides."));
    const labelled = t.windows.some((window) => window.labelled > 0);
    const ticks = timeLabels(t.windows.map((window) => window.start));
    const marks = (p) => {
      const byWindow = new Map();
      t.refreshes.forEach((refresh) => {
        const at = t.windows.findIndex((window) => window.start === refresh.window_start);
        const versions = byWindow.get(at) || new Set();
        byWindow.set(at, versions.add(refresh.version));
      });
      return {
        silent: true, symbol: ["none", "none"], lineStyle: { color: p.mark, type: "dashed", width: 1 },
        label: { show: byWindow.size <= 6, color: p.quiet, fontSize: 11.5, position: "end", distance: 5, overflow: "truncate", width: 120 },
        data: [...byWindow].map(([at, versions]) => ({ xAxis: at, label: { formatter: [...versions].join(", ") } })),
      };
    };
    const lines = (title, unit, keys, low, plain) => block(title, chart(title + " over time", (p) => ({
      grid: { left: 12, right: 18, top: 60, bottom: 10, containLabel: true },
      xAxis: axis(p, "category", null, { data: ticks, boundaryGap: false }),
      yAxis: up(p, unit, { scale: true, min: plain ? 0 : undefined, axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => number(value) } }),
      series: keys.map((key, side) => sideLine(p, side, t.windows.map((window) => window[key]), side === 0 ? { markLine: marks(p) } : {})),
    }), low));
    const taken = new Map(t.refreshes.map((refresh) => [refresh.window_start, []]));
    t.refreshes.forEach((refresh) => taken.get(refresh.window_start).push(titled[refresh.side === "baseline" ? 0 : 1] + ": " + refresh.version));
    return section("over-time", "Over time", lead,
      labelled ? half(lines("AUC", "AUC", ["baseline_auc", "candidate_auc"]), lines("Logloss", "nats", ["baseline_logloss", "candidate_logloss"])) : empty("No compared row has a label: AUC and logloss are unknown."),
      half(
        lines("Mean score", "score", ["baseline_mean_score", "candidate_mean_score"], true),
        block("Rows", chart("Rows over time", (p) => ({
          legend: { show: false },
          grid: { left: 12, right: 18, top: 60, bottom: 10, containLabel: true },
          xAxis: axis(p, "category", null, { data: ticks }),
          yAxis: up(p, "rows"),
          series: [{ name: "Rows", type: "bar", data: t.windows.map((window) => window.rows), itemStyle: { color: p.mark }, markLine: marks(p) }],
        }), true))),
      block(null, table([
        ["Window", (window) => time(window.start), "time"],
        ["Rows", (window) => count(window.rows)],
        ["Same bits", (window) => percent(window.bit_identical_share)],
        ["Max |\u2060Δlogit|", (window) => number(window.max_abs_logit)],
        ["Score, " + names[0], (window) => fixed(4)(window.baseline_mean_score)],
        [names[1], (window) => fixed(4)(window.candidate_mean_score)],
        ["Labels", (window) => count(window.labelled)],
        ["AUC, " + names[0], (window) => fixed(4)(window.baseline_auc)],
        [names[1], (window) => fixed(4)(window.candidate_auc)],
        ["Logloss, " + names[0], (window) => fixed(4)(window.baseline_logloss)],
        [names[1], (window) => fixed(4)(window.candidate_logloss)],
        ["Version took over", (window) => (taken.get(window.start) || []).join(", "), "text"],
      ], t.windows, { short: true })));
  }

  function latency() {
    const lead = "Of the recorded run, by stage: waiting in the topic until read (queue), until its micro-batch was full (batch), until the score (score), until the broker had appended the score (sink). Readers of committed scores see it with the next checkpoint.";
    const known = data.latency.filter((stage) => stage.rows > 0);
    if (known.length === 0) return section("latency", "Latency", lead, empty("The recorded scores do not tell their latencies."));
    const sinkUnknown = data.latency.every((stage) => stage.stage !== "sink" || stage.rows === 0);
    const columns = [["p50", "p50"], ["p90", "p90"], ["p99", "p99"], ["p99.9", "p999"], ["max", "max"]];
    const symbols = ["circle", "diamond", "triangle", "rect", "emptyCircle"];
    const strokes = ["solid", [6, 4], [2, 3], [10, 4, 2, 4], "solid"];
    return section("latency", "Latency", lead,
      even(
        chart("Latency percentiles by stage", (p) => ({
          xAxis: axis(p, "category", "percentile", { data: columns.map(([name]) => name) }),
          yAxis: up(p, "ms, logarithmic", { type: "log", axisLabel: { color: p.quiet, fontSize: 11.5, formatter: (value) => number(value) } }),
          series: known.map((stage, i) => ({
            // A logarithm has no 0: what is below a microsecond is drawn as one.
            name: stage.stage, type: "line", data: columns.map(([, key]) => Math.max(0.001, stage[key])), symbol: symbols[i], symbolSize: 8,
            lineStyle: { width: 2, type: strokes[i], color: p.series[i] }, itemStyle: { color: p.series[i] },
          })),
        })),
        el("div", {},
          table([["Stage", (stage) => stage.stage, "text"]].concat(columns.map(([name, key]) => [name, (stage) => millis(stage[key])]), [
            ["Mean", (stage) => millis(stage.mean)],
            ["Rows", (stage) => count(stage.rows)],
            ["Unknown", (stage) => count(stage.unknown)],
          ]), data.latency),
          sinkUnknown ? fine("Sink, and so the total, is unknown: the score topic keeps the event's time as the record's timestamp. With message.timestamp.type=LogAppendTime on the score topic each score tells when it was appended.") : null,
          fine("Milliseconds, to three digits. Percentiles of stages do not add up to those of the total."))));
  }

  const sections = [header(), coverage(), difference(), noiseFloor(), distributions(), features(), labels(), overTime(), latency()];
  const contents = el("nav", { "aria-label": "Sections" }, sections.slice(1).map((one) => el("a", { href: "#" + one.id }, one.querySelector("h2").textContent)));
  document.getElementById("report").append(sections[0], contents, ...sections.slice(1));
  drawAll();

  let pending = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => charts.forEach((one) => one.drawn.resize()));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia("print").addEventListener("change", drawAll);
  document.documentElement.dataset.ready = "true";
})();
