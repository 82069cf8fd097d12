/** Two runs of twins, side by side and one against the other: what the terminal and the page show. */
import { realpathSync } from "node:fs";
import { basename, resolve } from "node:path";

import { align } from "../source/align.ts";
import type { Pair } from "../source/align.ts";
import { highlighted } from "../source/highlight.ts";
import type { Piece } from "../source/highlight.ts";
import { lines_of } from "../source/tokens.ts";
import type { Language } from "../source/tokens.ts";
import { steps_of } from "./calls.ts";
import type { Step } from "./calls.ts";
import { transcript, without_chance } from "./chance.ts";
import type { Ran } from "./run.ts";

/** A source file, and a run in which it was at work. */
export interface Part {
  readonly path: string;
  readonly text: string;
  readonly ran: Ran;
  /** The port that this run was told; null where it is written into the program. */
  readonly port: number | null;
}

/** A program in one language, and what its run came to. */
export interface Column {
  readonly title: string;
  readonly language: Language;
  readonly path: string;
  readonly lines: readonly (readonly Piece[])[];
  /** The calls that a line has made, folded: by the line's number, counted from 1. */
  readonly calls: ReadonlyMap<number, readonly Folded[]>;
  /** How often each system call was made on its sockets and pollers. */
  readonly totals: readonly Folded[];
  readonly ran: Ran;
}

/** A system call, and how often it was made. */
export interface Folded {
  readonly text: string;
  readonly times: number;
}

/** Two lists up to where they differ. */
export interface Difference {
  /** How many are the same before. */
  readonly same: number;
  /** Null where the list has ended. */
  readonly python: string | null;
  readonly typescript: string | null;
  /** Where in the programs, "echo-server.py:15"; null where a line is not known. */
  readonly at: { readonly python: string | null; readonly typescript: string | null };
  /** The last that were the same. */
  readonly before: readonly string[];
}

/** All there is to say about twins. */
export interface Comparison {
  readonly name: string;
  /** What the programs were run with, in a sentence; null when they ran alone. */
  readonly scene: string | null;
  readonly pairs: readonly Pair[];
  readonly python: Column;
  readonly typescript: Column;
  readonly net: Column | null;
  readonly printed: { readonly count: number; readonly difference: Difference | null };
  readonly calls: { readonly count: number; readonly difference: Difference | null };
  readonly ends: { readonly python: string; readonly typescript: string };
  /** What was not compared, each in a sentence. */
  readonly left_out: readonly string[];
}

/** Compares what there is of twins. */
export function compare(
  name: string,
  scene: string | null,
  typescript: Part,
  python: Part,
  net: Part | null,
): Comparison {
  const steps = { typescript: steps_of(typescript.ran.lines), python: steps_of(python.ran.lines) };
  const ours = without_chance(steps.typescript);
  const theirs = without_chance(steps.python);
  const said = {
    typescript: transcript(typescript.ran.printed, typescript.port),
    python: transcript(python.ran.printed, python.port),
  };
  const lines = { typescript: lines_of(said.typescript.text), python: lines_of(said.python.text) };
  const rules = [said.python, said.typescript, theirs, ours].flatMap(({ left_out }) => left_out);
  return {
    name,
    scene,
    pairs: align(typescript.text, python.text),
    python: column("Python", "python", python, steps.python),
    typescript: column("TypeScript", "typescript", typescript, steps.typescript),
    net: net && column("TypeScript on node:net", "typescript", net, steps_of(net.ran.lines)),
    printed: {
      count: lines.typescript.length,
      difference: difference(lines.python, lines.typescript, () => null),
    },
    calls: {
      count: ours.steps.length,
      difference: difference(
        theirs.steps.map(({ long }) => with_port(long, python.port)),
        ours.steps.map(({ long }) => with_port(long, typescript.port)),
        (language, index) => place((language === "python" ? theirs : ours).steps[index]),
      ),
    },
    ends: { python: python.ran.ended, typescript: typescript.ran.ended },
    left_out: [...new Set(rules)],
  };
}

/** Whether the twins did the same. */
export function is_same({ printed, calls, ends }: Comparison): boolean {
  return (
    printed.difference === null && calls.difference === null && ends.python === ends.typescript
  );
}

function column(title: string, language: Language, part: Part, steps: readonly Step[]): Column {
  const calls = new Map<number, Map<string, number>>();
  const totals = new Map<string, number>();
  const made_in = new Map<string, number>();
  const is_shown = files_like(part.path);
  for (const step of steps) {
    count(totals, step.syscall);
    const at = step.frames.findIndex(([, path]) => is_shown(path));
    if (at === -1) continue;
    // A call that is made further down, in a file that is not shown, says in which.
    const below = at === 0 ? "" : ` in ${basename(step.frames[0][1])}`;
    const [, , here] = step.frames[at];
    made_in.set(step.result, here);
    // Where `using` is lowered, the end of a block closes all that it has from one place.
    const closes_all = step.syscall === "close" && USING.test(lines_of(part.text)[here - 1] ?? "");
    const line = closes_all ? using_line(part.text, made_in.get(step.on) ?? here) : here;
    if (!calls.has(line)) calls.set(line, new Map());
    count(calls.get(line)!, step.short + below);
  }
  return {
    title,
    language,
    path: part.path,
    lines: highlighted(part.text, language),
    calls: new Map([...calls].map(([line, texts]) => [line, folded(texts)])),
    totals: folded(totals).toSorted((one, other) => other.times - one.times),
    ran: part.ran,
  };
}

const USING = /^\s*(?:await\s+)?using\s/;

/** The `using` of what was made in a line: there, or in the next one that has one. */
function using_line(text: string, made_in: number): number {
  const index = lines_of(text).findIndex((line, at) => at + 1 >= made_in && USING.test(line));
  return index === -1 ? made_in : index + 1;
}

/** Whether a path in a recording is this file, under whatever name. */
function files_like(shown: string): (path: string) => boolean {
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

/** In the order of their first appearance. */
function folded(counts: ReadonlyMap<string, number>): Folded[] {
  return [...counts].map(([text, times]) => ({ text, times }));
}

function with_port(text: string, port: number | null): string {
  return port === null ? text : text.replace(`:${port}`, ":PORT");
}

function place(step: Step | undefined): string | null {
  const frame = step?.frames[0];
  return frame === undefined ? null : `${basename(frame[1])}:${frame[2]}`;
}

/** How many that were the same are shown before a difference. */
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
