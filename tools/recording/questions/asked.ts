/** What a question is, and what all askers share. */
import type { Call } from "../../../lib/trace/recording.ts";
import type { ProcessState } from "../process-state.ts";

/** A question to ask while stepping through a recording. */
export interface Question {
  process: number;
  /** The call before which it is asked: everything before it is visible. */
  call: number;
  question: string;
  choices: string[];
  /** The index of the right choice. */
  answer: number;
  /** Why, according to the recording. */
  explanation: string;
}

/** 1 for what a beginner knows, 3 for what surprises. */
export type Level = 1 | 2 | 3;

/** A question without its place in the recording. */
export type Asked = Omit<Question, "process" | "call">;

/**
 * Offers a question about a call. A few are kept of each topic, from all over the recording, and only
 * those are made.
 */
export type Ask = (topic: string, level: Level, at: Call, make: () => Asked | null) => void;

/** Makes one kind of question about the calls of a process. */
export interface Asker {
  /** Takes the next call; `process` is in the state before it. */
  see(call: Call, process: ProcessState, ask: Ask): void;
}

/** A question with its choices in a fixed order, all different. */
export function asked(
  question: string,
  choices: readonly string[],
  right: string,
  explanation: string,
): Asked {
  return { question, choices: [...choices], answer: choices.indexOf(right), explanation };
}

/** A question with the right choice at a place that depends on the call alone. */
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

/** The shortest name that identifies a descriptor. */
export function short_name(
  process: ProcessState,
  fd: number | undefined,
  life: number | undefined,
): string {
  const what = life === undefined ? undefined : process.open.get(life)?.what;
  return what === "listener" ? `the listener (fd ${fd})` : `fd ${fd}`;
}
