/** Makes one recording of several: their processes side by side, in the order of time. */
import type { Header, Line } from "../../lib/trace/recording.ts";
import { headers_of, of_process, remade } from "./lines.ts";

/** The result of merging recordings. */
export interface Merged {
  readonly lines: Iterable<Line>;
  /** Sentences about why the order of the lines may be wrong. */
  readonly warnings: readonly string[];
}

/** A process's lines, its header first. */
interface MergeInput {
  readonly header: Header;
  readonly lines: Iterable<Line>;
}

/** A line, and its time in the merged recording, or that of the lines around it. */
interface Timed {
  readonly line: Line;
  readonly at: number;
}

/**
 * Merges recordings of one or several processes. Processes are numbered in the order in which they
 * started, and all times count from the start of the first. A single recording is returned unchanged.
 */
export function merge(recordings: readonly Iterable<Line>[]): Merged {
  if (recordings.length === 1) return { lines: recordings[0], warnings: [] };
  const each = recordings.map(processes_of).filter((processes) => processes.length > 0);
  const processes = each.flat().toSorted((left, right) => order(left.header, right.header));
  const clocks = processes.map(({ header }) => BigInt(header.clock));
  const clock = clocks.reduce((least, one) => (one < least ? one : least), clocks[0] ?? 0n);
  const lines = remade(() =>
    in_order(processes.map(({ lines: own }, number) => moved(own, number, clocks[number], clock))),
  );
  return { lines, warnings: warnings_of(each.map(([first]) => first.header)) };
}

function processes_of(lines: Iterable<Line>): MergeInput[] {
  return headers_of(lines).map((header) => ({
    header,
    lines: of_process(lines, header.process ?? 0),
  }));
}

/** The lines of a process on the common clock. */
function* moved(
  lines: Iterable<Line>,
  number: number,
  own_clock: bigint,
  clock: bigint,
): Generator<Timed> {
  const shift = Number(own_clock - clock);
  let latest: number | null = null;
  // A line without a time, or one that was written late, keeps its place within its process.
  let early: Line[] = [];
  for (const line of lines) {
    const placed = place(line, number, shift, clock);
    if ("t" in placed) latest = Math.max(latest ?? placed.t, placed.t);
    if (latest === null) {
      early.push(placed);
      continue;
    }
    for (const one of early) yield { line: one, at: latest };
    early = [];
    yield { line: placed, at: latest };
  }
  for (const line of early) yield { line, at: shift };
}

/** The lines of several processes, each in the order of time: at equal times, the earlier process comes first. */
function* in_order(processes: readonly Iterator<Timed>[]): Generator<Line> {
  const heads = processes.map((process) => process.next());
  for (;;) {
    let next = -1;
    for (const [number, head] of heads.entries()) {
      if (head.done === true) continue;
      if (next === -1 || head.value.at < (heads[next].value as Timed).at) next = number;
    }
    if (next === -1) return;
    yield (heads[next].value as Timed).line;
    heads[next] = processes[next].next();
  }
}

/** By the wall clock: in a merged recording, all processes have the clock of the first. */
function order(left: Header, right: Header): number {
  const wall_clock = Date.parse(left.started) - Date.parse(right.started);
  return wall_clock === 0 ? Number(BigInt(left.clock) - BigInt(right.clock)) : wall_clock;
}

function place(line: Line, process: number, shift: number, clock: bigint): Line {
  if (line.kind === "header") return { ...line, process, clock: String(clock) };
  return "t" in line ? { ...line, process, t: line.t + shift } : { ...line, process };
}

/** On one machine, the wall clock and CLOCK_MONOTONIC stay this close together unless the clock is set. */
const CLOCKS_AGREE_MS = 10_000;

/** CLOCK_MONOTONIC restarts when a machine boots, and times of another machine cannot be compared. */
function warnings_of([first, ...others]: readonly Header[]): string[] {
  return others
    .filter((other) => Math.abs(boot_of(other) - boot_of(first)) > CLOCKS_AGREE_MS)
    .map(
      ({ program, pid }) =>
        `${program} (pid ${pid}) was not recorded on the same machine as ${first.program} ` +
        `(pid ${first.pid}), or not since the same boot: their order is unknown. ` +
        "Record both together, on one machine.",
    );
}

/** The wall clock's time when CLOCK_MONOTONIC was 0, in milliseconds. */
function boot_of({ started, clock }: Header): number {
  return Date.parse(started) - Number(BigInt(clock) / 1_000_000n);
}
