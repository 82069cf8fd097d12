/** The results in a terminal of 80 columns. */
import Table from "cli-table3";
import pc from "picocolors";

import type { Change, Results } from "./results.ts";
import { cpu_us, figure_of, ratio_of, summary_of, throughput } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** No lines at all: cli-table3's names of their parts. */
const PLAIN = Object.fromEntries([
  ...["top", "bottom", "left", "right", "mid"].flatMap((side) => [
    [side, ""],
    [`${side}-mid`, ""],
  ]),
  ...["top-left", "top-right", "bottom-left", "bottom-right"].map((corner) => [corner, ""]),
  ["middle", " "],
]) as Record<string, string>;

function new_table(heads: readonly string[]): InstanceType<typeof Table> {
  return new Table({
    head: [...heads],
    chars: PLAIN,
    colAligns: heads.map((_, index) => (index === 0 ? "left" : "right")),
    style: {
      border: [],
      head: pc.isColorSupported ? ["bold"] : [],
      "padding-left": 0,
      "padding-right": 1,
    },
  });
}

export function grouped(number: number): string {
  return Math.round(number).toLocaleString("en");
}

export const HEADS: readonly string[] = ",messages/s,x C,x net,CPU us,over C,p50 us,p99 us".split(
  ",",
);

/** A row for each arm, as text: with `HEADS` above, and more percentiles behind where asked for. */
export function rows_of(
  workload: Workload,
  results: Results,
  percentiles: readonly string[] = ["50", "99"],
): readonly string[][] {
  const runs = results.runs[workload.name] ?? {};
  return Object.entries(runs).map(([arm, rounds]) => {
    const summary = summary_of(rounds, "rate" in workload.options);
    const by = (other: string) =>
      runs[other] === undefined ? "" : ratio_of(rounds, runs[other], throughput).median.toFixed(2);
    const over_c =
      runs.c === undefined ? "" : difference(rounds.map(cpu_us), runs.c.map(cpu_us)).toFixed(2);
    const latencies = percentiles.map((one) => grouped(summary.latency_us[one]));
    const rate = `${summary.is_load_bound ? ">" : ""}${grouped(summary.throughput.median)}`;
    return [arm, rate, by("c"), by("net"), summary.cpu_us.median.toFixed(2), over_c].concat(
      latencies,
    );
  });
}

/** Why an arm has no figures. */
export function notes_of(workload: Workload, results: Results): readonly string[] {
  const failures = Object.entries({ ...results.failures[workload.name] });
  return failures.map(([arm, why]) => `${arm}: ${why}`);
}

/** One workload in the terminal. */
export function workload_table(workload: Workload, results: Results): string {
  const table = new_table(HEADS);
  table.push(...rows_of(workload, results));
  const notes = notes_of(workload, results).map((note) => `${pc.dim(note)}\n`);
  const title = `${pc.bold(workload.name)}: ${workload.about}`;
  return `${title}\n${table.toString()}\n${notes.join("")}`;
}

/** The median of the differences, round by round. */
export function difference(ours: readonly number[], theirs: readonly number[]): number {
  return figure_of(ours.slice(0, theirs.length).map((one, index) => one - theirs[index])).median;
}

/** What was measured in runs of its own. */
export function inspection_tables(results: Results): string {
  const parts: string[] = [];
  for (const [workload, by_arm] of Object.entries(results.system_calls)) {
    const table = new_table([workload, "system calls a message"]);
    for (const [arm, calls] of Object.entries(by_arm)) {
      // What is seldom made is in the report.
      const often = Object.entries(calls).filter(([, each]) => each >= 0.1);
      const most = often.toSorted(([, a], [, b]) => b - a);
      table.push([arm, most.map(([name, each]) => `${name} ${each.toFixed(2)}`).join(", ")]);
    }
    parts.push(table.toString());
  }
  const single = new_table(["", "bytes a connection", "start-up ms"]);
  for (const arm of Object.keys(results.start_ms)) {
    const bytes = results.connection_bytes[arm];
    single.push([
      arm,
      bytes === undefined ? "" : grouped(figure_of(bytes).median),
      grouped(figure_of(results.start_ms[arm]).median),
    ]);
  }
  if (single.length > 0) parts.push(single.toString());
  return parts.join("\n\n");
}

export function change_table(changes: readonly Change[]): string {
  const table = new_table(["", "", "", "before", "after", "change"]);
  for (const { workload, arm, figure, before, after, is_beyond_noise } of changes) {
    const change = `${after >= before ? "+" : ""}${((after / before - 1) * 100).toFixed(1)} %`;
    const is_better = figure === "CPU us" ? after < before : after > before;
    const paint = is_better ? pc.green : pc.red;
    const row = [workload, arm, figure, before.toPrecision(4), after.toPrecision(4)];
    table.push([...row, is_beyond_noise ? paint(change) : pc.dim(`${change} (noise)`)]);
  }
  return table.toString();
}
