/**
 * The programs in test/support/programs, each in a process with which its test talks line by line: for
 * what blocks, or may crash.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import { onTestFinished } from "vitest";

import { is_deno } from "../../lib/core/runtime.ts";
import { compiled, kill } from "./commands.ts";
import type { Ending } from "./commands.ts";
import { has_signals_pending, is_blocked } from "./proc.ts";
import { needs_linux } from "./tools.ts";
import { until } from "./waiting.ts";

/** Its standard output has been read, line by line. */
type RestOfEnding = Omit<Ending, "stdout">;

export interface TestProgram {
  readonly pid: number;
  /** The next line of its standard output; an error, with its standard error, if it ended first. */
  line(): Promise<string>;
  /** A line for its standard input. */
  tell(line: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<RestOfEnding>;
}

/** With AddressSanitizer the largest pieces of memory are not to be had, which it says each time. */
function without_refusals(stderr: string): string {
  return stderr.replaceAll(/^==\d+==WARNING: AddressSanitizer failed to allocate .*\n/gm, "");
}

/** Those that look into /proc. */
const on_linux_only = new Set(["blocked-workers.ts", "printer.ts", "select-async.ts"]);

/** Starts test/support/programs/`file`; what is left of it when the test is over is killed. */
export function start(
  file: string,
  args: readonly string[] = [],
  node_options: readonly string[] = [],
): TestProgram {
  if (on_linux_only.has(file)) needs_linux();
  const command = compiled(`test/support/programs/${file}`);
  command.splice(
    -1,
    0,
    ...node_options.map((option) => (is_deno ? `--v8-flags=${option}` : option)),
  );
  const [runtime, ...program] = command;
  // Its leaks are looked for, which takes too long to do it everywhere, and under strace cannot be.
  const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ""}:detect_leaks=1` };
  const child = spawn(runtime, [...program, ...args], { env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const errors = text(child.stderr).then(without_refusals);
  const ended = once(child, "close").then(async ([status, signal]): Promise<RestOfEnding> => {
    return { status, signal, stderr: await errors };
  });
  // Who ends before it was told everything has nothing to do with the test.
  child.stdin.on("error", () => {});
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    pid: child.pid!,
    async line(): Promise<string> {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      throw new Error(`${file} ended too early: ${JSON.stringify(await ended)}`);
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: (signal) => kill(child, signal),
    ended,
  };
}

/** Sends a signal to a process that is blocked, and waits until it has got it and is blocked again. */
export async function interrupt(program: TestProgram, signal: NodeJS.Signals): Promise<void> {
  await until(() => is_blocked(program.pid));
  program.kill(signal);
  await until(() => !has_signals_pending(program.pid) && is_blocked(program.pid));
}
