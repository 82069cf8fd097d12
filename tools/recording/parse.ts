/** Parses the text of a recording line by line, without Node's modules, so that a page can do it too. */
import { VERSION } from "../../lib/trace/recording.ts";
import type { Line } from "../../lib/trace/recording.ts";
import { UsageError } from "../usage-error.ts";

/** The file is not a recording, or is damaged: its message says what is wrong and what to do. */
export class BadRecording extends UsageError {
  override readonly name = "BadRecording";
}

/** A parsed recording. */
export interface ParsedRecording {
  readonly lines: readonly Line[];
  /** Whether the last line was cut off and is left out: the program was killed while writing it. */
  readonly cut: boolean;
}

/** Parses a recording that arrives in pieces of any size. */
export class Parser {
  readonly #name: string;
  readonly #processes = new Set<number>();
  #rest = "";
  #number = 0;

  /** `name` is the file, for error messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Returns the lines that this piece completes. Throws BadRecording. */
  push(piece: string): Line[] {
    const texts = (this.#rest + piece).split("\n");
    this.#rest = texts.pop()!;
    const lines: Line[] = [];
    for (const text of texts) {
      this.#number++;
      // Empty lines do no harm except at the beginning, where the header must be.
      if (text.trim() === "" && this.#number > 1) continue;
      const line = this.#line(text);
      if (line !== null) lines.push(line);
    }
    return lines;
  }

  /** Returns what is left after the last piece. Throws BadRecording, also if there was nothing at all. */
  end(): ParsedRecording {
    const rest = this.#rest;
    if (rest.trim() === "") {
      if (this.#number === 0) {
        throw new BadRecording(
          `${this.#name} is empty. Make a recording with \`npx iomux trace\`.`,
        );
      }
      return { lines: [], cut: false };
    }
    // A truncated object is never valid JSON.
    if (this.#number > 0 && as_object(rest) === null) return { lines: [], cut: true };
    return { lines: this.push("\n"), cut: false };
  }

  /** Parses a line; null for a kind that this version does not know. */
  #line(text: string): Line | null {
    const line = as_object(text);
    if (this.#number === 1) this.#check_first(line);
    if (line === null) throw this.#broken("is not a JSON object");
    const { kind, process = 0 } = line;
    if (typeof kind !== "string") throw this.#broken("has no kind");
    const fields = Object.hasOwn(needed, kind) ? needed[kind as Line["kind"]] : undefined;
    if (fields === undefined) return null;
    if (!Number.isSafeInteger(process)) throw this.#broken("has a process that is not a number");
    if (kind === "header") this.#processes.add(process as number);
    else if (!this.#processes.has(process as number)) {
      throw this.#broken(`belongs to process ${String(process)}, which has no header`);
    }
    for (const [field, is_right] of fields) {
      if (!is_right(line[field])) throw this.#broken(`is a ${kind} without a valid "${field}"`);
    }
    return line as unknown as Line;
  }

  #check_first(line: Record<string, unknown> | null): void {
    if (line?.kind !== "header" || line.format !== "iomux-recording") {
      throw new BadRecording(
        `${this.#name} is not an iomux recording: its first line is not a header. ` +
          "Make one with `npx iomux trace`.",
      );
    }
    if (line.version !== VERSION) {
      throw new BadRecording(
        `${this.#name} is a version ${String(line.version)} recording, and this iomux reads ` +
          `version ${VERSION}: read it with the iomux that made it, or record the program again.`,
      );
    }
  }

  #broken(what: string): BadRecording {
    return new BadRecording(
      `${this.#name} is damaged: line ${this.#number} ${what}. Record the program again with ` +
        "`npx iomux trace`.",
    );
  }
}

/** Parses a whole recording. Throws BadRecording. */
export function parse(text: string, name: string): ParsedRecording {
  const parser = new Parser(name);
  const lines = parser.push(text);
  const { lines: last, cut } = parser.end();
  return { lines: [...lines, ...last], cut };
}

function as_object(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const is_object = typeof value === "object" && value !== null && !Array.isArray(value);
  return is_object ? (value as Record<string, unknown>) : null;
}

type Check = (value: unknown) => boolean;

const is_number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const is_text: Check = (value) => typeof value === "string";
const is_list: Check = (value) => Array.isArray(value);
const are_texts = list_of(is_text);
const is_clock: Check = (value) => typeof value === "string" && /^\d+$/.test(value);
const is_date: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const is_status: Check = (value) => value === null || is_number(value);
const is_object: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const is_result: Check = (value) =>
  value === null || is_number(value) || is_text(value) || is_list(value);
const is_life = object_of({ fd: is_number, life: is_number, what: is_text });
const is_interest: Check = (value) =>
  Array.isArray(value) && value.length === 3 && value.every(is_number);
const are_interests = list_of(is_interest);
const is_wake = object_of({
  by: one_of("epoll", "poll", "select", "kqueue"),
  poller: or_left_out(is_number),
  timeout: is_status,
  interest: or_left_out(are_interests),
  ready: are_interests,
  selected: or_left_out(are_interests),
  why: or_left_out(list_of(object_of({ fd: is_number, life: is_number }))),
});
const is_watched = values_of(values_of(is_object));
const is_frame: Check = (value) =>
  Array.isArray(value) && is_text(value[0]) && is_text(value[1]) && is_number(value[2]);
const is_source = object_of({ path: is_text, text: is_text });
const is_overhead: Check = (value) =>
  Array.isArray(value) && is_number(value[0]) && is_number(value[1]);

function list_of(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function values_of(check: Check): Check {
  return (value) => is_object(value) && Object.values(value as object).every(check);
}

function object_of(fields: Readonly<Record<string, Check>>): Check {
  return (value) =>
    is_object(value) &&
    Object.entries(fields).every(([name, check]) =>
      check((value as Readonly<Record<string, unknown>>)[name]),
    );
}

function one_of(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

function or_left_out(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** The fields of each kind of line, and what is right in them. */
const needed: Readonly<Record<Line["kind"], readonly (readonly [string, Check])[]>> = {
  header: Object.entries({
    pid: is_number,
    program: is_text,
    argv: are_texts,
    started: is_date,
    clock: is_clock,
    watch: are_texts,
  }),
  source: Object.entries({ path: is_text, text: is_text, twin: or_left_out(is_source) }),
  stack: Object.entries({ stack: is_number, frames: list_of(is_frame) }),
  call: Object.entries({
    call: is_number,
    t: is_number,
    d: is_number,
    overhead: or_left_out(is_overhead),
    name: is_text,
    syscall: or_left_out(is_text),
    args: is_object,
    result: is_result,
    errno: or_left_out(is_text),
    bytes: or_left_out(is_number),
    data: or_left_out(is_text),
    fd: or_left_out(is_number),
    life: or_left_out(is_number),
    made: or_left_out(list_of(is_life)),
    ended: or_left_out(is_number),
    stack: or_left_out(is_number),
    loop: is_number,
    wake: or_left_out(is_wake),
    watched: or_left_out(is_watched),
  }),
  print: Object.entries({ t: is_number, fd: is_number, text: is_text }),
  fault: Object.entries({ t: is_number, name: is_text, text: is_text }),
  end: Object.entries({
    t: is_number,
    status: is_status,
    signal: or_left_out(is_text),
    error: or_left_out(is_text),
    overhead: or_left_out(object_of({ calls: is_number, ns: is_number })),
    omitted: or_left_out(is_number),
  }),
};
