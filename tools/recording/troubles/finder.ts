/** What the finders of troubles share. */
import type { Call } from "../../../lib/trace/recording.ts";
import { listed } from "../../words.ts";
import type { ProcessState } from "../process-state.ts";

/** The kinds of troubles. */
export type Kind =
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

/** Something that went wrong, or cost more than it had to, in words for who is learning. */
export interface Trouble {
  kind: Kind;
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
  see(call: Call, process: ProcessState): void;
  /** What was found, when all lines are seen. */
  finish(process: ProcessState): Found[];
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
    kind: Kind,
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

/** Those sentences that there are, one after the other. */
export function sentences(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(" ");
}

/** Nanoseconds in one millisecond. */
export const MILLISECOND = 1e6;
