/** Makes one recording of several: their processes side by side, in the order of time. */
import type { Header, Line } from "../../lib/trace/recording.ts";

/** The result of merging recordings. */
export interface Merged {
  readonly lines: readonly Line[];
  /** Sentences about why the order of the lines may be wrong. */
  readonly warnings: readonly string[];
}

/** A process's lines, its header first. */
interface MergeInput {
  readonly header: Header;
  readonly lines: readonly Line[];
}

/**
 * Merges recordings of one or several processes. Processes are numbered in the order in which they
 * started, and all times count from the start of the first. A single recording is returned unchanged.
 */
export function merge(recordings: readonly (readonly Line[])[]): Merged {
  if (recordings.length === 1) return { lines: recordings[0], warnings: [] };
  const each = recordings.map(processes_of).filter((processes) => processes.length > 0);
  const processes = each.flat().toSorted((left, right) => order(left.header, right.header));
  const clocks = processes.map(({ header }) => BigInt(header.clock));
  const clock = clocks.reduce((least, one) => (one < least ? one : least), clocks[0] ?? 0n);
  const timed = processes.flatMap(({ lines }, number) => {
    const shift = Number(clocks[number] - clock);
    // A line without a time, or one that was written late, keeps its place within its process.
    const first = lines.find((line) => "t" in line);
    let latest = shift + (first?.t ?? 0);
    return lines.map((line) => {
      const moved = place(line, number, shift, clock);
      if ("t" in moved) latest = Math.max(latest, moved.t);
      return { line: moved, at: latest };
    });
  });
  // The sort is stable: at equal times, the lines of the earlier process come first.
  const lines = timed.toSorted((left, right) => left.at - right.at).map(({ line }) => line);
  return { lines, warnings: warnings_of(each.map(([first]) => first.header)) };
}

/** The lines of each process by its number. */
export function by_process(lines: readonly Line[]): Map<number, Line[]> {
  const processes = new Map<number, Line[]>();
  for (const line of lines) {
    const own = processes.get(line.process ?? 0);
    if (own === undefined) processes.set(line.process ?? 0, [line]);
    else own.push(line);
  }
  return processes;
}

function processes_of(lines: readonly Line[]): MergeInput[] {
  return [...by_process(lines).values()].map((own) => ({ header: own[0] as Header, lines: own }));
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
