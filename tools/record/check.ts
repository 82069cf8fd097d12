/** What `iomux trace --check` says of a program: that it passes, or what is wrong and in which line. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { act_of } from "../../lib/trace/calls.ts";
import type { Call, End, Line } from "../../lib/trace/recording.ts";
import { colors_for } from "../colors.ts";
import { replay } from "../recording/process-state.ts";
import { troubles_of } from "../recording/troubles.ts";
import type { Trouble } from "../recording/troubles.ts";
import { folded } from "../terminal.ts";
import { amount, listed } from "../words.ts";
import type { Program } from "./program.ts";
import type { Run } from "./run.ts";

/** What a right program may well do, as the explanations say. */
const REMARKS: ReadonlySet<Trouble["kind"]> = new Set([
  "short-write",
  "half-close",
  "idle-timeout",
  "again-ready",
  "again-unasked",
  "again-drained",
]);

const colors = colors_for(process.stderr);

/** Ctrl-C, with which a recording ends a server. */
const INTERRUPTED = 130;

/** A program that is checked alone gets the client beside it, if there is one. */
export function with_client(programs: readonly Program[]): readonly Program[] {
  const [{ script }] = programs;
  const client = join(dirname(script), "client.ts");
  if (programs.length > 1 || basename(script) === "client.ts" || !existsSync(client)) {
    return programs;
  }
  return [...programs, { script: client, args: [] }];
}

/** Prints on the standard error what there is to say of the first program, and returns whether it passes. */
export function check(programs: readonly Program[], { lines, statuses }: Run): boolean {
  const name = basename(programs[0].script);
  const troubles = troubles_of(lines).filter(({ process, kind }) => {
    return process === 0 && !REMARKS.has(kind);
  });
  const { places, end, last_receive, calls } = facts_of(lines, troubles);
  for (const trouble of troubles) {
    say(colors.yellow(trouble.title));
    const at = [...new Set(trouble.calls.map((call) => places.get(call) ?? null))];
    const known = at.filter((place) => place !== null).slice(0, 3);
    if (known.length > 0) say(`At ${listed(known)}.`);
    say(trouble.explanation);
    say(`What to do: ${trouble.advice}\n`);
  }
  const failures = failures_of(programs, statuses, end);
  for (const failure of failures) say(colors.yellow(failure));
  if (calls > 0 && failures.length > 0 && troubles.length === 0) {
    say(
      "Its calls to the system are in order, so look at what it makes of their results." +
        (last_receive === null ? "" : ` It last received something at ${last_receive}.`),
    );
  }
  const passes = calls > 0 && troubles.length === 0 && failures.length === 0;
  const what = [
    ...(calls === 0 ? ["no call was recorded"] : []),
    ...(troubles.length > 0 ? [amount(troubles.length, "trouble")] : []),
    ...(failures.length > 0 ? [amount(failures.length, "program failed", "programs failed")] : []),
  ];
  console.error(
    passes ? `${colors.green("pass")}  ${name}` : `${colors.red("FAIL")}  ${name}: ${listed(what)}`,
  );
  return passes;
}

/** What the verdict needs to know of the first program besides its troubles. */
interface Facts {
  /** Where the calls that show the troubles were made. */
  readonly places: ReadonlyMap<number, string | null>;
  /** Where bytes were last received. */
  readonly last_receive: string | null;
  readonly calls: number;
  readonly end: End | null;
}

function facts_of(lines: Iterable<Line>, troubles: readonly Trouble[]): Facts {
  const wanted = new Set(troubles.flatMap(({ calls }) => calls));
  const places = new Map<number, string | null>();
  let calls = 0;
  let last_receive: string | null = null;
  const processes = replay(lines, (call, process) => {
    if (process.number !== 0) return;
    calls++;
    if (wanted.has(call.call)) places.set(call.call, process.place(call.stack));
    if (received_bytes(call)) last_receive = process.place(call.stack);
  });
  return { places, last_receive, calls, end: processes.get(0)?.end ?? null };
}

function say(text: string): void {
  console.error(folded(text, process.stderr));
}

function received_bytes(call: Call): boolean {
  return act_of(call) === "receive" && typeof call.result === "number" && call.result > 0;
}

/** The programs that did not end well. */
function failures_of(
  programs: readonly Program[],
  statuses: readonly number[],
  end: End | null,
): string[] {
  return programs.flatMap(({ script }, number) => {
    const status = statuses[number];
    if (status === 0 || (number < programs.length - 1 && status === INTERRUPTED)) return [];
    const error = number === 0 ? end?.error : undefined;
    const how = error === undefined ? `exit status ${status}` : error;
    return [`${basename(script)} failed: ${how}`];
  });
}
