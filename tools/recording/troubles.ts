/** What went wrong in a recorded program, found in its calls and explained in words. */
import type { Call, Line } from "../../lib/trace/recording.ts";
import { replay } from "./process-state.ts";
import type { ProcessState } from "./process-state.ts";
import { Again } from "./troubles/again.ts";
import { FullBacklog } from "./troubles/backlog.ts";
import { HalfClosed, Resets } from "./troubles/ends.ts";
import type { Finder, TroubleKind, Trouble } from "./troubles/finder.ts";
import { ClosedWhileRegistered } from "./troubles/registered.ts";
import { Blocking, IdleTimeouts } from "./troubles/sleeping.ts";
import { Spin } from "./troubles/spin.ts";
import { StaleKeys } from "./troubles/stale.ts";
import { Starving } from "./troubles/starving.ts";
import { ShortWrites } from "./troubles/writes.ts";

export type { Trouble } from "./troubles/finder.ts";

/** The finder of each kind. Troubles are listed in this order: those that break a program first. */
export const FINDERS: Readonly<Record<TroubleKind, new () => Finder>> = {
  "stale-key": StaleKeys,
  "use-after-close": StaleKeys,
  "closed-while-registered": ClosedWhileRegistered,
  reset: Resets,
  refused: Resets,
  "short-write": ShortWrites,
  "lost-write": ShortWrites,
  "blocking-call": Blocking,
  "busy-handler": Blocking,
  starving: Starving,
  spin: Spin,
  backlog: FullBacklog,
  "again-ready": Again,
  "again-unasked": Again,
  "again-drained": Again,
  "idle-timeout": IdleTimeouts,
  "half-close": HalfClosed,
};

const finders = [...new Set(Object.values(FINDERS))];

/** The troubles in a whole recording. */
export function troubles_of(lines: Iterable<Line>): Trouble[] {
  const finder = new TroubleFinder();
  replay(lines, (call, process) => finder.see(call, process));
  return finder.finish();
}

/**
 * Looks for troubles in a recording as it is read. Its memory is bounded by the open descriptors and a
 * few examples of each trouble, however long the recording is.
 */
export class TroubleFinder {
  readonly #finders = new Map<ProcessState, readonly Finder[]>();

  /** Takes the next call, and its process in the state before it. */
  see(call: Call, process: ProcessState): void {
    let own = this.#finders.get(process);
    if (own === undefined) {
      own = finders.map((Each) => new Each());
      this.#finders.set(process, own);
    }
    for (const finder of own) finder.see(call, process);
  }

  /** Returns what was found, after the last line: by process, the worst first. */
  finish(): Trouble[] {
    const troubles: Trouble[] = [];
    for (const [process, own] of [...this.#finders].toSorted(([a], [b]) => a.number - b.number)) {
      for (const finder of own) {
        for (const found of finder.finish(process))
          troubles.push({ ...found, process: process.number });
      }
    }
    return troubles;
  }
}
