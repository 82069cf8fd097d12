/** What all finders of troubles share. */
import type { Call } from "../../../lib/trace/recording.ts";
import { listed } from "../../words.ts";
import type { ProcessState } from "../process-state.ts";

/** The kinds of troubles. */
export type TroubleKind =
  | "stale-key"
  | "use-after-close"
  | "closed-while-registered"
  | "reset"
  | "refused"
  | "short-write"
  | "lost-write"
  | "blocking-call"
  | "busy-handler"
  | "starving"
  | "spin"
  | "backlog"
  | "again-ready"
  | "again-unasked"
  | "again-drained"
  | "idle-timeout"
  | "half-close";

/** Something that went wrong or was wasteful, explained for learners. */
export interface Trouble {
  kind: TroubleKind;
  /** A headline with numbers. */
  title: string;
  /** What happened, and why the kernel did it. */
  explanation: string;
  /** What to do about it. */
  advice: string;
  process: number;
  /** The numbers of some calls that show it, in order. */
  calls: number[];
  /** How often it happened. */
  count: number;
}

/** Looks for one kind of trouble in one process. */
export interface Finder {
  /** Takes the next call; `process` is in the state before it. */
  see(call: Call, process: ProcessState): void;
  /** Returns what was found, after the last line. */
  finish(process: ProcessState): Found[];
}

/** A trouble without its process. */
export type Found = Omit<Trouble, "process">;

/** The most calls to keep as examples. */
const MOST = 20;

/** How often something happened, and the first calls that show it. */
export class Examples {
  count = 0;
  readonly calls: number[] = [];
  /** What it happened to: the first few different names. */
  readonly names = new Set<string>();

  /** Adds one that happened to `name`, shown by these calls. */
  add(name: string | readonly string[], ...calls: readonly number[]): void {
    this.count++;
    for (const one of typeof name === "string" ? [name] : name) {
      if (this.names.size < 4) this.names.add(one);
    }
    // Similar events may share calls.
    for (const call of calls) {
      if (this.calls.length < MOST && !this.calls.includes(call)) this.calls.push(call);
    }
  }

  /** The trouble that these are examples of; nothing if there are none. */
  found(
    kind: TroubleKind,
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
    return listed(names);
  }
}

/** Joins the sentences, leaving out nulls. */
export function sentences(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(" ");
}

/** Nanoseconds in one millisecond. */
export const MILLISECOND = 1e6;
