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
    const fields = Object.hasOwn(needed, kind) ? needed[kind] : undefined;
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
const is_clock: Check = (value) => typeof value === "string" && /^\d+$/.test(value);
const is_status: Check = (value) => value === null || is_number(value);
const is_object: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const is_life: Check = (value) =>
  is_object(value) && is_number((value as Life).fd) && is_number((value as Life).life);
const are_lives: Check = (value) => Array.isArray(value) && value.every(is_life);
const is_interest: Check = (value) =>
  Array.isArray(value) && value.length === 3 && value.every(is_number);
const is_wake: Check = (value) => is_object(value) && every((value as Ready).ready, is_interest);
const is_frame: Check = (value) =>
  Array.isArray(value) && is_text(value[0]) && is_text(value[1]) && is_number(value[2]);

interface Life {
  readonly fd: unknown;
  readonly life: unknown;
}

interface Ready {
  readonly ready: unknown;
}

function every(value: unknown, check: Check): boolean {
  return Array.isArray(value) && value.every(check);
}

function or_left_out(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** The fields that the other tools need in each kind of line. */
const needed: Readonly<Record<string, readonly (readonly [field: string, is_right: Check])[]>> = {
  header: [
    ["pid", is_number],
    ["program", is_text],
    ["argv", is_list],
    ["started", is_text],
    ["clock", is_clock],
    ["watch", is_list],
  ],
  source: [
    ["path", is_text],
    ["text", is_text],
  ],
  stack: [
    ["stack", is_number],
    ["frames", (value) => every(value, is_frame)],
  ],
  call: [
    ["call", is_number],
    ["t", is_number],
    ["d", is_number],
    ["name", is_text],
    ["args", is_object],
    ["loop", is_number],
    ["made", or_left_out(are_lives)],
    ["wake", or_left_out(is_wake)],
  ],
  print: [
    ["t", is_number],
    ["fd", is_number],
    ["text", is_text],
  ],
  fault: [
    ["t", is_number],
    ["name", is_text],
    ["text", is_text],
  ],
  end: [
    ["t", is_number],
    ["status", is_status],
  ],
};
