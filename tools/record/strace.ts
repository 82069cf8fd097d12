/** Runs a program under strace(1), which records the system calls of its main thread. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  fstatSync,
} from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";

import { traced_calls } from "../../lib/trace/calls.ts";
import type { Source } from "../../lib/trace/recording.ts";
import { pieces_in } from "../recording/pieces.ts";
import { from_strace } from "../recording/strace/import.ts";
import { UsageError } from "../usage-error.ts";
import type { PreparedProgram } from "./child.ts";

/** A script, and how to run it under strace. */
export interface StracedScript {
  readonly script: string;
  readonly args: readonly string[];
  /** The command line that runs the script. */
  readonly command: readonly string[];
  readonly runs_on: "python" | "net";
  readonly runtime: string;
  /** The script's source file, if no mark in strace's output names it. */
  readonly source?: string;
}

/**
 * Prepares a script to run under strace, which writes to a file in `folder`. The child process is the
 * script itself, so that signals reach it. Throws UsageError if there is no strace, or it may not trace.
 */
export function straced(
  { script, args, command, runs_on, runtime, source: file }: StracedScript,
  folder: string,
): PreparedProgram {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "strace.log");
  // strace ignores a name with "?" that the system lacks.
  const names = Object.keys(traced_calls).map((name) => `?${name}`);
  const ahead = wall_clock_ahead();
  const header = {
    program: basename(script),
    argv: [script, ...args],
    seen_by: "strace",
    platform: process.platform,
    why: false,
    watch: [],
    runs_on,
    runtime,
  } as const;
  return {
    command: [
      "strace",
      // Without -f, as other threads are the runtime's. With -DD the program is our child, and strace
      // is in another process group and outlives the program.
      "-DD",
      "-o",
      log,
      "-s",
      "4096",
      "-e",
      `trace=${names.join(",")}`,
      // Otherwise Node registers its sockets without a system call for each.
      "-e",
      "inject=?io_uring_setup:error=ENOSYS",
      ...times(),
      "--",
      ...command,
    ],
    async recorded() {
      await written(log);
      const named = file === undefined ? {} : { script: file };
      const lines = from_strace(lines_in(log), { header, ahead, source, ...named });
      return lines.length > 0 ? [lines] : [];
    },
  };
}

/** The options for the times of calls: to the nanosecond since strace 5.6. */
function times(): string[] {
  const fine = ["--absolute-timestamps=format:unix,precision:ns", "--syscall-times=ns"];
  const coarse = ["-ttt", "-T"];
  let failure = "";
  for (const options of [fine, coarse]) {
    const { error, status, stderr } = spawnSync("strace", [...options, "-o", "/dev/null", "true"], {
      encoding: "utf8",
    });
    if (error !== undefined) {
      throw new UsageError(
        "strace is not installed, and recording programs in Python or on node:net needs it: " +
          "install it (on Debian and Ubuntu: apt install strace).",
      );
    }
    if (status === 0) return options;
    failure = stderr.trim().split("\n")[0];
  }
  throw new UsageError(
    `strace is not permitted to trace programs: "${failure}". In a container, allow it ` +
      "(docker run --cap-add=SYS_PTRACE).",
  );
}

/** strace prints the wall clock (CLOCK_REALTIME); a recording has CLOCK_MONOTONIC. */
function wall_clock_ahead(): bigint {
  // Date.now() is exact when the millisecond changes; a late reading makes a sample too small.
  const samples = Array.from({ length: 3 }, () => {
    const before = Date.now();
    let now = before;
    while (now === before) now = Date.now();
    return BigInt(now) * 1_000_000n - process.hrtime.bigint();
  });
  return samples.reduce((most, sample) => (sample > most ? sample : most));
}

/** How long to wait for strace, which ends after the program; a killed one leaves no last line. */
const LATEST_MS = 5000;

/** What strace ends its log with. */
const LAST = /^\S+ \+\+\+ .* \+\+\+\n$/m;

async function written(log: string): Promise<void> {
  const until = Date.now() + LATEST_MS;
  while (Date.now() < until && !LAST.test(end_of(log, 200))) await setTimeout(5);
}

/** The last bytes of a file. */
function end_of(path: string, size: number): string {
  if (!existsSync(path)) return "";
  const bytes = Buffer.alloc(size);
  const fd = openSync(path, "r");
  try {
    const read = readSync(fd, bytes, 0, size, Math.max(0, fstatSync(fd).size - size));
    return bytes.toString("latin1", 0, read);
  } finally {
    closeSync(fd);
  }
}

/** The lines of a log, which may be longer than a text can be. */
function* lines_in(path: string): Generator<string> {
  if (!existsSync(path)) return;
  let rest = "";
  for (const piece of pieces_in(path)) {
    const lines = (rest + piece.toString("latin1")).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest;
}

/** A source file for a recording, with its twin in the other language if there is one beside it. */
function source(path: string): Source {
  const name = shown_path(path);
  const other = extname(path) === ".py" ? ".ts" : ".py";
  const twin = `${path.slice(0, -extname(path).length)}${other}`;
  return {
    kind: "source",
    path: name,
    text: existsSync(path) ? readFileSync(path, "utf8") : "",
    ...(existsSync(twin) && { twin: { path: shown_path(twin), text: readFileSync(twin, "utf8") } }),
  };
}

/** A path relative to the working directory, or absolute if it is outside. */
export function shown_path(path: string): string {
  const inside = relative("", path);
  return inside.startsWith("..") ? resolve(path) : inside;
}

/** Throws UsageError if there is no such script. */
export function check_script(script: string): void {
  if (!existsSync(script)) throw new UsageError(`No such file: ${script}.`);
}
