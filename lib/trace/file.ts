/** The file that a recording is written to, line by line. */
import { fs } from "../native/on-demand.ts";
import type { Call, Line } from "./recording.ts";

/** How long lines are kept at most while the program runs; all are written before it may sleep. */
const LATEST_MS = 100;
const MOST_LENGTH = 1 << 16;

export class RecordingFile {
  readonly #fd: number;
  /** Not what the program's own output is recorded by, which comes later. */
  readonly #write_sync = fs().writeSync;
  #lines: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | null = null;
  /** A wake-up whose selector has not yet said what it makes of it. */
  #held: Call | null = null;

  constructor(path: string) {
    this.#fd = fs().openSync(path, "w");
  }

  /** Writes a line, and before it the call that was held, which is complete now. */
  write(line: Line): void {
    // A place goes before the call that was made from it, which may be the one that is held.
    const is_place = line.kind === "stack" || line.kind === "source";
    if (!is_place) this.#write_held();
    this.#append(line);
  }

  /** Keeps a call, to which something may be added until the next line comes. */
  hold(call: Call): void {
    this.#write_held();
    this.#held = call;
    this.#soon();
  }

  /** What the selector has made of a wake-up, if it is still held. */
  add_selected(selected: NonNullable<Call["wake"]>["selected"]): void {
    if (this.#held?.wake === undefined || selected === undefined) return;
    this.#held = { ...this.#held, wake: { ...this.#held.wake, selected } };
    this.#write_held();
  }

  /** Writes everything kept so far. */
  flush(): void {
    this.#write_held();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#length = 0;
    for (let written = 0; written < text.length;)
      written += this.#write_sync(this.#fd, text, written);
  }

  close(): void {
    this.flush();
    fs().closeSync(this.#fd);
  }

  #write_held(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#append(held);
  }

  #append(line: Line): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#lines.push(text);
    this.#length += text.length;
    if (this.#length >= MOST_LENGTH) this.flush();
    else this.#soon();
  }

  /** Writes soon, for a program that waits in Node's event loop. */
  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), LATEST_MS).unref();
  }
}
