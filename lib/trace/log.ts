/**
 * The log: what the recorder writes while a program runs. It costs the program as little as it can: numbers
 * and first bytes, copied into memory that was made beforehand. trace/replay.ts makes the recording of it.
 *
 * A log is a sequence of 64-bit floating point numbers of this machine. A record begins with its kind: the
 * number of a native function, or one of `KIND`; items follow it, each with its `ITEM`, up to `ITEM.end`.
 */
import { fs } from "../native/on-demand.ts";

/** How a log begins, 16 bytes: a recording begins with a brace. */
export const MAGIC = "iomux log 1\n\n\n\n\n";

/** Records that are not calls. */
export const KIND = {
  /** A line of the recording, as it is: ITEM.text. */
  line: -1,
  /** What the next wait is asked, where that has changed: ITEM.numbers. */
  asked: -2,
  /** When the selector began and ended to say what it makes of a wait, and what: ITEM.numbers. */
  selected: -3,
} as const;

/** The words of a call before its arguments: function, entered, began, ended, spent, result, stack. */
export const CALL_WORDS = 7;

/** What may follow the words of a record. */
export const ITEM = { end: 0, bytes: 1, numbers: 2, text: 3 } as const;

/** Arguments and results that are not numbers, as numbers that no system call knows. */
export const WORD = { true: 2 ** 1000, false: 2 ** 1001, other: 2 ** 1002 } as const;

/** A number or a boolean as a word; `WORD.other` for anything else. */
export function word_of(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? WORD.true : WORD.false;
  return WORD.other;
}

/** How many words are kept until they are written. */
const CAPACITY = 1 << 14;
/** How long they are kept at most while the program is in Node's event loop: all are written before it may sleep. */
const LATEST_MS = 100;

/** Numbers in an array, or in memory of the program's. */
export type Numbers = readonly number[] | Int32Array;

export function is_same(some: Numbers, others: Numbers): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

export class Log {
  readonly #fd: number;
  /** Not what the program's own output is recorded by, which comes later. */
  readonly #write_sync = fs().writeSync;
  readonly #words = new Float64Array(CAPACITY);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  #size = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Opens a file, which it overwrites. */
  constructor(path: string) {
    this.#fd = fs().openSync(path, "w");
    this.#size = Buffer.from(this.#bytes.buffer).write(MAGIC) >> 3;
  }

  word(value: number): void {
    if (this.#size === CAPACITY) this.flush();
    this.#words[this.#size++] = value;
  }

  /** Copies the first bytes of memory: at most `most` of `length`. */
  bytes(view: Uint8Array, offset: number, length: number, most: number): void {
    const kept = Math.min(length, most);
    this.word(ITEM.bytes);
    this.word(length);
    this.word(kept);
    const size = (kept + 7) >> 3;
    if (this.#size + size > CAPACITY) this.flush();
    const at = this.#size << 3;
    if (kept === view.byteLength) this.#bytes.set(view, at);
    else for (let index = 0; index < kept; index++) this.#bytes[at + index] = view[offset + index];
    this.#size += size;
  }

  numbers(values: Numbers, count: number): void {
    this.word(ITEM.numbers);
    this.word(count);
    for (let index = 0; index < count; index++) this.word(values[index]);
  }

  /** A text of any length. */
  text(text: string): void {
    const length = Buffer.byteLength(text);
    const size = (length + 7) >> 3;
    this.word(ITEM.text);
    this.word(length);
    if (this.#size + size > CAPACITY) this.flush();
    if (size > CAPACITY) {
      const all = Buffer.alloc(size << 3);
      all.write(text);
      this.#write(all);
      return;
    }
    Buffer.from(this.#bytes.buffer).write(text, this.#size << 3);
    this.#size += size;
  }

  /** Ends a record. */
  end(): void {
    this.word(ITEM.end);
    // It may be the last one for long.
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush();
    }, LATEST_MS).unref();
  }

  /** Writes everything kept so far. */
  flush(): void {
    if (this.#size === 0) return;
    const size = this.#size << 3;
    this.#size = 0;
    this.#write(this.#bytes, size);
  }

  close(): void {
    this.flush();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    fs().closeSync(this.#fd);
  }

  #write(bytes: Uint8Array, size: number = bytes.byteLength): void {
    for (let written = 0; written < size;) {
      written += this.#write_sync(this.#fd, bytes, written, size - written);
    }
  }
}
