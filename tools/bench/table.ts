/** The results in a terminal of 80 columns. */
import Table from "cli-table3";

import { colors_for } from "../colors.ts";
import type { Measured } from "./measure.ts";
import type { Change, Results } from "./results.ts";
import {
  cpu_us,
  figure_of,
  is_load_bound,
  is_settled,
  ratio_of,
  summary_of,
  throughput,
  WIDEST,
} from "./statistics.ts";
import type { Ratio } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

const colors = colors_for(process.stdout);

/** No lines at all, by cli-table3's names for their parts. */
const PLAIN = Object.fromEntries([
  ...["top", "bottom", "left", "right", "mid"].flatMap((side) => [
    [side, ""],
    [`${side}-mid`, ""],
  ]),
  ...["top-left", "top-right", "bottom-left", "bottom-right"].map((corner) => [corner, ""]),
  ["middle", ""],
]) as Record<string, string>;

/** Columns as wide as their content, with figures right-aligned; with `widths`, wrapped text. */
function new_table(
  heads: readonly string[],
  widths?: readonly number[],
): InstanceType<typeof Table> {
  const is_text = widths !== undefined;
  return new Table({
    head: [...heads],
    chars: PLAIN,
    colAligns: heads.map((_, index) => (is_text || index === 0 ? "left" : "right")),
    colWidths: [...(widths ?? [])],
    wordWrap: is_text,
    style: {
      border: [],
      head: colors.isColorSupported ? ["bold"] : [],
      "padding-left": 0,
      "padding-right": 1,
    },
  });
}

/** Three significant digits. */
export function short(number: number): string {
  return number >= 1000 ? grouped(number) : String(+number.toPrecision(3));
}

export function grouped(number: number): string {
  return Math.round(number).toLocaleString("en");
}

/** The heads of the columns of `rows_of`. */
export function heads_of(percentiles: readonly string[]): readonly string[] {
  const heads = ["", "messages/s", "x C", "x net", "CPU us", "over C", "CPU x C"];
  return [...heads, ...percentiles.map((one) => `p${one} us`)];
}

/** A row for each arm, as text, with the latencies of these percentiles. */
export function rows_of(
  { name, options }: Workload,
  results: Results,
  percentiles: readonly string[],
): readonly string[][] {
  const runs = results.runs[name] ?? {};
  const is_bound = (arm: string) => is_load_bound(runs[arm], "rate" in options);
  return Object.entries(runs).map(([arm, rounds]) => {
    const summary = summary_of(rounds, "rate" in options);
    const by = (other: string) => {
      if (runs[other] === undefined) return "";
      if (is_bound(arm) || is_bound(other)) return "?";
      return ratio_of(rounds, runs[other], throughput).mean.toFixed(2);
    };
    const cpu = summary.cpu_us.mean;
    const c = runs.c === undefined ? null : figure_of(runs.c.map(cpu_us)).mean;
    const row = [
      arm,
      `${summary.is_load_bound ? ">" : ""}${grouped(summary.throughput.mean)}`,
      by("c"),
      by("net"),
      cpu.toFixed(2),
      c === null ? "" : (cpu - c).toFixed(2),
      c === null ? "" : ratio_text(ratio_of(rounds, runs.c, cpu_us)),
    ];
    return row.concat(percentiles.map((one) => grouped(summary.latency_us[one])));
  });
}

/** "1.23 1.20–1.26": a ratio, and where it is with 95 %; "~" before one that is not settled. */
function ratio_text(ratio: Ratio): string {
  const mean = ratio.mean.toFixed(2);
  if (ratio.interval === null || ratio.min === ratio.max) return mean;
  const [low, high] = ratio.interval.map((end) => end.toFixed(2));
  return `${is_settled(ratio) ? "" : "~"}${mean} ${low}–${high}`;
}

/** The arms of a workload whose CPU time beside C's is not settled; none before there are enough rounds. */
export function unsettled(runs: Readonly<Record<string, readonly Measured[]>>): string[] {
  return Object.entries(runs).flatMap(([arm, rounds]) => {
    if (runs.c === undefined) return [];
    const ratio = ratio_of(rounds, runs.c, cpu_us);
    return ratio.interval === null || is_settled(ratio) ? [] : [arm];
  });
}

/** CPU time of a message in microseconds: a row for each workload, a column for each arm. */
export function overview(results: Results): { heads: readonly string[]; rows: string[][] } {
  const runs = Object.entries(results.runs);
  const measured = new Set(runs.flatMap(([, by_arm]) => Object.keys(by_arm)));
  const names = Object.keys(results.versions).filter((arm) => measured.has(arm));
  const rows = runs.map(([workload, by_arm]) => {
    const cells = names.map((arm) => {
      return by_arm[arm] === undefined ? "" : short(figure_of(by_arm[arm].map(cpu_us)).mean);
    });
    return [workload].concat(cells);
  });
  return { heads: ["us"].concat(names), rows };
}

/** Why an arm has no figures, or no ratios. */
export function notes_of({ name, options }: Workload, results: Results): readonly string[] {
  const notes = Object.entries({ ...results.failures[name] }).map(([arm, why]) => `${arm}: ${why}`);
  const runs = Object.entries(results.runs[name] ?? {});
  const bound = runs.filter(([, rounds]) => is_load_bound(rounds, "rate" in options));
  if (bound.length > 0) {
    const arms = bound.map(([arm]) => arm).join(", ");
    notes.push(`>: the load was busier than ${arms}, so its messages/s have no ratio`);
  }
  const open = unsettled(results.runs[name] ?? {});
  if (open.length > 0) {
    const count = results.runs[name].c.length;
    const what = `not settled after ${count} rounds (wider than ±${WIDEST * 100} %)`;
    notes.push(`~: ${what}: ${open.join(", ")}`);
  }
  return notes;
}

/** One workload in the terminal. */
export function workload_table(workload: Workload, results: Results): string {
  const percentiles = ["99"];
  const table = new_table(heads_of(percentiles));
  table.push(...rows_of(workload, results, percentiles));
  const notes = notes_of(workload, results).map((note) => `${colors.dim(note)}\n`);
  const title = `${colors.bold(workload.name)}: ${workload.about}`;
  return `${title}\n${table.toString()}\n${notes.join("")}`;
}

/** System calls made at least `least` times a message, the most frequent first. */
export function calls_text(calls: Readonly<Record<string, number>>, least: number = 0): string {
  const often = Object.entries(calls).filter(([, each]) => each >= least);
  const most = often.toSorted(([, a], [, b]) => b - a);
  return most.map(([name, each]) => `${name} ${each.toFixed(2)}`).join(", ");
}

/** Instructions in user mode: a table for each workload, a row for each arm. */
export function instruction_tables(
  results: Results,
): { heads: readonly string[]; rows: string[][] }[] {
  return Object.entries(results.instructions).map(([workload, by_arm]) => ({
    heads: [workload, "instructions per message", "over C"],
    rows: Object.entries(by_arm).map(([arm, each]) => {
      const over = arm === "c" || by_arm.c === undefined ? "" : grouped(each - by_arm.c);
      return [arm, grouped(each), over];
    }),
  }));
}

/** What was measured in separate runs. */
export function inspection_tables(results: Results): string {
  const parts: string[] = [];
  for (const [workload, by_arm] of Object.entries(results.system_calls)) {
    const table = new_table([workload, "system calls per message"], [18, 61]);
    for (const [arm, calls] of Object.entries(by_arm)) {
      // The report also has the rare ones.
      table.push([arm, calls_text(calls, 0.1)]);
    }
    parts.push(table.toString());
  }
  for (const { heads, rows } of instruction_tables(results)) {
    const table = new_table(heads);
    table.push(...rows);
    parts.push(table.toString());
  }
  const single = new_table(["", "bytes per connection", "start-up ms"]);
  for (const arm of Object.keys(results.start_ms)) {
    const bytes = results.connection_bytes[arm];
    single.push([
      arm,
      bytes === undefined ? "" : grouped(figure_of(bytes).mean),
      grouped(figure_of(results.start_ms[arm]).mean),
    ]);
  }
  if (single.length > 0) parts.push(single.toString());
  return parts.join("\n\n");
}

export function change_table(changes: readonly Change[]): string {
  const table = new_table(["", "", "before", "after", "change"]);
  for (const { workload, arm, figure, before, after, is_beyond_noise } of changes) {
    const change = `${after >= before ? "+" : ""}${((after / before - 1) * 100).toFixed(1)} %`;
    const is_better = figure.startsWith("CPU") ? after < before : after > before;
    const paint = is_better ? colors.green : colors.red;
    const row = [`${workload}, ${arm}`, figure, short(before), short(after)];
    table.push([...row, is_beyond_noise ? paint(change) : colors.dim(`${change} (noise)`)]);
  }
  return table.toString();
}
