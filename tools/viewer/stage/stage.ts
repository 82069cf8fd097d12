/** The current step of a recording, which all panels show. */
import { at_least } from "../data/columns.ts";
import { CALL, PURE } from "../data/model.ts";
import type { IndexedRecording, Process } from "../data/model.ts";

export class Stage {
  readonly recording: IndexedRecording;
  /** The current step: the entry of a call. */
  entry: number;
  /** Whether calls without a system call are steps, too. */
  pure = false;
  /** While a question is open, this call and all after it are hidden. */
  hidden_from: number | null = null;
  readonly #listeners: (() => void)[] = [];

  constructor(recording: IndexedRecording) {
    this.recording = recording;
    this.entry = this.#first_wait() ?? this.next(-1, 1) ?? 0;
  }

  /** Where a program first waits, in a loop or in a blocking call: what comes before explains nothing. */
  #first_wait(): number | null {
    const { processes } = this.recording;
    const waits = [
      processes.flatMap(({ wakes }) => wakes[0] ?? []),
      processes.flatMap(({ asleep }) => asleep[0] ?? []),
    ].find((some) => some.length > 0);
    return waits === undefined ? null : Math.min(...waits);
  }

  /** Calls `listener` after each change, and once now. */
  follow(listener: () => void): void {
    this.#listeners.push(listener);
    listener();
  }

  /** Goes to a call, and gives up an open question about another one. */
  go(entry: number): void {
    if (entry !== this.hidden_from) this.hidden_from = null;
    this.entry = entry;
    this.tell();
  }

  /** Goes to a call, and hides it and all after it. */
  ask(entry: number): void {
    this.entry = entry;
    this.hidden_from = entry;
    this.tell();
  }

  /** Whether an open question hides a call. */
  hides(entry: number): boolean {
    return this.hidden_from !== null && entry >= this.hidden_from;
  }

  /** The time from which on an open question hides everything. */
  get hidden_time(): number {
    return this.hidden_from === null ? Infinity : this.recording.columns.t[this.hidden_from];
  }

  reveal(): void {
    this.hidden_from = null;
    this.tell();
  }

  show_pure(pure: boolean): void {
    this.pure = pure;
    this.tell();
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  step(direction: 1 | -1): void {
    const next = this.next(this.entry, direction);
    if (next !== null) this.go(next);
  }

  /** The next or the previous step of the same program, while others may make theirs. */
  step_in_program(direction: 1 | -1): void {
    const next = this.next_of(this.process, this.entry, direction);
    if (next !== null) this.go(next);
  }

  wake(direction: 1 | -1): void {
    const next = this.recording.processes
      .map(({ wakes }) => neighbour(wakes, this.entry, direction))
      .filter((entry) => entry !== null)
      .toSorted((a, b) => (a - b) * direction)[0];
    if (next !== undefined) this.go(next);
  }

  /** The current turn of the loop, from the end of its wait to the end of the next one. */
  turn(): { readonly from: number; readonly to: number } {
    const { t, d } = this.recording.columns;
    const { wakes, until } = this.process;
    const at = at_least(wakes, this.entry + 1);
    const before = wakes[at - 1];
    const next = wakes[at];
    return {
      from: before === undefined ? this.process.from : t[before] + d[before],
      to: next === undefined ? until : t[next] + Math.min(d[next], d[this.entry] + 1e5),
    };
  }

  end(direction: 1 | -1): void {
    const next = this.next(direction === 1 ? this.recording.length : -1, direction === 1 ? -1 : 1);
    if (next !== null) this.go(next);
  }

  /** The nearest step before or after an entry. */
  next(from: number, direction: 1 | -1): number | null {
    const { columns, length } = this.recording;
    for (let entry = from + direction; entry >= 0 && entry < length; entry += direction) {
      if (this.is_step(columns.what[entry], columns.flags[entry])) return entry;
    }
    return null;
  }

  /** The nearest step of a process before or after an entry. */
  next_of({ calls }: Process, entry: number, direction: 1 | -1): number | null {
    const { what, flags } = this.recording.columns;
    const first = direction === 1 ? at_least(calls, entry + 1) : at_least(calls, entry) - 1;
    for (let at = first; at >= 0 && at < calls.length; at += direction) {
      if (this.is_step(what[calls[at]], flags[calls[at]])) return calls[at];
    }
    return null;
  }

  /** Whether a line with this `what` and these flags is a step. */
  is_step(what: number, flags: number): boolean {
    return what === CALL && (this.pure || (flags & PURE) === 0);
  }

  get process(): Process {
    return this.recording.process(this.entry);
  }
}

function neighbour(entries: Int32Array, entry: number, direction: 1 | -1): number | null {
  const at = at_least(entries, direction === 1 ? entry + 1 : entry);
  return entries[direction === 1 ? at : at - 1] ?? null;
}
