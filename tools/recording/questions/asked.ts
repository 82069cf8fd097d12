/** What a question is, and what those who make them share. */
import type { Call } from "../../../lib/trace/recording.ts";
import type { ProcessState } from "../process-state.ts";

/** A question to be asked while a recording is looked at. */
export interface Question {
  process: number;
  /** The call before which it is asked: all that came before it is known. */
  call: number;
  question: string;
  choices: string[];
  /** Which of the choices is right, from 0. */
  answer: number;
  /** Why, from what was recorded. */
  explanation: string;
}

/** How hard: 1 for what a beginner sees, 3 for what surprises. */
export type Level = 1 | 2 | 3;

/** A question without its place. */
export type Asked = Omit<Question, "process" | "call">;

/**
 * Offers a question about a call. Of each topic a few are kept, from all over the recording; only
 * those are made.
 */
export type Ask = (topic: string, level: Level, at: Call, make: () => Asked | null) => void;

/** Makes questions of some kind about the calls of one process. */
export interface Asker {
  /** A call, in order; `process` is as it was before it. */
  see(call: Call, process: ProcessState, ask: Ask): void;
}

/** A question whose choices are always in the same order; no choice may be there twice. */
export function asked(
  question: string,
  choices: readonly string[],
  right: string,
  explanation: string,
): Asked {
  return { question, choices: [...choices], answer: choices.indexOf(right), explanation };
}

/** The same, with the right choice at a place that depends on the call, and nothing else. */
export function mixed(
  question: string,
  right: string,
  wrong: readonly string[],
  explanation: string,
  at: Call,
): Asked | null {
  const others = [...new Set(wrong)].filter((choice) => choice !== right).slice(0, 3);
  if (others.length === 0) return null;
  const answer = (at.call * 7 + Math.floor(at.call / 5)) % (others.length + 1);
  return { question, choices: others.toSpliced(answer, 0, right), answer, explanation };
}

/** A descriptor, as short as it can be told from others. */
export function short_name(
  process: ProcessState,
  fd: number | undefined,
  life: number | undefined,
): string {
  const what = life === undefined ? undefined : process.open.get(life)?.what;
  return what === "listener" ? `the listener (fd ${fd})` : `fd ${fd}`;
}
