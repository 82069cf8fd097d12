/** Which function of a program was at work, and for how long: between two wake-ups of its loop. */
import type { Call, Line, Stack } from "../../lib/trace/recording.ts";

/** A function's turn: the calls that it made without another one in between. */
export interface Handler {
  readonly name: string;
  /** From the beginning of its first call to the end of its last, in nanoseconds. */
  readonly from: number;
  to: number;
  /** Where it was when it made its first call. */
  readonly frame: Stack["frames"][number];
}

/** The handlers in one process's lines, in the order of time. */
export function handlers_of(lines: readonly Line[]): Handler[] {
  const stacks = new Map<number, Stack["frames"]>();
  const handlers: Handler[] = [];
  /** The descriptors of the last handler's turn; null when it is over. */
  let lives: Set<number> | null = null;
  for (const line of lines) {
    if (line.kind === "stack") stacks.set(line.stack, line.frames);
    if (line.kind !== "call") continue;
    const frame = outermost(stacks.get(line.stack ?? -1));
    const last = handlers.at(-1);
    if (line.wake !== undefined || frame === undefined) lives = null;
    else if (last !== undefined && lives !== null && is_same(last, lives, frame, line)) {
      last.to = line.t + line.d;
      for (const life of lives_of(line)) lives.add(life);
    } else {
      handlers.push({ name: frame[0], from: line.t, to: line.t + line.d, frame });
      lives = new Set(lives_of(line));
    }
  }
  return handlers;
}

/** The function that the program's own code outside of functions has called. */
function outermost(frames: Stack["frames"] | undefined): Stack["frames"][number] | undefined {
  return frames?.findLast(([name]) => name !== "<module>") ?? frames?.at(-1);
}

/** A function that turns to another descriptor was called anew, unless it has just made that one. */
function is_same(
  { name }: Handler,
  lives: ReadonlySet<number>,
  frame: Stack["frames"][number],
  { life }: Call,
): boolean {
  return name === frame[0] && (life === undefined || lives.size === 0 || lives.has(life));
}

function lives_of({ life, made = [] }: Call): number[] {
  const others = made.map((one) => one.life);
  return life === undefined ? others : [life, ...others];
}
