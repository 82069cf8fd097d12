/** What went wrong in a recorded program, found in its calls and explained in words. */
import type { Line } from "../../lib/trace/recording.ts";
import { ProcessState } from "./process-state.ts";
import { Again } from "./troubles/again.ts";
import { FullBacklog } from "./troubles/backlog.ts";
import { HalfClosed, Resets } from "./troubles/ends.ts";
import type { Finder, Trouble } from "./troubles/finder.ts";
import { ClosedWhileRegistered } from "./troubles/registered.ts";
import { Blocking, IdleTimeouts } from "./troubles/sleeping.ts";
import { Spin } from "./troubles/spin.ts";
import { StaleKeys } from "./troubles/stale.ts";
import { Starving } from "./troubles/starving.ts";
import { ShortWrites } from "./troubles/writes.ts";

export type { Trouble } from "./troubles/finder.ts";

/** All finders, in the order in which their troubles are told: what breaks a program first. */
const finders: readonly (new () => Finder)[] = [
  StaleKeys,
  ClosedWhileRegistered,
  Resets,
  ShortWrites,
  Blocking,
  Starving,
  Spin,
  FullBacklog,
  Again,
  IdleTimeouts,
  HalfClosed,
];

/**
 * Looks for troubles while a recording goes by. It remembers something for each open descriptor, and
 * a few examples of each trouble, however long the recording is.
 */
export class TroubleFinder {
  readonly #processes = new Map<number, { process: ProcessState; finders: Finder[] }>();

  /** The next line, of any process. */
  see(line: Line): void {
    const number = line.process ?? 0;
    let known = this.#processes.get(number);
    if (known === undefined) {
      known = { process: new ProcessState(number), finders: finders.map((Each) => new Each()) };
      this.#processes.set(number, known);
    }
    const { process } = known;
    if (line.kind === "call") for (const finder of known.finders) finder.see(line, process);
    process.see(line);
  }

  /** What was found, when all lines are seen: by process, the worst first. */
  finish(): Trouble[] {
    const troubles: Trouble[] = [];
    for (const [number, known] of this.#processes) {
      for (const finder of known.finders) {
        for (const found of finder.finish(known.process))
          troubles.push({ ...found, process: number });
      }
    }
    return troubles;
  }
}
