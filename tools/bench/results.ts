/** The results of a run, kept in one JSON file, and what has changed since an older one. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";

import { UsageError } from "../usage-error.ts";
import { arms, version_of } from "./arms.ts";
import type { Measured } from "./measure.ts";
import { cpu_us, figure_of, ratio_of, throughput } from "./statistics.ts";

export interface Results {
  readonly date: string;
  readonly machine: Readonly<Record<string, string | number>>;
  /** Of every arm; null for one that is not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
  readonly seconds: number;
  readonly rounds: number;
  /** All rounds, by workload and arm. */
  readonly runs: Record<string, Record<string, Measured[]>>;
  /** What went wrong, by workload and arm. */
  readonly failures: Record<string, Record<string, string>>;
  /** System calls per message, by workload and arm. */
  readonly system_calls: Record<string, Record<string, Readonly<Record<string, number>>>>;
  /** Milliseconds of garbage collection a second, by workload and arm. */
  readonly collection_ms: Record<string, Record<string, number>>;
  /** Instructions in user mode per message, by workload and arm. */
  readonly instructions: Record<string, Record<string, number>>;
  /** Bytes of an idle connection, by arm, of each round. */
  readonly connection_bytes: Record<string, number[]>;
  /** Milliseconds until a server listens, by arm. */
  readonly start_ms: Record<string, number[]>;
}

export function new_results(seconds: number, rounds: number): Results {
  return {
    date: new Date().toISOString(),
    machine: {
      system: `${type()} ${release()}`,
      processor: cpus()[0]?.model ?? "unknown",
      processors: cpus().length,
      memory_gib: Math.round(totalmem() / 2 ** 30),
    },
    versions: Object.fromEntries(arms.map((arm) => [arm.name, version_of(arm)])),
    seconds,
    rounds,
    runs: {},
    failures: {},
    system_calls: {},
    collection_ms: {},
    instructions: {},
    connection_bytes: {},
    start_ms: {},
  };
}

/** When, on what, and how often: a sentence for a reader. */
export function circumstances({ date, machine, rounds, seconds }: Results): string {
  const { system, processors, processor, memory_gib } = machine;
  const when = `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
  const often = `${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s`;
  return `${when}: ${system}, ${processors} × ${processor}, ${memory_gib} GiB; ${often}.`;
}

/** Writes the results to a new file, and returns its path. */
export function save(results: Results, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${results.date.replaceAll(":", "-").replace(/\..*/, "")}.json`;
  writeFileSync(path, `${JSON.stringify(results)}\n`);
  return path;
}

export function read_results(path: string): Results {
  let results: Partial<Results>;
  try {
    results = JSON.parse(readFileSync(path, "utf8")) as Partial<Results>;
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`, { cause: error });
  }
  if (results.runs === undefined || results.machine === undefined) {
    throw new UsageError(`${path} is not a results file of this benchmark.`);
  }
  return results as Results;
}

/** A figure before and after. */
export interface Change {
  readonly workload: string;
  readonly arm: string;
  /** Divided by C's of the same round, where both files have C: that leaves out the machine's speed. */
  readonly figure: "messages/s" | "messages x C" | "CPU us" | "CPU x C";
  readonly before: number;
  readonly after: number;
  /** The rounds of before and after do not even overlap: no noise. */
  readonly is_beyond_noise: boolean;
}

/**
 * What has changed since an older file, of all that both have. Rounds are noisy: a change counts
 * where the worst round of the one is better than the best of the other, of three each at least (of
 * two each, every third would look so by chance), and the means are more than three per cent apart.
 */
export function compare(before: Results, after: Results): Change[] {
  const changes: Change[] = [];
  for (const [workload, by_arm] of Object.entries(after.runs)) {
    const earlier = before.runs[workload] ?? {};
    const has_c = by_arm.c !== undefined && earlier.c !== undefined;
    for (const arm of Object.keys(by_arm).filter((name) => earlier[name] !== undefined)) {
      const by_c = has_c && arm !== "c";
      const are_enough = Math.min(earlier[arm].length, by_arm[arm].length) >= 3;
      const figure = (runs: Record<string, Measured[]>, of: (round: Measured) => number) =>
        by_c ? ratio_of(runs[arm], runs.c, of) : figure_of(runs[arm].map(of));
      for (const [name, of] of [
        [by_c ? "messages x C" : "messages/s", throughput],
        [by_c ? "CPU x C" : "CPU us", cpu_us],
      ] as const) {
        const [then, now] = [figure(earlier, of), figure(by_arm, of)];
        const is_apart = then.max < now.min || now.max < then.min;
        const is_much = Math.abs(now.mean / then.mean - 1) > 0.03;
        changes.push({
          workload,
          arm,
          figure: name,
          before: then.mean,
          after: now.mean,
          is_beyond_noise: are_enough && is_apart && is_much,
        });
      }
    }
  }
  return changes;
}
