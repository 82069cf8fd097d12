import type { Socket } from "node:net";
/** Runs and records programs: a server and its clients in turn, with faults. */
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import type { Fault, Line } from "../../lib/trace/recording.ts";
import { remade } from "../recording/lines.ts";
import { merge } from "../recording/merge.ts";
import { UsageError } from "../usage-error.ts";
import { amount } from "../words.ts";
import { Child } from "./child.ts";
import { in_process, make_fault } from "./faults.ts";
import type { FaultName } from "./faults.ts";
import { connect_idle } from "./idle.ts";
import { is_serving, listening_address } from "./processes.ts";
import { prepare } from "./program.ts";
import type { PrepareOptions, Program } from "./program.ts";

/** What to record, and how. */
export interface RunOptions extends Omit<PrepareOptions, "faults"> {
  readonly faults: readonly FaultName[];
  /** How many connections the first program gets that stay idle. */
  readonly idle: number;
  /** Where the programs' standard output goes: to ours, nowhere or to our standard error. */
  readonly stdout: "inherit" | "ignore" | 2;
  /** Called with a sentence for each step. */
  progress(text: string): void;
}

/** One recording of all programs, and their exit statuses. */
export interface Run {
  /** Read from the folder whenever they are wanted. */
  readonly lines: Iterable<Line>;
  readonly statuses: readonly number[];
}

/** How long to wait for a program that does not become a server before starting the next one anyway. */
const START_MS = 15_000;
/** How long a server may take to end after Ctrl-C. */
const END_MS = 10_000;

/**
 * Runs the programs; each is started when the one before serves. When the last has ended and the faults
 * are over, the others get Ctrl-C unless they end by themselves. What is recorded is in `folder`.
 */
export async function run(
  programs: readonly Program[],
  options: RunOptions,
  folder: string,
): Promise<Run> {
  // The terminal sends Ctrl-C to this process as well, which still has to write the recording.
  process.on("SIGINT", ignore);
  const running: Child[] = [];
  const peers: Socket[] = [];
  try {
    const changes = { ...options, faults: in_process(options.faults) };
    const prepared = programs.map((program, number) => prepare(program, changes, folder, number));
    const notes: Note[] = [];
    for (const [number, one] of prepared.entries()) {
      const started = new Child(one, ["inherit", options.stdout, "inherit"]);
      running.push(started);
      options.progress(
        `recording ${[programs[number].script, ...programs[number].args].join(" ")}`,
      );
      const is_last = number === prepared.length - 1;
      if (!is_last || (number === 0 && (options.faults.length > 0 || options.idle > 0))) {
        await started.until(() => is_serving(started.pid), START_MS);
      }
      if (number !== 0) continue;
      if (options.idle > 0) peers.push(...(await make_idle(started, options, notes)));
      await make_faults(started, options, notes);
    }
    await end(running, options);
    const recorded = await Promise.all(prepared.map((one) => one.recorded()));
    // A script that Node or Python refuses has no recording.
    const ended = recorded.flatMap((threads, number) =>
      threads.map((lines) => with_end(lines, running[number])),
    );
    if (ended.length === 0)
      throw new UsageError("Nothing was recorded: no program started running.");
    if (notes.length > 0) ended[0] = with_notes(ended[0], notes);
    const { lines } = merge(ended);
    return { lines, statuses: running.map(exit_status) };
  } finally {
    for (const one of running) one.kill();
    for (const peer of peers) peer.destroy();
    process.off("SIGINT", ignore);
  }
}

function ignore(): void {}

/** The exit status as a shell reports it. */
function exit_status({ status, signal }: Child): number {
  return status ?? 128 + constants.signals[signal!];
}

type Note = Omit<Fault, "t" | "kind"> & { readonly at: bigint };

/** Connects the idle peers, and waits until the server has accepted them. */
async function make_idle(server: Child, options: RunOptions, notes: Note[]): Promise<Socket[]> {
  const address = listening_address(server.pid);
  if (address === null)
    throw new UsageError("--idle needs a program that listens on a TCP port first.");
  const many = amount(options.idle, "idle connection");
  options.progress(`opening ${many}`);
  const peers = await connect_idle(address, options.idle);
  await server.idle();
  notes.push({ name: "idle", text: `${many} opened`, at: process.hrtime.bigint() });
  return peers;
}

async function make_faults(server: Child, options: RunOptions, notes: Note[]): Promise<void> {
  for (const name of options.faults) {
    const address = listening_address(server.pid);
    const why_not = server.has_ended ? "has exited" : "does not listen on a TCP port";
    if (address === null && (server.has_ended || name !== "signal")) {
      options.progress(`skipping fault ${name}: the program ${why_not}`);
      continue;
    }
    options.progress(`fault: ${name}`);
    await make_fault(name, {
      pid: server.pid,
      address,
      note: (fault, text) => notes.push({ name: fault, text, at: process.hrtime.bigint() }),
    });
  }
}

/** Waits for the last program, then ends its servers. */
async function end(running: readonly Child[], options: RunOptions): Promise<void> {
  const last = running[running.length - 1];
  const is_served = options.faults.length > 0 && running.length === 1;
  if (!is_served) await last.ended;
  for (const server of is_served ? running : running.slice(0, -1)) {
    await server.idle();
    if (server.has_ended) continue;
    server.interrupt();
    await Promise.race([server.ended, sleep(END_MS, undefined, { ref: false })]);
    if (!server.has_ended) options.progress(`pid ${server.pid} did not exit after Ctrl-C: killed`);
    server.kill();
    await server.ended;
  }
}

/** Adds the end of a process that was killed before it could record it. */
function with_end(lines: Iterable<Line>, { status, signal }: Child): Iterable<Line> {
  return remade(function* () {
    let t = 0;
    let has_ended = false;
    for (const line of lines) {
      if ("t" in line) t = line.t + ("d" in line ? line.d : 0);
      has_ended ||= line.kind === "end";
      yield line;
    }
    if (!has_ended) yield { kind: "end", t, status, ...(signal !== null && { signal }) };
  });
}

/** Adds the faults to a recording, in order of time. */
function with_notes(lines: Iterable<Line>, notes: readonly Note[]): Iterable<Line> {
  return remade(function* () {
    let clock = 0n;
    const later = [...notes];
    // Up to a time, or all.
    const made = function* (until: number): Generator<Line> {
      while (later.length > 0 && Number(later[0].at - clock) < until) {
        const { at, ...note } = later.shift()!;
        yield { kind: "fault", t: Number(at - clock), ...note };
      }
    };
    for (const line of lines) {
      if (line.kind === "header") clock = BigInt(line.clock);
      if ("t" in line) yield* made(line.t);
      yield line;
    }
    yield* made(Infinity);
  });
}
