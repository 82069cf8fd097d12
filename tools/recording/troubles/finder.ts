/** What the finders of troubles share. */
import type { Call } from "../../../lib/trace/recording.ts";
import type { Process } from "../process.ts";

/** Something that went wrong, or cost more than it had to, in words for who is learning. */
export interface Trouble {
  /** Which finder found it: "spin", "short-write". */
  kind: string;
  /** In half a sentence, with numbers. */
  title: string;
  /** What happened, and why the kernel did it. */
  explanation: string;
  /** What to do about it. */
  advice: string;
  process: number;
  /** The numbers of some calls that show it, in their order. */
  calls: number[];
  /** How often it happened. */
  count: number;
}

/** Looks for one kind of trouble in one process. */
export interface Finder {
  /** A call, in order; `process` is as it was before it. */
  see(call: Call, process: Process): void;
  /** What was found, when all lines are seen. */
  finish(process: Process): Found[];
}

/** A trouble of a process that is known. */
export type Found = Omit<Trouble, "process">;

/** How many calls are remembered as examples. */
const MOST = 20;

/** How often something happened, and the first calls that show it. */
export class Examples {
  count = 0;
  readonly calls: number[] = [];
  /** What it is about, in words: the first few that are different. */
  readonly names = new Set<string>();

  /** Once more, about these, and shown by these calls. */
  add(name: string | readonly string[], ...calls: readonly number[]): void {
    this.count++;
    for (const one of typeof name === "string" ? [name] : name) {
      if (this.names.size < 4) this.names.add(one);
    }
    // Twins of an event have calls in common.
    for (const call of calls) {
      if (this.calls.length < MOST && !this.calls.includes(call)) this.calls.push(call);
    }
  }

  /** The trouble that these are examples of; none without any. */
  found(
    kind: string,
    title: string,
    explanation: string | readonly (string | null)[],
    advice: string,
  ): Found[] {
    if (this.count === 0) return [];
    const text = typeof explanation === "string" ? explanation : sentences(explanation);
    const calls = this.calls.toSorted((a, b) => a - b);
    return [{ kind, title, explanation: text, advice, calls, count: this.count }];
  }

  /** "fd 5, fd 6 and others". */
  list(): string {
    const names = [...this.names];
    if (names.length === 4) return `${names.slice(0, 3).join(", ")} and others`;
    return and(names);
  }
}

/** Those sentences that there are, one after the other. */
export function sentences(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(" ");
}

/** "a", "a and b", "a, b and c". */
export function and(names: readonly string[], word: string = "and"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}

/** "1 byte", "300,000 bytes". */
export function amount(n: number, thing: string, things: string = `${thing}s`): string {
  return `${digits(n)} ${n === 1 ? thing : things}`;
}

/** "once", "twice", "1,200 times". */
export function times(n: number): string {
  if (n === 1) return "once";
  return n === 2 ? "twice" : `${digits(n)} times`;
}

/** "1,200". */
export function digits(n: number): string {
  return String(n).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Nanoseconds with two or three digits that count: "1.9 s", "350 ms", "12 µs". */
export function duration(ns: number): string {
  for (const [unit, size] of units) {
    if (ns >= size) return `${Number((ns / size).toPrecision(ns >= 100 * size ? 3 : 2))} ${unit}`;
  }
  return `${ns} ns`;
}

const units = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
] as const;

/** Nanoseconds in one millisecond. */
export const MILLISECOND = 1e6;
