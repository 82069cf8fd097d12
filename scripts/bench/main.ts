/**
 * Measures the same program on iomux, on Node's net, in Python, and, as the limit, in C: many
 * workloads, each arm in a separate process, in turn.
 *
 * Usage: npm run bench -- [options]
 */
import { writeFileSync } from "node:fs";

import { Command, InvalidArgumentError } from "commander";
import ora from "ora";

import { arms, bundled } from "./arms.ts";
import type { Arm } from "./arms.ts";
import { build, fail } from "./build.ts";
import {
  collection_time,
  has_strace,
  memory_per_connection,
  start_up,
  system_calls,
} from "./inspect.ts";
import { measure } from "./measure.ts";
import { page } from "./page.ts";
import { report } from "./report.ts";
import { compare, new_results, read_results, save } from "./results.ts";
import type { Results } from "./results.ts";
import { change_table, inspection_tables, workload_table } from "./table.ts";
import { workloads } from "./workloads.ts";
import type { Workload } from "./workloads.ts";

interface Options {
  readonly quick?: true;
  readonly only?: readonly string[];
  readonly arms?: readonly string[];
  readonly rounds?: number;
  readonly seconds?: number;
  readonly warmup?: number;
  readonly compare?: string;
  readonly output: string;
  readonly page?: string;
  readonly inspect: boolean;
}

const QUICK_ARMS = ["c", "iomux", "iomux recv_into", "net", "python"];
const IDLE_CONNECTIONS = 10_000;
const progress = ora({ stream: process.stderr });

/** Does something while the terminal says what. */
async function step<T>(text: string, work: () => Promise<T>): Promise<T> {
  if (process.stderr.isTTY) progress.start(text);
  else process.stderr.write(`${text}\n`);
  try {
    return await work();
  } finally {
    progress.stop();
  }
}

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

function chosen(options: Options): { arms: readonly Arm[]; workloads: readonly Workload[] } {
  const names = options.arms ?? (options.quick ? QUICK_ARMS : usual_arms());
  const some_arms = names.map(
    (name) => arms.find((arm) => arm.name === name) ?? fail(`unknown arm "${name}": see --list`),
  );
  const patterns = options.only?.map((pattern) => new RegExp(pattern));
  const some_workloads = workloads.filter(({ name, is_quick }) => {
    if (patterns !== undefined) return patterns.some((pattern) => pattern.test(name));
    return !options.quick || is_quick;
  });
  if (some_workloads.length === 0) fail("no workload matches: see --list");
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
  for (let round = 0; round < results.rounds; round++) {
    // Each round begins with another arm: whatever else the machine does affects all alike.
    for (let turn = 0; turn < able_arms.length; turn++) {
      const arm = able_arms[(turn + round) % able_arms.length];
      // An arm that has failed is left out: its rounds would not match the others'.
      if (runs[arm.name] === undefined) continue;
      const text = `${workload.name}, round ${round + 1} of ${results.rounds}: ${arm.name}`;
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

async function bench(options: Options) {
  const some = chosen(options);
  const older = options.compare === undefined ? null : read_results(options.compare);
  await step("building", () => build(bundled));
  const [rounds, seconds] = options.quick ? [2, 0.5] : [3, 1];
  const results = new_results(options.seconds ?? seconds, options.rounds ?? rounds);
  for (const { name } of some.arms) {
    if (results.versions[name] === null) console.error(`bench: ${name} is not installed: skipped`);
  }
  for (const workload of some.workloads) {
    await run_rounds(workload, some.arms, results, options.warmup ?? seconds);
    console.log(workload_table(workload, results));
  }
  if (options.inspect) {
    const of_interest = some.workloads.filter(({ is_quick }) => is_quick);
    const inspected = options.quick ? of_interest.slice(0, 1) : of_interest;
    await inspect(inspected, some.arms, results, options.quick ? 1 : results.rounds);
    console.log(inspection_tables(results));
  }
  const path = save(results, options.output);
  const html = path.replace(/json$/, "html");
  writeFileSync(html, report(results));
  console.log(`\nAll rounds: ${path}\nReport:     ${html}`);
  if (options.page !== undefined) {
    writeFileSync(options.page, page(results, process.argv.slice(2)));
  }
  if (older !== null) {
    console.log(`\nSince ${options.compare}:\n`);
    console.log(change_table(compare(older, results)));
  }
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("Must be greater than 0.");
  return number;
}

function list() {
  for (const { name, about } of arms) console.log(`${name.padEnd(22)} ${about}`);
  console.log();
  for (const { name, about } of workloads) console.log(`${name.padEnd(22)} ${about}`);
}

await new Command("npm run bench --")
  .description("Measure the same servers on iomux, node:net, Python's selectors, and in C.")
  .option("--quick", "five arms, three workloads: under two minutes")
  .option("--only <patterns...>", "run workloads whose names match these regular expressions")
  .option("--arms <names...>", "measure these arms")
  .option(
    "--rounds <number>",
    "number of rounds; medians are shown (default: 3, 2 with --quick)",
    positive,
  )
  .option(
    "--seconds <number>",
    "seconds to measure each arm per round (default: 1, 0.5 with --quick)",
    positive,
  )
  .option(
    "--warmup <number>",
    "seconds to warm up first, for JIT compilers (default: 1, 0.5 with --quick)",
    positive,
  )
  .option("--compare <file>", "compare with an older results file (at least three rounds each)")
  .option("--output <folder>", "folder for the results", "bench-results")
  .option("--page <file>", "also write the results as a Markdown page")
  .option("--no-inspect", "skip system calls, garbage collection, memory and start-up")
  .option("--list", "list arms and workloads, and exit")
  .action(async (options: Options & { readonly list?: true }) => {
    if (options.list) list();
    else await bench(options);
  })
  .parseAsync();
