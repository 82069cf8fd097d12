/** Compares two runs of twins: the model of what the terminal and the page show. */
import { realpathSync } from "node:fs";
import { basename, resolve } from "node:path";

import { align } from "../source/align.ts";
import type { Pair } from "../source/align.ts";
import { highlighted } from "../source/highlight.ts";
import type { Piece } from "../source/highlight.ts";
import { lines_of } from "../source/tokens.ts";
import type { Language } from "../source/tokens.ts";
import { comparable_calls } from "./calls.ts";
import type { ComparableCall } from "./calls.ts";
import { deterministic_calls, deterministic_output } from "./nondeterminism.ts";
import type { RunResult } from "./run.ts";

/** A source file, and a run of the program that uses it. */
export interface TwinRun {
  readonly path: string;
  readonly text: string;
  readonly result: RunResult;
  /** The port given to the program; null if it is fixed in the source. */
  readonly port: number | null;
}

/** A program in one language, and its run. */
export interface TwinColumn {
  readonly title: string;
  readonly language: Language;
  readonly path: string;
  readonly lines: readonly (readonly Piece[])[];
  /** The calls that each line made, by line number from 1. */
  readonly calls: ReadonlyMap<number, readonly CallCount[]>;
  /** How often each system call was made on its sockets and pollers. */
  readonly totals: readonly CallCount[];
  readonly result: RunResult;
}

/** A system call, and how often it was made. */
export interface CallCount {
  readonly text: string;
  readonly times: number;
}

/** Where two lists differ first. */
export interface Difference {
  /** How many items before it are the same. */
  readonly same: number;
  /** Null if the list has ended. */
  readonly python: string | null;
  readonly typescript: string | null;
  /** Where in the programs: "echo-server.py:15", null if unknown. */
  readonly at: { readonly python: string | null; readonly typescript: string | null };
  /** The last items that are the same. */
  readonly before: readonly string[];
}

export interface Comparison {
  readonly name: string;
  /** What their peers did, in a sentence; null if they ran alone. */
  readonly scenario: string | null;
  readonly pairs: readonly Pair[];
  readonly python: TwinColumn;
  readonly typescript: TwinColumn;
  readonly net: TwinColumn | null;
  readonly printed: { readonly count: number; readonly difference: Difference | null };
  readonly calls: { readonly count: number; readonly difference: Difference | null };
  readonly ends: { readonly python: string; readonly typescript: string };
  /** What was not compared, in sentences. */
  readonly left_out: readonly string[];
}

export function compare(
  name: string,
  scenario: string | null,
  typescript: TwinRun,
  python: TwinRun,
  net: TwinRun | null,
): Comparison {
  const system_calls = {
    typescript: comparable_calls(typescript.result.lines),
    python: comparable_calls(python.result.lines),
  };
  const ours = deterministic_calls(system_calls.typescript);
  const theirs = deterministic_calls(system_calls.python);
  const output = {
    typescript: deterministic_output(typescript.result.printed, typescript.port),
    python: deterministic_output(python.result.printed, python.port),
  };
  const lines = {
    typescript: lines_of(output.typescript.text),
    python: lines_of(output.python.text),
  };
  const rules = [output.python, output.typescript, theirs, ours].flatMap(
    ({ left_out }) => left_out,
  );
  return {
    name,
    scenario,
    pairs: align(typescript.text, python.text),
    python: column("Python", "python", python, system_calls.python),
    typescript: column("TypeScript", "typescript", typescript, system_calls.typescript),
    net:
      net &&
      column("TypeScript on node:net", "typescript", net, comparable_calls(net.result.lines)),
    printed: {
      count: lines.typescript.length,
      difference: difference(lines.python, lines.typescript, () => null),
    },
    calls: {
      count: ours.calls.length,
      difference: difference(
        theirs.calls.map(({ long }) => with_port(long, python.port)),
        ours.calls.map(({ long }) => with_port(long, typescript.port)),
        (language, index) => place((language === "python" ? theirs : ours).calls[index]),
      ),
    },
    ends: { python: python.result.ended, typescript: typescript.result.ended },
    left_out: [...new Set(rules)],
  };
}

/** Whether the twins did the same. */
export function is_same({ printed, calls, ends }: Comparison): boolean {
  return (
    printed.difference === null && calls.difference === null && ends.python === ends.typescript
  );
}

function column(
  title: string,
  language: Language,
  run: TwinRun,
  system_calls: readonly ComparableCall[],
): TwinColumn {
  const calls = new Map<number, Map<string, number>>();
  const totals = new Map<string, number>();
  const made_in = new Map<string, number>();
  const is_shown = same_file_as(run.path);
  for (const call of system_calls) {
    count(totals, call.syscall);
    const at = call.frames.findIndex(([, path]) => is_shown(path));
    if (at === -1) continue;
    // A call made further down names its file, which is not shown.
    const below = at === 0 ? "" : ` in ${basename(call.frames[0][1])}`;
    const [, , here] = call.frames[at];
    made_in.set(call.result, here);
    // Lowered `using` closes everything in a block from one place.
    const closes_all = call.syscall === "close" && USING.test(lines_of(run.text)[here - 1] ?? "");
    const line = closes_all ? using_line(run.text, made_in.get(call.on) ?? here) : here;
    if (!calls.has(line)) calls.set(line, new Map());
    count(calls.get(line)!, call.short + below);
  }
  return {
    title,
    language,
    path: run.path,
    lines: highlighted(run.text, language),
    calls: new Map([...calls].map(([line, texts]) => [line, call_counts(texts)])),
    totals: call_counts(totals).toSorted((one, other) => other.times - one.times),
    result: run.result,
  };
}

const USING = /^\s*(?:await\s+)?using\s/;

/** The line of the `using` declaration in or after the line that made something. */
function using_line(text: string, made_in: number): number {
  const index = lines_of(text).findIndex((line, at) => at + 1 >= made_in && USING.test(line));
  return index === -1 ? made_in : index + 1;
}

/** Tells whether a path in a recording is this file, even by another name. */
function same_file_as(shown: string): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (!known.has(path)) known.set(path, real(path) === real(shown));
    return known.get(path)!;
  };
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function count(counts: Map<string, number>, text: string): void {
  counts.set(text, (counts.get(text) ?? 0) + 1);
}

function call_counts(counts: ReadonlyMap<string, number>): CallCount[] {
  return [...counts].map(([text, times]) => ({ text, times }));
}

function with_port(text: string, port: number | null): string {
  return port === null ? text : text.replace(`:${port}`, ":PORT");
}

function place(call: ComparableCall | undefined): string | null {
  const frame = call?.frames[0];
  return frame === undefined ? null : `${basename(frame[1])}:${frame[2]}`;
}

/** How many equal items to show before a difference. */
const BEFORE = 3;

function difference(
  python: readonly string[],
  typescript: readonly string[],
  where: (language: Language, index: number) => string | null,
): Difference | null {
  let same = 0;
  while (same < python.length && python[same] === typescript[same]) same++;
  if (same === python.length && same === typescript.length) return null;
  return {
    same,
    python: python[same] ?? null,
    typescript: typescript[same] ?? null,
    at: { python: where("python", same), typescript: where("typescript", same) },
    before: python.slice(Math.max(0, same - BEFORE), same),
  };
}
