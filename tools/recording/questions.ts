/** Makes questions from a recording: predict what comes next, then see what really happened. */
import type { Call, Line } from "../../lib/trace/recording.ts";
import { replay } from "./process-state.ts";
import type { ProcessState } from "./process-state.ts";
import type { Ask, Asked, Asker, Level, Question } from "./questions/asked.ts";
import { AboutCalls, AboutNumbers } from "./questions/calls.ts";
import { AboutBatches, AboutWaits } from "./questions/waits.ts";

export type { Question } from "./questions/asked.ts";

/** Topics of the same level are chosen in this order. */
const askers: readonly (new () => Asker)[] = [AboutWaits, AboutBatches, AboutCalls, AboutNumbers];

const MOST_QUESTIONS = 12;
const MOST_OF_A_TOPIC = 2;
/** Where in the recording to look for a topic's questions: 0 is its beginning, 1 its end. */
const PLACES: Readonly<Record<Level, readonly number[]>> = {
  1: [0, 0.5],
  2: [0.5, 1],
  3: [1, 0.5],
};
const MOST_KEPT = 16;

interface Placed {
  readonly t: number;
  readonly question: Question;
}

/** Questions on one topic: when there are too many, every other one is dropped, and fewer are taken. */
class Topic {
  readonly level: Level;
  kept: Placed[] = [];
  #seen = 0;
  #every = 1;

  constructor(level: Level) {
    this.level = level;
  }

  offer(at: Call, process: number, make: () => Asked | null): void {
    if (this.#seen++ % this.#every !== 0) return;
    const made = make();
    if (made === null) return;
    this.kept.push({ t: at.t, question: { process, call: at.call, ...made } });
    if (this.kept.length <= MOST_KEPT) return;
    this.kept = this.kept.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  /** Picks a free one: easy ones early in the recording, hard ones late. */
  pick(round: number, is_free: (placed: Placed) => boolean): Placed | undefined {
    const middle = Math.round(PLACES[this.level][round] * (this.kept.length - 1));
    return this.kept
      .map((placed, index) => ({ placed, distance: Math.abs(index - middle) }))
      .toSorted((a, b) => a.distance - b.distance)
      .find(({ placed }) => is_free(placed))?.placed;
  }
}

/** The questions about a whole recording. */
export function questions_of(lines: Iterable<Line>): Question[] {
  const maker = new QuestionMaker();
  replay(lines, (call, process) => maker.see(call, process));
  return maker.finish();
}

/** Makes questions while a recording goes by; the same recording gives the same questions. */
export class QuestionMaker {
  readonly #processes = new Map<ProcessState, { askers: Asker[]; ask: Ask }>();
  readonly #topics = new Map<string, Topic>();

  /** Takes the next call, and its process in the state before it. */
  see(call: Call, process: ProcessState): void {
    let known = this.#processes.get(process);
    if (known === undefined) {
      const ask: Ask = (name, level, at, make) => {
        let topic = this.#topics.get(name);
        if (topic === undefined) this.#topics.set(name, (topic = new Topic(level)));
        topic.offer(at, process.number, make);
      };
      known = { askers: askers.map((Each) => new Each()), ask };
      this.#processes.set(process, known);
    }
    for (const asker of known.askers) asker.see(call, process, known.ask);
  }

  /** Returns a dozen questions at most, in the order of time. */
  finish(): Question[] {
    const chosen: Placed[] = [];
    const places = new Set<string>();
    const texts = new Set<string>();
    const place = ({ question: { process, call } }: Placed): string => `${process} ${call}`;
    const text = ({ question: { question, answer } }: Placed): string => `${question} ${answer}`;
    const is_free = (placed: Placed): boolean =>
      !places.has(place(placed)) && !texts.has(text(placed));
    const topics = mixed_levels([...this.#topics.values()].filter(({ kept }) => kept.length > 0));
    for (let round = 0; round < MOST_OF_A_TOPIC; round++) {
      // The topic with the fewest questions chooses first, and of two equal ones the harder.
      const some = topics
        .slice(0, MOST_QUESTIONS - chosen.length)
        .toSorted((a, b) => a.kept.length - b.kept.length || b.level - a.level);
      for (const topic of some) {
        const picked = topic.pick(round, is_free);
        if (picked === undefined) continue;
        chosen.push(picked);
        places.add(place(picked));
        texts.add(text(picked));
      }
    }
    return chosen.toSorted((a, b) => a.t - b.t).map(({ question }) => question);
  }
}

/** Alternates topics of all levels: an easy one, a medium one, a hard one. */
function mixed_levels(topics: readonly Topic[]): Topic[] {
  const by_level = ([1, 2, 3] as const).map((level) => topics.filter((one) => one.level === level));
  return topics.flatMap((_, turn) => by_level.flatMap((some) => some.slice(turn, turn + 1)));
}
