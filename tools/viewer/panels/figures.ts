/** Figures of runs, to compare them. */
import { digits, duration } from "../../words.ts";
import { at_least_by } from "../data/columns.ts";
import { times_of } from "../data/describe.ts";
import { KINDS } from "../data/kinds.ts";
import { FAILED, NOT_NOW, PURE } from "../data/model.ts";
import type { IndexedRecording, Process } from "../data/model.ts";

const POLLER = KINDS.indexOf("poller");
const WAIT = KINDS.indexOf("wait");
const READ = KINDS.indexOf("read");
const WRITE = KINDS.indexOf("write");

/** A row of the table: its text for each recording. `part` marks a share of the row above. */
export interface Figure {
  readonly name: string;
  readonly part: boolean;
  readonly texts: readonly string[];
  readonly differs: boolean;
}

/** Sums over processes. */
interface Sums {
  calls: number;
  wakes: number;
  pollers: number;
  /** How many descriptors the kernel was told to look at: by poll(2) and select(2) all of them, each time. */
  handed: number;
  again: number;
  failed: number;
  received: number;
  sent: number;
  messages: number;
  asleep: number;
  running: number;
  recorder: number;
  names: Map<string, number>;
}

/** The figures of each recording's processes that run `program`, or of all if it is null, without start-up. */
export function figures(recordings: readonly IndexedRecording[], program: string | null): Figure[] {
  const sums = recordings.map((recording) => {
    const chosen = recording.processes.filter(
      ({ header }) => program === null || program_name(header.program) === program,
    );
    return sums_of(recording, chosen);
  });
  const figure = (name: string, of: (sums: Sums) => number, text = digits, part = false) => {
    const values = sums.map(of);
    const texts = values.map((value) => (Number.isFinite(value) ? text(value) : "–"));
    return { name, part, texts, differs: texts.some((one) => one !== texts[0]) };
  };
  const names = [...new Set(sums.flatMap((one) => [...one.names.keys()]))].toSorted(
    (a, b) => most(sums, b) - most(sums, a) || a.localeCompare(b),
  );
  return [
    figure("System calls", ({ calls }) => calls),
    figure("Wake-ups", ({ wakes }) => wakes),
    figure("Descriptors handed to the kernel", ({ handed }) => handed),
    figure("Calls that wait or tell the poller", ({ pollers }) => pollers),
    figure("Calls that said not now (EAGAIN …)", ({ again }) => again),
    figure("Calls that failed", ({ failed }) => failed),
    figure("Bytes received", ({ received }) => received),
    figure("Bytes sent", ({ sent }) => sent),
    figure("Calls per read that returned bytes", ({ calls, messages }) => calls / messages),
    figure(
      "Calls per KiB moved",
      ({ calls, received, sent }) => (calls * 1024) / (received + sent),
    ),
    figure("Asleep", ({ asleep }) => asleep, duration),
    figure("Running", ({ running }) => running, duration),
    figure("Held up by the recorder", ({ recorder }) => recorder, duration),
    figure("System calls by name", ({ calls }) => calls),
    ...names.map((name) => figure(name, (one) => one.names.get(name) ?? 0, digits, true)),
  ];
}

/** The name of a program without its language, as both recordings may have one. */
export function program_name(program: string): string {
  return program.replace(/\.(?:ts|js|py|mjs|mts)$/, "");
}

function most(sums: readonly Sums[], name: string): number {
  return Math.max(...sums.map(({ names }) => names.get(name) ?? 0));
}

function sums_of(recording: IndexedRecording, processes: readonly Process[]): Sums {
  const { columns } = recording;
  const sums: Sums = {
    calls: 0,
    wakes: 0,
    pollers: 0,
    handed: 0,
    again: 0,
    failed: 0,
    received: 0,
    sent: 0,
    messages: 0,
    asleep: 0,
    running: 0,
    recorder: 0,
    names: new Map(),
  };
  const names = new Map<number, number>();
  for (const process of processes) {
    const first = at_least_by(process.wakes, columns.t, process.ready);
    sums.wakes += process.wakes.length - first;
    sums.handed += handed_in_waits(recording, process, first);
    const { asleep, running, recorder } = times_of(process, recording, process.ready);
    sums.asleep += asleep;
    sums.running += running;
    // strace(1) does not say how long it took.
    sums.recorder += process.end?.overhead === undefined ? NaN : recorder;
    for (const entry of process.calls) {
      const flags = columns.flags[entry];
      if ((flags & PURE) !== 0 || columns.t[entry] < process.ready) continue;
      const kind = columns.kind[entry];
      sums.calls++;
      names.set(columns.name[entry], (names.get(columns.name[entry]) ?? 0) + 1);
      if (kind === POLLER || kind === WAIT) sums.pollers++;
      if (kind === POLLER) sums.handed++;
      if ((flags & NOT_NOW) !== 0) sums.again++;
      if ((flags & FAILED) !== 0) sums.failed++;
      if (kind === READ) {
        sums.received += columns.bytes[entry];
        if (columns.bytes[entry] > 0) sums.messages++;
      }
      if (kind === WRITE) sums.sent += columns.bytes[entry];
    }
  }
  sums.names = new Map([...names].map(([name, count]) => [recording.names.name(name), count]));
  return sums;
}

/** How many descriptors all waits from `first` on handed over; a poller in the kernel knows them already. */
function handed_in_waits(
  recording: IndexedRecording,
  { wakes, interest }: Process,
  first: number,
): number {
  const sizes = new Map<number, number>();
  let sum = 0;
  for (const said of interest.subarray(first, wakes.length)) {
    let size = sizes.get(said);
    if (size === undefined) {
      const wake = recording.call(said)?.wake;
      size = wake === undefined || wake.poller !== undefined ? 0 : (wake.interest?.length ?? 0);
      sizes.set(said, size);
    }
    sum += size;
  }
  return sum;
}
