/**
 * Measures the same program on iomux, on Node's net, in Python, and, as the limit, in C: many
 * workloads, each arm in a separate process, in turn.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { step } from "../progress.ts";
import { folded } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { arms, compiled, on_workers } from "./arms.ts";
import type { Arm } from "./arms.ts";
import { build } from "./build.ts";
import {
  collection_time,
  has_strace,
  memory_per_connection,
  start_up,
  system_calls,
} from "./inspect.ts";
import { has_valgrind, instructions } from "./instructions.ts";
import { measure } from "./measure.ts";
import { too_few } from "./method.ts";
import { page } from "./page.ts";
import { compare, new_results, read_results, save } from "./results.ts";
import type { Results } from "./results.ts";
import { ENOUGH_ROUNDS } from "./statistics.ts";
import { change_table, inspection_tables, unsettled, workload_table } from "./table.ts";
import { workloads } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

export interface BenchOptions {
  readonly quick?: true;
  readonly only?: readonly string[];
  readonly arms?: readonly string[];
  readonly workers?: number;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly warmup?: number;
  readonly compare?: string;
  readonly output: string;
  readonly page?: string;
  readonly inspect: boolean;
  readonly instructions?: true;
  readonly list?: true;
}

const QUICK_ARMS = ["c", "iomux", "iomux recv_into", "net", "python"];
/** How long an arm is measured in a round, and warmed up before. */
const SECONDS = 0.5;
const IDLE_CONNECTIONS = 10_000;
/** Memory and start-up hardly differ between rounds. */
const INSPECTION_ROUNDS = 3;
/** A workload whose figures are not settled is measured again, at most so many times as often. */
const MOST_ROUNDS = 2;

/** The same for what may fail: the other figures are useful without it. */
async function attempt(text: string, work: () => Promise<void>): Promise<void> {
  try {
    await step(text, work);
  } catch (error) {
    console.error(`bench: ${text}: ${(error as Error).message.trim()}`);
  }
}

/** All but those that are measured only when named. */
function usual_arms(): string[] {
  return arms.filter(({ by_name }) => by_name !== true).map(({ name }) => name);
}

function chosen(options: BenchOptions): { arms: readonly Arm[]; workloads: readonly Workload[] } {
  const names = options.arms ?? (options.quick ? QUICK_ARMS : usual_arms());
  const known = names.map(
    (name) => arms.find((arm) => arm.name === name) ?? fail(`Unknown arm "${name}": see --list.`),
  );
  const workers = options.workers === undefined ? [] : [on_workers(options.workers)];
  const some_arms = known.filter(({ name }) => name !== workers[0]?.name).concat(workers);
  const patterns = options.only?.map((pattern) => new RegExp(pattern));
  const some_workloads = workloads.filter(({ name, is_quick }) => {
    if (patterns !== undefined) return patterns.some((pattern) => pattern.test(name));
    return !options.quick || is_quick;
  });
  if (some_workloads.length === 0) fail("No workload matches: see --list.");
  return { arms: some_arms, workloads: some_workloads };
}

/** The arms that can do it; the results say why the others cannot. */
function able(workload: Workload, all: readonly Arm[], results: Results): readonly Arm[] {
  const failures = (results.failures[workload.name] ??= {});
  return all.filter((arm) => {
    if (arm.programs[workload.mode] === undefined) return false;
    const why =
      results.versions[arm.name] === null ? "not installed, skipped" : workload.without?.[arm.name];
    if (why !== undefined) failures[arm.name] = why;
    return why === undefined;
  });
}

async function run_rounds(
  workload: Workload,
  all: readonly Arm[],
  results: Results,
  warmup: number,
) {
  const runs = (results.runs[workload.name] = {}) as Results["runs"][string];
  const able_arms = able(workload, all, results);
  for (const { name } of able_arms) runs[name] = [];
  const another = (round: number): boolean => {
    if (round < results.rounds) return true;
    return round < MOST_ROUNDS * results.rounds && unsettled(runs).length > 0;
  };
  for (let round = 0; another(round); round++) {
    // Each round begins with another arm: whatever else the machine does affects all alike.
    for (let turn = 0; turn < able_arms.length; turn++) {
      const arm = able_arms[(turn + round) % able_arms.length];
      // An arm that has failed is left out: its rounds would not match the others'.
      if (runs[arm.name] === undefined) continue;
      const why = round < results.rounds ? `of ${results.rounds}` : "(not settled yet)";
      const text = `${workload.name}, round ${round + 1} ${why}: ${arm.name}`;
      try {
        const times = { seconds: results.seconds, warmup };
        runs[arm.name].push(await step(text, () => measure(workload, arm, times)));
      } catch (error) {
        results.failures[workload.name][arm.name] = (error as Error).message.split("\n")[0];
        delete runs[arm.name];
      }
    }
  }
}

async function inspect(
  some: readonly Workload[],
  all: readonly Arm[],
  results: Results,
  rounds: number,
) {
  const there = all.filter((arm) => results.versions[arm.name] !== null);
  for (const workload of has_strace() ? some : []) {
    const calls = (results.system_calls[workload.name] = {}) as Results["system_calls"][string];
    const collection = (results.collection_ms[workload.name] = {}) as Record<string, number>;
    for (const arm of able(workload, there, results)) {
      const text = `${workload.name}, system calls and garbage collection: ${arm.name}`;
      await attempt(text, async () => {
        calls[arm.name] = await system_calls(workload, arm);
        if (arm.is_node) collection[arm.name] = await collection_time(workload, arm);
      });
    }
  }
  for (const arm of there.filter(({ programs }) => programs.echo !== undefined)) {
    results.start_ms[arm.name] = [];
    if (arm.name !== "iomux select") results.connection_bytes[arm.name] = [];
    for (let round = 0; round < rounds; round++) {
      await attempt(`start-up and memory: ${arm.name}`, async () => {
        results.start_ms[arm.name].push(await start_up(arm));
        results.connection_bytes[arm.name]?.push(
          await memory_per_connection(arm, IDLE_CONNECTIONS),
        );
      });
    }
  }
}

async function count_instructions(
  some: readonly Workload[],
  all: readonly Arm[],
  results: Results,
) {
  for (const workload of some) {
    const counts = (results.instructions[workload.name] = {}) as Record<string, number>;
    for (const arm of able(workload, all, results)) {
      await attempt(`${workload.name}, instructions: ${arm.name}`, async () => {
        counts[arm.name] = await instructions(workload, arm);
      });
    }
  }
}

/** Measures what the options choose, prints tables and saves all rounds. Throws UsageError. */
export async function bench(options: BenchOptions): Promise<void> {
  const some = chosen(options);
  if (options.instructions && !has_valgrind())
    fail("--instructions needs valgrind: install it (on Debian and Ubuntu: apt install valgrind).");
  const older = options.compare === undefined ? null : read_results(options.compare);
  await step("building", () => build(compiled(some.arms)));
  const results = new_results(
    options.seconds ?? SECONDS,
    options.rounds ?? (options.quick ? 2 : 9),
  );
  for (const { name } of some.arms) {
    if (results.versions[name] === null) console.error(`bench: ${name} is not installed: skipped`);
  }
  for (const workload of some.workloads) {
    await run_rounds(workload, some.arms, results, options.warmup ?? SECONDS);
    console.log(workload_table(workload, results));
  }
  if (options.inspect) {
    const of_interest = some.workloads.filter(({ is_quick }) => is_quick);
    const inspected = options.quick ? of_interest.slice(0, 1) : of_interest;
    await inspect(inspected, some.arms, results, options.quick ? 1 : INSPECTION_ROUNDS);
  }
  if (options.instructions) await count_instructions(some.workloads, some.arms, results);
  if (options.inspect || options.instructions) console.log(inspection_tables(results));
  if (results.rounds < ENOUGH_ROUNDS)
    console.log(`\n${folded(too_few(results.rounds), process.stdout)}`);
  const path = save(results, options.output);
  console.log(`\nAll rounds: ${path}\nReport:     ${await charted(results, path)}`);
  if (options.page !== undefined) await write_page(results, options.page);
  if (older !== null) {
    console.log(`\nSince ${options.compare}:\n`);
    console.log(change_table(compare(older, results)));
  }
}

/** What draws charts; null where the libraries for it are not installed. */
async function drawing(): Promise<{
  readonly report: (results: Results) => string;
  readonly files_of: (results: Results) => ReadonlyMap<string, string>;
} | null> {
  try {
    const [{ report }, { files_of }] = await Promise.all([
      import("./report.ts"),
      import("./charts.ts"),
    ]);
    return { report, files_of };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

/** Writes the report beside the results, and returns its name; or says what it needs. */
async function charted(results: Results, path: string): Promise<string> {
  const draws = await drawing();
  if (draws === null) return "none: for charts, npm install @observablehq/plot linkedom";
  const html = path.replace(/json$/, "html");
  writeFileSync(html, draws.report(results));
  return html;
}

/** Writes the results as a page of Markdown, and its charts into a folder beside it, of the same name. */
async function write_page(results: Results, path: string): Promise<void> {
  const folder = path.replace(/\.md$/, "");
  const draws = folder === path ? null : await drawing();
  if (draws !== null) {
    mkdirSync(folder, { recursive: true });
    for (const [name, chart] of draws.files_of(results)) {
      writeFileSync(join(folder, `${name}.svg`), chart);
    }
  }
  const charts = draws === null ? null : basename(folder);
  writeFileSync(path, page(results, process.argv.slice(3), charts));
}

function fail(message: string): never {
  throw new UsageError(message);
}

/** Prints what can be measured. */
export function list(): void {
  for (const { name, about } of arms) console.log(`${name.padEnd(22)} ${about}`);
  console.log();
  for (const { name, about } of workloads) console.log(`${name.padEnd(22)} ${about}`);
}
