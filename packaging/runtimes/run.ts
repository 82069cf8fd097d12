/** Runs the tests in one runtime. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import { part_of, PARTS } from "./parts.ts";
import { MARK } from "./reporter.ts";
import type { Outcome } from "./reporter.ts";
import type { Runtime } from "./runtimes.ts";

/** Calls back after each test, and returns what became of all. Throws an Error if the runtime did not get to the end. */
export async function run(
  { command, name }: Runtime,
  each: (count: number) => void,
): Promise<readonly Outcome[]> {
  const [file, ...args] = command;
  const files = PARTS.flatMap((part) => part.files);
  const vitest = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=./packaging/runtimes/reporter.ts",
  ];
  const child = spawn(file, [...args, ...vitest, ...files], { stdio: ["ignore", "pipe", "pipe"] });
  const stderr = text(child.stderr);
  const outcomes: Outcome[] = [];
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith(MARK)) continue;
    const outcome = JSON.parse(line.slice(MARK.length)) as Outcome;
    // vitest takes any file in whose path one of the names is somewhere.
    if (part_of(outcome.file) === undefined) continue;
    outcomes.push(outcome);
    each(outcomes.length);
  }
  const [status, signal] = await ended;
  const failed = outcomes.some(({ state }) => state === "failed");
  if (outcomes.length === 0 || (status !== 0 && !failed)) {
    throw new Error(`${name} ended with ${signal ?? status}:\n${await stderr}`);
  }
  return outcomes;
}
