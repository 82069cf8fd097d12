/** Makes a recording of a log: replays its calls, to know which descriptor was whose, and says them in words. */
import { fs } from "../native/on-demand.ts";
import { native_calls } from "./calls.ts";
import type { FunctionName } from "./calls.ts";
import { bytes_moved, data_of, describer, errno_name } from "./describe.ts";
import type { Copied } from "./describe.ts";
import { Lives } from "./lives.ts";
import { CALL_WORDS, ITEM, KIND, MAGIC, WORD } from "./log.ts";
import type { Call, Interest, Life, Line, Wake, Watched, Why } from "./recording.ts";
import { waits } from "./wakes.ts";
import type { Wait } from "./wakes.ts";

/** What a call's text has: what no number can say. */
export interface Besides {
  /** Arguments that are not numbers, by their positions. */
  readonly args?: Readonly<Record<number, unknown>>;
  readonly result?: unknown;
  readonly local?: unknown;
  /** By descriptor, then by name. */
  readonly watched?: Readonly<Record<string, Readonly<Record<string, Watched>>>> | undefined;
  readonly why?: readonly Omit<Why, "life">[];
}

/**
 * Whether a file is a log and not yet a recording: the program was killed, or is still running.
 * Throws Node's error if it cannot be read.
 */
export function is_log(path: string): boolean {
  const fd = fs().openSync(path, "r");
  try {
    const first = Buffer.alloc(MAGIC.length);
    fs().readSync(fd, first, 0, MAGIC.length, 0);
    return first.toString() === MAGIC;
  } finally {
    fs().closeSync(fd);
  }
}

/** The lines of a recording, from the log in a file; what was cut off at its end is left out. */
export function* replay(path: string): Generator<Line> {
  const reader = new Reader(path);
  try {
    reader.text(MAGIC.length);
    const names = JSON.parse(reader.items().text!) as FunctionName[];
    yield* new Replay(reader, names.map(all_of)).lines();
  } catch (error) {
    if (error !== END) throw error;
  } finally {
    reader.close();
  }
}

/**
 * Makes the recording of a log, in its place, unless that is a device or a pipe. Throws Node's error if it
 * cannot be written, and leaves the log.
 */
export function finish(log: string): void {
  const { appendFileSync, closeSync, openSync, realpathSync, renameSync, rmSync, statSync } = fs();
  if (!statSync(log).isFile()) return;
  // It may be named by a link, such as /dev/stdout, which must stay.
  const path = realpathSync(log);
  const beside = `${path}.part`;
  const fd = openSync(beside, "w");
  try {
    let text = "";
    for (const line of replay(path)) {
      text += `${JSON.stringify(line)}\n`;
      if (text.length < 1 << 16) continue;
      appendFileSync(fd, text);
      text = "";
    }
    appendFileSync(fd, text);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Thrown where a log ends. */
const END = new Error("the log has ended");

/** How much is read at a time, in words. */
const PIECE = 1 << 15;

/** Reads words and items. */
class Reader {
  readonly #fd: number;
  readonly #words = new Float64Array(PIECE);
  readonly #bytes = Buffer.from(this.#words.buffer);
  #at = 0;
  #size = 0;

  constructor(path: string) {
    this.#fd = fs().openSync(path, "r");
  }

  close(): void {
    fs().closeSync(this.#fd);
  }

  word(): number {
    if (this.#at === this.#size) this.#fill();
    return this.#words[this.#at++];
  }

  /** As many bytes, which fill words. */
  bytes(length: number): Buffer {
    const bytes = Buffer.alloc((length + 7) & ~7);
    for (let filled = 0; filled < bytes.length;) {
      if (this.#at === this.#size) this.#fill();
      const size = Math.min(bytes.length - filled, (this.#size - this.#at) << 3);
      this.#bytes.copy(bytes, filled, this.#at << 3, (this.#at << 3) + size);
      this.#at += size >> 3;
      filled += size;
    }
    return bytes.subarray(0, length);
  }

  text(length: number): string {
    return this.bytes(length).toString();
  }

  /** The items up to the end of the record. */
  items(): Copied & { readonly text: string | undefined } {
    const bytes: Copied["bytes"][number][] = [];
    const numbers: number[][] = [];
    let text: string | undefined;
    for (;;) {
      switch (this.word()) {
        case ITEM.bytes: {
          const length = this.word();
          bytes.push({ length, first: this.bytes(this.word()) });
          break;
        }
        case ITEM.numbers:
          numbers.push(Array.from({ length: this.word() }, () => this.word()));
          break;
        case ITEM.text:
          text = this.text(this.word());
          break;
        default:
          return { bytes, numbers, text };
      }
    }
  }

  #fill(): void {
    let size = 0;
    do {
      const read = fs().readSync(this.#fd, this.#bytes, size, this.#bytes.length - size, null);
      // A killed program may have written part of a word.
      if (read === 0 && size < 8) throw END;
      if (read === 0) break;
      size += read;
    } while ((size & 7) !== 0);
    this.#at = 0;
    this.#size = size >> 3;
  }
}

/** Everything known about a function, looked up once instead of at each call. */
function all_of(name: FunctionName) {
  return { name, ...native_calls[name], describe: describer(name), wait: waits[name] };
}

type Known = ReturnType<typeof all_of>;

class Replay {
  readonly #reader: Reader;
  readonly #functions: readonly Known[];
  readonly #lives = new Lives();
  #asked: readonly number[] = [];
  /** A wake-up whose selector may not yet have said what it makes of it. */
  #held: Call | null = null;
  #calls = 0;
  #loop = 0;
  #overhead = 0;
  /** What recording has cost since the last call, besides what that call's record says. */
  #selecting = 0;

  constructor(reader: Reader, functions: readonly Known[]) {
    this.#reader = reader;
    this.#functions = functions;
  }

  *lines(): Generator<Line> {
    for (;;) {
      const line = this.#next();
      if (line === null) continue;
      if (this.#held !== null) yield this.#held;
      this.#held = null;
      if (line === undefined) return;
      if (line.kind === "call" && line.wake !== undefined) this.#held = line;
      else yield line;
    }
  }

  /** The next record's line; null if it is none of its own, undefined at the end. */
  #next(): Line | null | undefined {
    try {
      return this.#record(this.#reader.word());
    } catch (error) {
      if (error === END) return undefined;
      throw error;
    }
  }

  /** The line that a record is, if it is one of its own. */
  #record(kind: number): Line | null {
    switch (kind) {
      case KIND.line: {
        const line = JSON.parse(this.#reader.items().text!) as Line;
        if (line.kind !== "end") return line;
        return { ...line, overhead: { calls: this.#calls, ns: this.#overhead } };
      }
      case KIND.asked:
        [this.#asked] = this.#reader.items().numbers;
        return null;
      case KIND.selected: {
        const began = this.#reader.word();
        this.#selecting += this.#reader.word() - began;
        const [pairs] = this.#reader.items().numbers;
        this.#select(this.#lives.interest(pairs, false));
        return null;
      }
      default:
        return this.#call(this.#functions[kind]);
    }
  }

  #select(selected: readonly Interest[]): void {
    if (this.#held?.wake !== undefined) {
      this.#held = { ...this.#held, wake: { ...this.#held.wake, selected } };
    }
  }

  #call(known: Known): Call {
    const { name, syscall, parameters, act, wait } = known;
    const [entered, began, ended, spent, result, stack] = Array.from(
      { length: CALL_WORDS - 1 },
      () => this.#reader.word(),
    );
    const values = Array.from(parameters, () => value_of(this.#reader.word()));
    const copied = this.#reader.items();
    const besides = (copied.text === undefined ? {} : JSON.parse(copied.text)) as Besides;
    const args: unknown[] = Object.assign(values, besides.args);
    const overhead = [Math.round(spent + this.#selecting), Math.round(began - entered)] as const;
    this.#overhead += overhead[0] + overhead[1];
    this.#selecting = 0;

    const fd = known.fd === -1 ? undefined : Number(args[known.fd]);
    const life = fd === undefined || fd < 0 ? undefined : this.#lives.of(fd);
    const watched = besides.watched && this.#by_life(besides.watched);
    const is_turn = wait !== undefined && wait.is_turn?.(args as never) !== false;
    if (is_turn) this.#loop++;
    const wake = is_turn ? this.#wake(wait, args, fd, result, copied, besides) : undefined;
    const is_failure = result < 0;
    const described = known.describe(args, copied, is_failure);
    const made = is_failure
      ? undefined
      : this.#made(known, args, result, copied, described.address);
    const is_end = name === "close" && !is_failure && fd !== undefined;
    const moves = act === "receive" || act === "send";
    return {
      kind: "call",
      call: this.#calls++,
      t: Math.round(began),
      d: Math.round(ended - began),
      overhead,
      name,
      ...(syscall !== null && { syscall }),
      args: described,
      result: is_failure ? null : ((value_of(result) ?? besides.result ?? null) as Call["result"]),
      ...(is_failure && { errno: errno_name(-result) }),
      ...(moves && { bytes: bytes_moved(name, result, copied), data: data_of(copied) }),
      ...(life !== undefined && { fd: fd!, life }),
      ...(besides.local !== undefined && { local: besides.local }),
      ...(made && { made }),
      ...(is_end && { ended: this.#lives.end(fd) }),
      ...(stack >= 0 && { stack }),
      loop: this.#loop,
      ...(wake && { wake }),
      ...(watched && { watched }),
    };
  }

  #wake(
    wait: Wait<never>,
    args: readonly unknown[],
    poller: number | undefined,
    n: number,
    { numbers }: Copied,
    { why }: Besides,
  ): Wake {
    const { by, asks_events = false } = wait;
    const [position, in_one] = wait.timeout;
    const timeout = args[position] as number;
    const interest =
      wait.asked === undefined
        ? { poller: this.#lives.of(poller!), ...this.#lives.watched_by(poller!) }
        : this.#lives.news(this.#lives.interest(this.#asked, asks_events));
    return {
      by,
      ...interest,
      timeout: timeout < 0 ? null : timeout / in_one,
      ready: n > 0 ? this.#lives.interest(numbers.at(-1)!, false) : [],
      ...(why && {
        why: why.map(({ fd, ...held }) => ({ fd, life: this.#lives.of(fd), ...held })),
      }),
    };
  }

  /** The descriptors that a call has made; also notes what it told a poller to watch. */
  #made(
    { name, makes, act }: Known,
    args: readonly unknown[],
    result: number,
    { numbers }: Copied,
    peer: unknown,
  ): Life[] | undefined {
    const [first, second, third, fourth] = args as number[];
    if (name === "epoll_ctl") this.#lives.control(first, second, third, fourth);
    if (name === "kevent") this.#lives.change(first, numbers[0]);
    if (makes === null) return undefined;
    const fds = name === "socketpair" ? numbers[0] : [result];
    return fds.map((fd) => this.#lives.begin(fd, makes, act === "accept" ? peer : undefined));
  }

  #by_life(watched: NonNullable<Besides["watched"]>): Call["watched"] {
    const pairs = Object.entries(watched);
    return Object.fromEntries(pairs.map(([fd, values]) => [this.#lives.of(Number(fd)), values]));
  }
}

function value_of(word: number): unknown {
  switch (word) {
    case WORD.true:
      return true;
    case WORD.false:
      return false;
    case WORD.other:
      return null;
    default:
      return word;
  }
}
