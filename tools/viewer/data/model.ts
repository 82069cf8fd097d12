/** A recording as the page keeps it: a few numbers of each line in columns, and the lines themselves as bytes. */
import type {
  Call,
  End,
  Fault,
  Header,
  Life,
  Line,
  Print,
  Source,
  Wake,
} from "../../../lib/trace/recording.ts";
import type { Frame, ProcessState } from "../../recording/process-state.ts";
import type { Question } from "../../recording/questions.ts";
import type { Trouble } from "../../recording/troubles.ts";
import { at_least } from "./columns.ts";
import type { Names, Sorted } from "./columns.ts";
import type { TextLines } from "./text-lines.ts";

/** What a line is, in the column `what`. */
export const CALL = 0;
export const PRINT = 1;
export const FAULT = 2;

/** Bits of the column `flags`. */
export const FAILED = 1;
export const NOT_NOW = 2;
export const PURE = 4;
export const WAKE = 8;
export const SLEPT = 16;
/** A wake-up that says what was watched, since that was new. */
export const INTEREST = 32;
/** A wake-up that found something ready. */
export const FOUND = 64;

/** One number for each line that says something happened, in the order of time. */
export interface Columns {
  readonly what: Uint8Array;
  readonly process: Uint16Array;
  readonly t: Float64Array;
  readonly d: Float64Array;
  /** Call.overhead */
  readonly after: Uint32Array;
  readonly before: Uint32Array;
  readonly call: Uint32Array;
  readonly name: Uint16Array;
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;
  /** The place of its life in `IndexedRecording.lives`, or -1. */
  readonly life: Int32Array;
  readonly loop: Uint32Array;
  /** ProcessState.turn */
  readonly turn: Uint32Array;
  /** The number of its stack, or -1. */
  readonly stack: Int32Array;
  readonly bytes: Float64Array;
  readonly address: Float64Array;
  readonly size: Uint32Array;
}

/** A descriptor's life, and the calls about it. */
export interface LifeLane {
  readonly index: number;
  readonly process: number;
  readonly fd: number;
  readonly life: number;
  what: Life["what"] | "listener";
  /** Its peer, or the address that it is bound to. */
  name: string;
  /** When it was made, or first seen. */
  from: number;
  made: boolean;
  /** When it was closed; Infinity where it was not. */
  until: number;
  entries: Int32Array;
  /** Before each of its calls, and after all: how many had read, written, said "not now", failed. */
  reads: Uint32Array;
  writes: Uint32Array;
  refusals: Uint32Array;
  failures: Uint32Array;
}

/** What a function of the program did in one go: from its first call to the end of its last. */
export interface Spans {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** The function's number in `IndexedRecording.functions`. */
  readonly name: Uint16Array;
  /** Its first call; the wake-up before it, where it made none. */
  readonly entry: Int32Array;
}

/** One process of a recording. */
export interface Process {
  /** Its place in `IndexedRecording.processes`. */
  readonly index: number;
  readonly header: Header;
  /** What is added to its times: all are counted from the first process's clock. */
  readonly shift: number;
  readonly sources: Map<string, Source>;
  /** As it was after its last line. */
  readonly state: ProcessState;
  end: End | null;
  lives: LifeLane[];
  /** Its lines, calls, wake-ups, prints and faults, each as places in the columns. */
  entries: Int32Array;
  calls: Int32Array;
  wakes: Int32Array;
  marks: Int32Array;
  /** For each wake-up the latest by the same poller, itself included, that says what is watched. */
  interest: Int32Array;
  /** The calls in which it slept, when each began, and how long it had slept before it; and after all. */
  asleep: Int32Array;
  asleep_from: Float64Array;
  asleep_before: Float64Array;
  /** How long the recorder had held it up when each of its calls began; and in all. */
  held_before: Float64Array;
  /** By depth: 0 is the outermost function, below the module's own code. */
  spans: readonly Spans[];
  /** When its first line was. */
  from: number;
  /** When its start-up was over: with its first socket, or with the idle connections that were asked for. */
  ready: number;
  /** When its last line was over. */
  until: number;
}

/** A watched attribute of a life, and where it changed. */
export interface WatchedLane {
  readonly life: number;
  readonly name: string;
  entries: Int32Array;
  /** The most bytes that it ever held; 0 of a value. */
  most: number;
}

/** From a call to the call of another descriptor that it leads to, as places in the columns. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
}

/** A recording that was read, with what is looked up in it worked out. */
export class IndexedRecording {
  readonly title: string;
  readonly processes: readonly Process[];
  readonly columns: Columns;
  readonly lives: readonly LifeLane[];
  readonly watched: readonly WatchedLane[];
  readonly names: Names;
  readonly functions: Names;
  readonly troubles: readonly Trouble[];
  readonly questions: readonly Question[];
  readonly arrows: readonly Arrow[];
  /** What is not as it should be with the file, in sentences. */
  readonly notices: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly #lines: TextLines;

  constructor(parts: {
    title: string;
    processes: readonly Process[];
    columns: Columns;
    lives: readonly LifeLane[];
    watched: readonly WatchedLane[];
    names: Names;
    functions: Names;
    troubles: readonly Trouble[];
    questions: readonly Question[];
    arrows: readonly Arrow[];
    notices: readonly string[];
    lines: TextLines;
  }) {
    this.title = parts.title;
    this.processes = parts.processes;
    this.columns = parts.columns;
    this.lives = parts.lives;
    this.watched = parts.watched;
    this.names = parts.names;
    this.functions = parts.functions;
    this.troubles = parts.troubles;
    this.questions = parts.questions;
    this.arrows = parts.arrows;
    this.notices = parts.notices;
    this.#lines = parts.lines;
    this.from = this.columns.t[0] ?? 0;
    this.until = Math.max(this.from + 1, ...this.processes.map(({ until }) => until));
  }

  get length(): number {
    return this.columns.t.length;
  }

  /** The line, as it was written. */
  line(entry: number): Call | Print | Fault {
    const { address, size } = this.columns;
    return JSON.parse(this.#lines.text(address[entry], size[entry])) as Call | Print | Fault;
  }

  /** The call at this place, or null when it is no call. */
  call(entry: number): Call | null {
    const line: Line = this.line(entry);
    return line.kind === "call" ? line : null;
  }

  process(entry: number): Process {
    return this.processes[this.columns.process[entry]];
  }

  /** Where the call of this number is: a process by its number in the file, as troubles and questions name it. */
  entry_of(process_number: number, call: number): number | null {
    const process = this.processes.find(({ header }) => (header.process ?? 0) === process_number);
    if (process === undefined) return null;
    let low = 0;
    let high = process.calls.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.columns.call[process.calls[middle]] < call) low = middle + 1;
      else high = middle;
    }
    const entry = process.calls[low];
    return entry !== undefined && this.columns.call[entry] === call ? entry : null;
  }

  /** The latest wake-up of the same process up to this place, or null before the first. */
  wake_at(entry: number): { readonly entry: number; readonly wake: Wake } | null {
    return this.wake_of(this.process(entry), entry);
  }

  /** The latest wake-up of any process up to this place, which may not be over yet; null before the first. */
  wake_of(
    { wakes, interest }: Process,
    entry: number,
  ): { readonly entry: number; readonly wake: Wake } | null {
    const at = at_least(wakes, entry + 1) - 1;
    if (at < 0) return null;
    const wake = this.call(wakes[at])!.wake!;
    const watched = wake.interest ?? this.call(interest[at])?.wake?.interest ?? [];
    return { entry: wakes[at], wake: { ...wake, interest: watched } };
  }

  /** The arrows that begin or end at this place. */
  arrows_at(entry: number): readonly Arrow[] {
    return this.arrows.filter(({ from, to }) => from === entry || to === entry);
  }

  /** The frames at this place, innermost first. */
  frames(entry: number): readonly Frame[] {
    return this.process(entry).state.frames(this.columns.stack[entry]);
  }

  /** The life that has this number in a process. */
  life(process: Process, life: number): LifeLane | null {
    return process.lives.find((lane) => lane.life === life) ?? null;
  }
}

/** The last of sorted `values` that is not above `value`, or null. */
export function last_until(values: Sorted, value: number): number | null {
  return values[at_least(values, value + 1) - 1] ?? null;
}
