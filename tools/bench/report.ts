/** The results as one HTML page that needs nothing else: charts, figures, method. */
import { html_text } from "../html.ts";
import { arms } from "./arms.ts";
import { bar_chart, bars_of, idle_chart, latency_chart } from "./charts.ts";
import { LIMITS, MEANING, METHOD } from "./method.ts";
import { circumstances } from "./results.ts";
import type { Results } from "./results.ts";
import { PERCENTILES, summary_of } from "./statistics.ts";
import type { Figure } from "./statistics.ts";
import { calls_text, instruction_tables, notes_of, overview, short } from "./table.ts";
import { workloads } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

function figure_cell({ mean, min, max }: Figure): string {
  return `<td>${short(mean)} <small>${short(min)}–${short(max)}</small></td>`;
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
  return `<details><summary>Figures: geometric mean, and best and worst round</summary>
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

function instructions_section(results: Results): string {
  const parts = instruction_tables(results).map(({ heads, rows }) => {
    const head = heads.map((text) => `<th>${text}</th>`).join("");
    const body = rows.map(([arm, ...cells]) => {
      return `<tr><th>${html_text(arm)}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
    });
    return `<table><tr>${head}</tr>\n${body.join("\n")}</table>`;
  });
  return parts.length === 0
    ? ""
    : `<section><h2>Instructions in user mode</h2>${parts.join("\n")}</section>`;
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
${instructions_section(results)}
${single_section(results)}
<section><h2>Method</h2><ul>${METHOD.map((one) => `<li>${html_text(one)}</li>`).join("")}</ul>
<h2>Limits</h2><ul>${LIMITS.map((one) => `<li>${html_text(one)}</li>`).join("")}</ul></section>
</body></html>
`;
}
