/** The recorder: it replaces each native function with one that calls it, and notes the call in the log. */
import { basename } from "node:path";

import { RUNTIME } from "../core/runtime.ts";
import { native } from "../native.ts";
import { fs, node_module } from "../native/on-demand.ts";
import * as selectors from "../selectors.ts";
import { forget_sockaddrs, new_name, read_name, sockaddr_size } from "../socket/address.ts";
import { MEMORY, native_calls } from "./calls.ts";
import type { FunctionName } from "./calls.ts";
import { copies, plain, plain_address, remember_address } from "./copies.ts";
import { is_same, KIND, Log, WORD, word_of } from "./log.ts";
import type { Numbers } from "./log.ts";
import { Printed } from "./printed.ts";
import type { Call, Fault, Header, Line, Print } from "./recording.ts";
import { VERSION } from "./recording.ts";
import { finish } from "./replay.ts";
import type { Besides } from "./replay.ts";
import { source_of } from "./source.ts";
import { Stacks } from "./stacks.ts";
import { waits, why_all } from "./wakes.ts";
import { WatchedAttributes } from "./watched.ts";

/** What a recording is to have besides the calls. */
export interface TraceOptions {
  /**
   * Of each descriptor that is ready, what the kernel holds for it, five more system calls each; of each
   * connect, its own address, one more.
   */
  readonly why?: boolean;
  /** The names of attributes of `key.data` whose changes are written down: `["outb", "_recv_buffer"]`. */
  readonly watch?: readonly string[];
  /** Whether to record the lines of the program that calls are made from, most of the cost; true by default. */
  readonly lines?: boolean;
  /** The program's name and arguments; by default, those of the process. */
  readonly argv?: readonly string[];
}

type Function = (...args: unknown[]) => unknown;
type Table = Record<FunctionName, Function>;
type Ready = readonly (readonly [{ readonly fd: number; readonly data: unknown }, number])[];
type AnySelector = { select: (this: unknown, timeout?: number | null) => Ready };

let recorder: Recording | null = null;

/**
 * Starts recording this thread into a file, which it overwrites, until the process exits. Throws
 * an Error if a recording is under way, and Node's own if the file cannot be written.
 */
export function start(path: string, options: TraceOptions = {}): Recording {
  if (recorder !== null) throw new Error("iomux: this process is being recorded already");
  recorder = new Recording(path, options);
  return recorder;
}

/** A recording under way. */
export class Recording {
  readonly #path: string;
  readonly #log: Log;
  readonly #why: boolean;
  readonly #watched: WatchedAttributes;
  readonly #undo: (() => void)[] = [];
  readonly #stacks: Stacks | null;
  readonly #sources = new Set<string>();
  readonly #printed = new Printed();
  readonly #origin: number = performance.now();

  /** Whether the recorder itself is at work, whose calls are not recorded. */
  #busy = false;
  /** When the last call returned, and what recording it has cost since. */
  #ended = 0;
  #spent = 0;
  /** What the last wait was asked: pairs of a descriptor and a mask. */
  #asked: Numbers = [];
  #error: string | undefined;

  /** @internal By `start`. */
  constructor(path: string, { why = false, watch = [], lines = true, argv }: TraceOptions) {
    this.#path = path;
    this.#log = new Log(path);
    this.#why = why;
    this.#watched = new WatchedAttributes(watch);
    this.#stacks = lines
      ? new Stacks(process.cwd(), (stack, files) => {
          for (const [name, file] of files) this.#source(name, file);
          this.#line(stack);
        })
      : null;
    this.#log.text(JSON.stringify(Object.keys(native_calls)));
    this.#log.end();
    this.#line(this.#header(argv ?? process.argv.slice(1)));
    // It may never make a call, nor end by itself.
    this.#log.flush();
    this.#tap();
  }

  #line(line: Line): void {
    this.#log.word(KIND.line);
    this.#log.text(JSON.stringify(line));
    this.#log.end();
  }

  /** Records a fault that was made on purpose. */
  fault(name: string, text: string): void {
    if (recorder !== this) return;
    this.#line({ kind: "fault", t: Math.round(this.#elapsed()), name, text } satisfies Fault);
  }

  /** Ends the recording, and puts the native functions back. */
  stop(): void {
    this.#end(null);
  }

  #header(argv: readonly string[]): Header {
    // Read one clock between two readings of the other.
    const before = process.hrtime.bigint();
    const now = performance.now();
    const clock =
      (before + process.hrtime.bigint()) / 2n - BigInt(Math.round((now - this.#origin) * 1e6));
    return {
      kind: "header",
      format: "iomux-recording",
      version: VERSION,
      pid: process.pid,
      program: basename(argv[0] ?? "node"),
      argv,
      runs_on: "iomux",
      seen_by: "iomux",
      runtime: RUNTIME,
      platform: process.platform,
      started: new Date().toISOString(),
      clock: String(clock),
      why: this.#why,
      watch: this.#watched.names,
    };
  }

  /** Nanoseconds since the recording began. */
  #elapsed(): number {
    return (performance.now() - this.#origin) * 1e6;
  }

  #tap(): void {
    forget_sockaddrs();
    const table = native as unknown as Table;
    for (const [number, name] of (Object.keys(native_calls) as FunctionName[]).entries()) {
      if (!(name in table)) continue;
      const bare = table[name];
      const recorded: Function = (...args) => {
        if (this.#busy) return bare(...args);
        const result = this.#call(known, args);
        // Done here, as Bun's engine drops the frame of a function that ends in a call.
        this.#spent = this.#elapsed() - this.#ended;
        return result;
      };
      const known = all_of(number, name, bare, recorded);
      table[name] = recorded;
      this.#undo.push(() => (table[name] = bare));
    }
    const { SelectSelector, PollSelector, EpollSelector, KqueueSelector } = selectors;
    for (const known of [SelectSelector, PollSelector, EpollSelector, KqueueSelector]) {
      // Not every system has kqueue, or epoll.
      if (known !== undefined) this.#tap_selector(known.prototype);
    }
    this.#tap_output();
    const on_error = (error: unknown) => (this.#error = String(error).split("\n")[0]);
    const on_exit = (status: number) => this.#end(status);
    process.on("uncaughtExceptionMonitor", on_error);
    process.on("exit", on_exit);
    this.#undo.push(() => {
      process.off("uncaughtExceptionMonitor", on_error);
      process.off("exit", on_exit);
    });
  }

  /** What select() returns belongs to the wake-up just before. */
  #tap_selector(prototype: AnySelector): void {
    const { select } = prototype;
    const tell = (ready: Ready) => this.#selected(ready);
    prototype.select = function (timeout) {
      const ready = select.call(this, timeout);
      tell(ready);
      return ready;
    };
    this.#undo.push(() => (prototype.select = select));
  }

  #selected(ready: Ready): void {
    const began = this.#elapsed();
    if (this.#watched.names.length > 0) {
      this.#watched.keys = new Map(ready.map(([key]) => [key.fd, key]));
    }
    const pairs = ready.flatMap(([{ fd }, mask]) => [fd, mask]);
    this.#log.word(KIND.selected);
    this.#log.word(began);
    this.#log.word(this.#elapsed());
    this.#log.numbers(pairs, pairs.length);
    this.#log.end();
  }

  /** Programs print to a descriptor, or through Node's streams. */
  #tap_output(): void {
    const { writeSync } = fs();
    // A stream to a file writes by writeSync.
    let is_streaming = false;
    const tapped: typeof writeSync = (fd: number, ...rest: unknown[]) => {
      const began = Math.round(this.#elapsed());
      const written = (writeSync as unknown as (...all: unknown[]) => number)(fd, ...rest);
      const [data] = rest as [string | NodeJS.ArrayBufferView];
      if (!is_streaming) this.#print(began, fd, data);
      return written;
    };
    fs().writeSync = tapped;
    node_module().syncBuiltinESMExports();
    this.#undo.push(() => {
      fs().writeSync = writeSync;
      node_module().syncBuiltinESMExports();
    });
    // What a worker's streams print goes through those of the main thread.
    if (!native.is_main_thread) return;
    for (const [fd, stream] of [[1, process.stdout] as const, [2, process.stderr] as const]) {
      const write = Reflect.get(stream, "write");
      stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
        this.#print(Math.round(this.#elapsed()), fd, chunk);
        is_streaming = true;
        try {
          return (write as Function).call(stream, chunk, ...rest) as boolean;
        } finally {
          is_streaming = false;
        }
      };
      this.#undo.push(() => (stream.write = write));
    }
  }

  #print(t: number, fd: number, data: string | NodeJS.ArrayBufferView): void {
    if (fd !== 1 && fd !== 2) return;
    const kept = this.#printed.keep(data);
    if (kept !== null) this.#line({ kind: "print", t, fd, ...kept } satisfies Print);
  }

  #call(known: Known, args: unknown[]): unknown {
    const entered = this.#elapsed();
    const watched = this.#before(known, args);
    const began = this.#elapsed();
    const result = known.bare(...args);
    this.#ended = this.#elapsed();
    this.#after(known, args, result, watched, [entered, began, this.#ended]);
    return result;
  }

  /** What the call may change is read before it, and all is written if it may not return. */
  #before(known: Known, args: readonly unknown[]): Call["watched"] {
    this.#busy = true;
    try {
      const { wait, fd } = known;
      if (wait?.asked !== undefined) this.#ask(wait.asked(args as never));
      const is_turn = wait !== undefined && wait.is_turn?.(args as never) !== false;
      const about = fd === -1 ? undefined : Number(args[fd]);
      const watched = this.#watched.changes(is_turn ? null : about);
      if (may_not_return(known, args)) this.#log.flush();
      return watched;
    } finally {
      this.#busy = false;
    }
  }

  #ask(pairs: Numbers): void {
    if (is_same(pairs, this.#asked)) return;
    // The program uses its memory again.
    this.#asked = pairs.slice();
    this.#log.word(KIND.asked);
    this.#log.numbers(pairs, pairs.length);
    this.#log.end();
  }

  #after(
    known: Known,
    args: readonly unknown[],
    result: unknown,
    watched: Call["watched"],
    times: readonly [entered: number, began: number, ended: number],
  ): void {
    this.#busy = true;
    try {
      const { number, name, recorded, parameters, copy, wait } = known;
      const stack = this.#stacks?.number(recorded) ?? -1;
      if (name.startsWith("sockaddr_")) remember_address(name, args, result);
      const is_failure = typeof result === "number" && result < 0;
      const n = typeof result === "number" && result > 0 ? result : 0;
      const log = this.#log;
      log.word(number);
      for (const time of times) log.word(time);
      log.word(this.#spent);
      log.word(word_of(result));
      log.word(stack);
      for (let index = 0; index < parameters.length; index++) log.word(word_of(args[index]));
      copy?.(log, args as never, n, is_failure);
      const ready = n > 0 && wait !== undefined ? wait.ready(args as never, n) : [];
      if (ready.length > 0) log.numbers(ready, ready.length);
      const besides = this.#besides(known, args, result, ready, watched);
      if (besides !== null) log.text(JSON.stringify(besides));
      log.end();
    } finally {
      this.#busy = false;
    }
  }

  /** What no number can say; null if there is nothing. */
  #besides(
    { name, texts, fd, wait }: Known,
    args: readonly unknown[],
    result: unknown,
    ready: Numbers,
    watched: Call["watched"],
  ): Besides | null {
    const others = texts.filter(({ index }) => is_other(args[index]));
    const is_plain = !is_other(result) && others.length === 0 && watched === undefined;
    const asks = this.#why && (name === "connect" || wait !== undefined);
    if (is_plain && !asks) return null;
    return {
      args: Object.fromEntries(others.map(({ index, plainly }) => [index, plainly(args[index])])),
      ...(is_other(result) && { result: plain(result) }),
      ...(asks && name === "connect" && local(Number(args[fd]), result)),
      ...(asks && wait !== undefined && { why: why_all(ready) }),
      watched,
    };
  }

  /** Writes a source's text, before the first stack that names it. */
  #source(name: string, file: string): void {
    if (this.#sources.has(name)) return;
    this.#sources.add(name);
    const source = source_of(name, file);
    if (source !== null) this.#line(source);
  }

  #end(status: number | null): void {
    if (recorder !== this) return;
    recorder = null;
    for (const undo of this.#undo) undo();
    // An uncaught Ctrl-C is about to end the process by its signal, as Python's would.
    const is_interrupt = status === 1 && this.#error?.startsWith("KeyboardInterrupt") === true;
    this.#line({
      kind: "end",
      t: Math.round(this.#elapsed()),
      ...(is_interrupt ? { status: null, signal: "SIGINT" } : { status }),
      ...(this.#error !== undefined && { error: this.#error }),
      ...(this.#printed.omitted > 0 && { omitted: this.#printed.omitted }),
    });
    this.#log.close();
    finish(this.#path);
  }
}

const own_name = new_name();

/** Of a connection that is made or begun, the address of this end: the peer's accept returns it. */
function local(fd: number, result: unknown): { local?: unknown } {
  if (result !== 0 && result !== -native.errors.EINPROGRESS) return {};
  const size = sockaddr_size(native.constants.AF_UNSPEC);
  return native.getsockname(fd, own_name, size) === 0 ? { local: read_name(own_name) } : {};
}

/** Everything known about a function, looked up once instead of at each call. */
function all_of(number: number, name: FunctionName, bare: Function, recorded: Function) {
  const texts = native_calls[name].parameters.flatMap((parameter: string, index) =>
    MEMORY.has(parameter)
      ? []
      : [{ index, plainly: parameter === "address" ? plain_address : plain }],
  );
  return {
    number,
    name,
    bare,
    recorded,
    ...native_calls[name],
    texts,
    copy: copies[name],
    wait: waits[name],
  };
}

type Known = ReturnType<typeof all_of>;

/** Whether no number stands for it. */
function is_other(value: unknown): boolean {
  return value !== null && value !== undefined && word_of(value) === WORD.other;
}

/** Whether a call may sleep, or be the last one: by then, the file must have everything. */
function may_not_return({ limit, act, syscall }: Known, args: readonly unknown[]): boolean {
  if (limit !== -1) return args[limit] !== 0 && args[limit] !== false;
  return act === "pause" || act === "lookup" || syscall === "tgkill";
}
