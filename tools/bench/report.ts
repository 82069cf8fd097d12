/** The results as one HTML page that needs nothing else: charts, figures, method. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

import { html_text } from "../html.ts";
import { arms } from "./arms.ts";
import { LIMITS, MEANING, METHOD } from "./method.ts";
import { circumstances } from "./results.ts";
import type { Results } from "./results.ts";
import { figure_of, PERCENTILES, summary_of } from "./statistics.ts";
import type { Figure, Summary } from "./statistics.ts";
import { calls_text, notes_of, overview, short } from "./table.ts";
import { workloads } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

const colours = new Map(arms.map(({ name, colour }) => [name, colour]));

/** Three charts beside each other, of this width. */
const WIDTH = 360;
const LINES_HEIGHT = 280;

interface Bar extends Figure {
  readonly arm: string;
}

function svg(options: Plot.PlotOptions): string {
  const chart = Plot.plot({ document, ...options });
  return chart.outerHTML;
}

/** A bar for each arm, and a line from its worst round to its best. */
function bar_chart(bars: readonly Bar[], label: string): string {
  return svg({
    width: WIDTH,
    height: 40 + bars.length * 22,
    marginLeft: 100,
    marginRight: 50,
    x: { label, grid: true, nice: true },
    y: { label: null, domain: bars.map(({ arm }) => arm) },
    marks: [
      Plot.barX(bars, {
        y: "arm",
        x: "median",
        fill: (bar: Bar) => colours.get(bar.arm),
        inset: 2,
      }),
      Plot.ruleY(bars, { y: "arm", x1: "min", x2: "max", stroke: "currentColor" }),
      Plot.text(bars, {
        y: "arm",
        x: "max",
        text: (bar: Bar) => short(bar.median),
        textAnchor: "start",
        dx: 5,
      }),
      Plot.ruleX([0]),
    ],
  });
}

/** Latency by percentile, a line for each arm. */
function latency_chart(summaries: readonly (readonly [string, Summary])[]): string {
  const points = summaries.flatMap(([arm, { latency_us }]) =>
    PERCENTILES.map((one) => ({ arm, percentile: `p${one}`, us: latency_us[String(one)] })),
  );
  return svg({
    ...line_chart(
      points.map(({ us }) => us),
      "latency, us",
    ),
    width: WIDTH,
    x: { label: null, domain: PERCENTILES.map((one) => `p${one}`), type: "point" },
    marks: lines(points, "percentile"),
  });
}

/** CPU time among more and more idle connections, a line for each arm. */
function idle_chart(results: Results): string | null {
  const points = Object.entries(results.runs).flatMap(([name, by_arm]) => {
    const idle = /^idle-(\d+)$/.exec(name)?.[1];
    if (idle === undefined) return [];
    return Object.entries(by_arm).map(([arm, rounds]) => ({
      arm,
      idle,
      us: summary_of(rounds, false).cpu_us.median,
    }));
  });
  const idles = [...new Set(points.map(({ idle }) => idle))];
  if (idles.length < 2) return null;
  return svg({
    ...line_chart(
      points.map(({ us }) => us),
      "CPU time a message, us",
    ),
    width: 2 * WIDTH,
    x: { label: "idle connections", domain: idles, type: "point" },
    marks: lines(points, "idle"),
  });
}

/** What all charts with a line for each arm share. */
function line_chart(values: readonly number[], label: string): Plot.PlotOptions {
  const domain = [Math.min(...values), Math.max(...values)];
  const y: Plot.ScaleOptions = { label, type: "log", domain, grid: true };
  return { height: LINES_HEIGHT, marginLeft: 45, marginRight: 100, y: { ...y, tickFormat: "~s" } };
}

interface Point {
  readonly arm: string;
  readonly us: number;
}

function lines<P extends Point>(points: readonly P[], x: keyof P & string): Plot.Markish[] {
  const stroke = ({ arm }: Point) => colours.get(arm);
  return [
    Plot.line(points, { x, y: "us", z: "arm", stroke }),
    Plot.dot(points, { x, y: "us", fill: stroke, r: 2.5 }),
    Plot.text(apart(points), { x, y: "us", text: "arm", fill: stroke, textAnchor: "start", dx: 6 }),
  ];
}

/** The last point of each line, for its name, moved so that no name is written over another. */
function apart<P extends Point>(points: readonly P[]): P[] {
  const last = [...new Map(points.map((point) => [point.arm, point])).values()];
  const values = points.map(({ us }) => us);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // A factor, because the scale is logarithmic.
  const step = (most / least) ** (12 / (LINES_HEIGHT - 50));
  let next = 0;
  return last
    .toSorted((a, b) => a.us - b.us)
    .map((point) => {
      const us = Math.max(point.us, next);
      next = us * step;
      return Object.assign({}, point, { us });
    });
}

function figure_cell({ median, min, max }: Figure): string {
  return `<td>${short(median)} <small>${short(min)}–${short(max)}</small></td>`;
}

function details(workload: Workload, results: Results): string {
  const by_arm = results.runs[workload.name];
  const summaries = Object.entries(by_arm).map(
    ([arm, rounds]) => [arm, summary_of(rounds, "rate" in workload.options)] as const,
  );
  const rows = summaries.map(([arm, summary]) => {
    const figures = [summary.throughput, summary.cpu_us, summary.server_share, summary.load_share];
    const latencies = PERCENTILES.map(
      (one) => `<td>${short(summary.latency_us[String(one)])}</td>`,
    );
    const name = `${html_text(arm)}${summary.is_load_bound ? " &gt;" : ""}`;
    return `<tr><th>${name}</th>${figures.map(figure_cell).join("")}${latencies.join("")}</tr>`;
  });
  const heads = ["", "messages/s", "CPU us a message", "server's CPU share", "load's CPU share"];
  heads.push(...PERCENTILES.map((one) => `p${one}, us`));
  const notes = notes_of(workload, results).map((note) => `<p>${html_text(note)}</p>`);
  return `<details><summary>Figures: median, and best and worst round</summary>
<div class="wide"><table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>
${rows.join("\n")}</table></div>
${notes.join("")}</details>`;
}

function section(workload: Workload, results: Results): string {
  const by_arm = results.runs[workload.name] ?? {};
  if (Object.keys(by_arm).length === 0) return "";
  const summaries = Object.entries(by_arm).map(
    ([arm, rounds]) => [arm, summary_of(rounds, "rate" in workload.options)] as const,
  );
  const bars = (figure: "cpu_us" | "throughput") =>
    summaries.map(([arm, summary]) => ({ arm, ...summary[figure] }));
  return `<section id="${workload.name}"><h2>${workload.name}</h2>
<p>${html_text(workload.about)}</p>
<div class="charts">
<figure><figcaption>Server CPU time per message: less is better</figcaption>
${bar_chart(bars("cpu_us"), "us")}</figure>
<figure><figcaption>Messages per second: more is better</figcaption>
${bar_chart(bars("throughput"), "messages/s")}</figure>
<figure><figcaption>Latency</figcaption>${latency_chart(summaries)}</figure>
</div>
${details(workload, results)}</section>`;
}

function overview_section(results: Results): string {
  const { heads, rows } = overview(results);
  const body = rows.map(([workload, ...cells]) => {
    const link = `<th><a href="#${workload}">${workload}</a></th>`;
    return `<tr>${link}${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<section><h2>Server CPU time per message, in microseconds</h2>
<div class="wide"><table><tr>${heads.map((head) => `<th>${html_text(head)}</th>`).join("")}</tr>
${body.join("\n")}</table></div></section>`;
}

function calls_section(results: Results): string {
  const parts = Object.entries(results.system_calls).map(([workload, by_arm]) => {
    const rows = Object.entries(by_arm).map(([arm, calls]) => {
      const collection = results.collection_ms[workload]?.[arm];
      const ms = collection === undefined ? "" : collection.toFixed(1);
      return `<tr><th>${html_text(arm)}</th><td class="text">${calls_text(calls)}</td><td>${ms}</td></tr>`;
    });
    return `<table><caption>${workload}</caption>
<tr><th></th><th>system calls per message</th><th>garbage collection, ms per second</th></tr>
${rows.join("\n")}</table>`;
  });
  return parts.length === 0 ? "" : `<section><h2>System calls</h2>${parts.join("\n")}</section>`;
}

function bars_of(values: Readonly<Record<string, readonly number[]>>): Bar[] {
  return Object.entries(values).map(([arm, all]) => {
    const { median, min, max } = figure_of(all);
    return { arm, median, min, max };
  });
}

function single_section(results: Results): string {
  if (Object.keys(results.start_ms).length === 0) return "";
  return `<section><h2>Memory and start-up</h2><div class="charts">
<figure><figcaption>Memory per idle connection, of 10,000</figcaption>
${bar_chart(bars_of(results.connection_bytes), "bytes")}</figure>
<figure><figcaption>From start to listening</figcaption>
${bar_chart(bars_of(results.start_ms), "ms")}</figure></div></section>`;
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1130px; margin: 2rem auto; padding: 0 1rem;
  color: light-dark(#1d2126, #e4e6e9); background: light-dark(#fff, #15181c); }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; }
figcaption { font-size: 0.85rem; opacity: 0.8; }
svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 0.5rem 0; }
td { text-align: right; white-space: nowrap; padding: 0.15rem 0.6rem; font-variant-numeric: tabular-nums; }
td.text { text-align: left; white-space: normal; }
th { text-align: left; white-space: nowrap; padding: 0.15rem 0.6rem; } small { opacity: 0.65; }
tr + tr { border-top: 1px solid light-dark(#ddd, #333a42); }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }`;

export function report(results: Results): string {
  const measured = workloads.filter(({ name }) => Object.keys(results.runs[name] ?? {}).length > 0);
  const rows = arms.map(({ name, about }) => {
    const version = results.versions[name] ?? "not installed";
    return `<tr><th>${name}</th><td class="text">${html_text(about)}</td><td class="text">${html_text(version)}</td></tr>`;
  });
  const idle = idle_chart(results);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>iomux: what a message costs</title><style>${STYLE}</style></head><body>
<h1>What a message costs</h1>
<p>${html_text(circumstances(results))}</p>
<p>${html_text(MEANING)}</p>
<section><h2>What is measured</h2><div class="wide"><table>${rows.join("\n")}</table></div></section>
${overview_section(results)}
${idle === null ? "" : `<section><h2>Ten busy connections among idle ones</h2><figure>${idle}</figure></section>`}
${measured.map((workload) => section(workload, results)).join("\n")}
${calls_section(results)}
${single_section(results)}
<section><h2>Method</h2><ul>${METHOD.map((one) => `<li>${html_text(one)}</li>`).join("")}</ul>
<h2>Limits</h2><ul>${LIMITS.map((one) => `<li>${html_text(one)}</li>`).join("")}</ul></section>
</body></html>
`;
}
