/**
 * Records what a program asks of the operating system: every call that crosses the native table, the
 * descriptors and their lives, each wake-up of its loop, and the line of the program behind each.
 *
 *     const recording = trace.start("run.jsonl", { why: true, watch: ["outb"] });
 *     ...
 *     recording.stop();
 *
 * `npx iomux trace SCRIPT` does so for a program as it is. While nothing is recorded, nothing of this
 * is in the way: the table holds its own functions. What is on each line is said in `recording.ts`.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

import { repr } from "./core/repr.ts";
import { native } from "./native.ts";
import * as selectors from "./selectors.ts";
import { forget_sockaddrs } from "./socket/address.ts";
import {
  describe,
  errno_name,
  moved,
  plain,
  preview,
  remember_address,
  shapes,
} from "./trace/describe.ts";
import type { FunctionName } from "./trace/describe.ts";
import { RecordingFile } from "./trace/file.ts";
import { Lives } from "./trace/lives.ts";
import type { Call, Fault, Header, Interest, Life, Print, Watched } from "./trace/recording.ts";
import { VERSION } from "./trace/recording.ts";
import { Stacks } from "./trace/stacks.ts";
import { answered, asked, is_wait, why } from "./trace/wakes.ts";

export type {
  Call,
  End,
  Fault,
  Header,
  Interest,
  Life,
  Line,
  Print,
  Source,
  Stack,
  Wake,
  Watched,
  Why,
} from "./trace/recording.ts";
export { VERSION } from "./trace/recording.ts";

/** What a recording is to have besides the calls. */
export interface TraceOptions {
  /** Of each descriptor that is ready, what the kernel holds for it: five more system calls each. */
  readonly why?: boolean;
  /** The names of attributes of `key.data` whose changes are written down: `["outb", "_recv_buffer"]`. */
  readonly watch?: readonly string[];
  /** The program's name and arguments; by itself, those of the process. */
  readonly argv?: readonly string[];
}

type Function = (...args: unknown[]) => unknown;
type Table = Record<FunctionName, Function>;
type Ready = readonly (readonly [Key, number])[];
type AnySelector = { select: (this: unknown, timeout?: number | null) => Ready };
type Key = { readonly fd: number; readonly data: unknown };

const { writeSync, existsSync, readFileSync } = fs;

let recorder: Recording | null = null;

/**
 * Begins to record this thread into a file, which is written anew; the process's end ends it. Throws
 * an Error if a recording is under way, and Node's own if the file cannot be written.
 */
export function start(path: string, options: TraceOptions = {}): Recording {
  if (recorder !== null) throw new Error("iomux: this process is being recorded already");
  recorder = new Recording(path, options);
  return recorder;
}

/** A recording under way. */
export class Recording {
  readonly #file: RecordingFile;
  readonly #why: boolean;
  readonly #watch: readonly string[];
  readonly #bare: Table = { ...(native as unknown as Table) };
  readonly #undo: (() => void)[] = [];
  readonly #lives = new Lives();
  readonly #stacks: Stacks;
  readonly #sources = new Set<string>();
  readonly #origin: number = performance.now();

  /** Whether this code itself is at work: what it calls is no call of the program. */
  #busy = false;
  #calls = 0;
  #loop = 0;
  #overhead = 0;
  /** The keys that the last select() returned, by descriptor, and what was told of their attributes. */
  #keys = new Map<number, Key>();
  readonly #told = new WeakMap<object, Map<string, unknown>>();
  #error: string | undefined;

  /** @internal By `start`. */
  constructor(path: string, { why: asks_why = false, watch = [], argv }: TraceOptions) {
    this.#file = new RecordingFile(path);
    this.#why = asks_why;
    this.#watch = watch;
    this.#stacks = new Stacks(process.cwd(), (stack, files) => {
      for (const [name, file] of files) this.#source(name, file);
      this.#file.write(stack);
    });
    this.#file.write(this.#header(argv ?? process.argv.slice(1)));
    this.#tap();
  }

  /** Writes down a fault that was made on purpose. */
  fault(name: string, text: string): void {
    if (recorder !== this) return;
    this.#file.write({ kind: "fault", t: this.#now(), name, text } satisfies Fault);
  }

  /** Ends the recording: the table has its own functions again. */
  stop(): void {
    this.#end(null);
  }

  #header(argv: readonly string[]): Header {
    // Between two readings of one clock, a reading of the other.
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
      runtime: `Node.js ${process.version}`,
      platform: process.platform,
      started: new Date().toISOString(),
      clock: String(clock),
      why: this.#why,
      watch: this.#watch,
    };
  }

  #now(): number {
    return Math.round((performance.now() - this.#origin) * 1e6);
  }

  #tap(): void {
    forget_sockaddrs();
    const table = native as unknown as Table;
    for (const name of Object.keys(shapes) as FunctionName[]) {
      if (!(name in table)) continue;
      const recorded: Function = (...args) => this.#call(name, args, recorded);
      table[name] = recorded;
      this.#undo.push(() => (table[name] = this.#bare[name]));
    }
    const { SelectSelector, PollSelector, EpollSelector, KqueueSelector } = selectors;
    for (const known of [SelectSelector, PollSelector, EpollSelector, KqueueSelector]) {
      // Some systems have no kqueue, some no epoll.
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

  /** A selector says which keys are ready: what it returns belongs to the wake-up before. */
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
    const began = performance.now();
    this.#keys = new Map(ready.map(([key]) => [key.fd, key]));
    this.#file.add_selected(
      ready.map(([{ fd }, mask]): Interest => [fd, this.#lives.of(fd), mask]),
    );
    this.#overhead += performance.now() - began;
  }

  /** What the program prints goes to a descriptor, or by way of Node's streams. */
  #tap_output(): void {
    const tapped: typeof writeSync = (fd: number, ...rest: unknown[]) => {
      const began = this.#now();
      const written = (writeSync as unknown as (...all: unknown[]) => number)(fd, ...rest);
      const [data] = rest as [string | Buffer];
      this.#print(began, fd, data.toString());
      return written;
    };
    fs.writeSync = tapped;
    syncBuiltinESMExports();
    this.#undo.push(() => {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    });
    for (const [fd, stream] of [[1, process.stdout] as const, [2, process.stderr] as const]) {
      const write = Reflect.get(stream, "write");
      stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
        this.#print(this.#now(), fd, String(chunk));
        return (write as Function).call(stream, chunk, ...rest) as boolean;
      };
      this.#undo.push(() => (stream.write = write));
    }
  }

  #print(t: number, fd: number, text: string): void {
    if (fd === 1 || fd === 2) this.#file.write({ kind: "print", t, fd, text } satisfies Print);
  }

  #call(name: FunctionName, args: unknown[], recorded: Function): unknown {
    const bare = this.#bare[name];
    if (this.#busy) return bare(...args);
    const entered = performance.now();
    this.#busy = true;
    let wake: Omit<NonNullable<Call["wake"]>, "ready"> | undefined;
    let watched: Call["watched"];
    const { fd: place } = shapes[name];
    const fd = place === -1 ? undefined : Number(args[place]);
    // Its end, and its arguments, are not the same any more when the call was made.
    const life = fd === undefined || fd < 0 ? undefined : this.#lives.of(fd);
    try {
      const waits = is_wait(name, args);
      watched = this.#look(waits ? null : fd);
      if (waits) {
        this.#loop++;
        wake = asked(name, args, this.#lives);
      }
      if (may_not_return(name, args)) this.#file.flush();
    } finally {
      this.#busy = false;
    }
    const began = performance.now();
    const result = bare(...args);
    const ended = performance.now();
    this.#busy = true;
    try {
      const stack = this.#stacks.number(recorded);
      const { syscall } = shapes[name];
      if (name.startsWith("sockaddr_")) remember_address(name, args, result);
      const is_failure = typeof result === "number" && result < 0;
      const ready = wake && answered(name, args, result, this.#lives);
      const made = this.#made(name, args, result);
      const is_end = name === "close" && !is_failure && fd !== undefined;
      const call: Call = {
        kind: "call",
        call: this.#calls++,
        t: Math.round((began - this.#origin) * 1e6),
        d: Math.round((ended - began) * 1e6),
        name,
        ...(syscall !== null && { syscall }),
        args: describe(name, args, result),
        result: is_failure ? null : (plain(result) as Call["result"]),
        ...(is_failure && { errno: errno_name(-result) }),
        ...moved(name, args, result),
        ...(life !== undefined && { fd: fd!, life }),
        ...(made && { made }),
        ...(is_end && { ended: this.#lives.end(fd) }),
        ...(stack !== undefined && { stack }),
        loop: this.#loop,
        ...(wake && {
          wake: { ...wake, ready: ready!, ...(this.#why && { why: ready!.map(why) }) },
        }),
        ...(watched && { watched }),
      };
      // The selector that has made it, if there is one, has something to add.
      if (wake === undefined) this.#file.write(call);
      else this.#file.hold(call);
    } finally {
      this.#busy = false;
      this.#overhead += began - entered + (performance.now() - ended);
    }
    return result;
  }

  /** The descriptors that a call has made, and what else follows from it. */
  #made(name: FunctionName, args: readonly unknown[], result: unknown): Life[] | undefined {
    if (typeof result !== "number" || result < 0) return undefined;
    switch (name) {
      case "socket":
        return [this.#lives.begin(result, "socket")];
      case "accept4":
        return [this.#lives.begin(result, "socket", describe(name, args, result).address)];
      case "socketpair":
        return [...(args[3] as Int32Array)]
          .slice(0, 2)
          .map((fd) => this.#lives.begin(fd, "socket"));
      case "dup":
        return [this.#lives.begin(result, "other")];
      case "epoll_create1":
        return [this.#lives.begin(result, "epoll")];
      case "kqueue":
        return [this.#lives.begin(result, "kqueue")];
      case "epoll_ctl":
        this.#lives.control(Number(args[0]), Number(args[1]), Number(args[2]), Number(args[3]));
        return undefined;
      case "kevent":
        this.#lives.change(Number(args[0]), args[1] as BigInt64Array);
        return undefined;
      default:
        return undefined;
    }
  }

  /** What has changed in the watched attributes of a key that is at work, or of all when none is named. */
  #look(fd: number | null | undefined): Call["watched"] {
    if (this.#watch.length === 0 || fd === undefined) return undefined;
    const keys = fd === null ? [...this.#keys.values()] : [this.#keys.get(fd)];
    const changes: Record<string, Record<string, Watched>> = {};
    for (const key of keys) {
      if (typeof key?.data !== "object" || key.data === null) continue;
      const changed = this.#changes(key.data as Record<string, unknown>);
      if (changed !== null) changes[this.#lives.of(key.fd)] = changed;
    }
    return Object.keys(changes).length === 0 ? undefined : changes;
  }

  #changes(data: Record<string, unknown>): Record<string, Watched> | null {
    let told = this.#told.get(data);
    if (told === undefined) this.#told.set(data, (told = new Map()));
    let changes: Record<string, Watched> | null = null;
    for (const name of this.#watch) {
      if (!(name in data)) continue;
      const value = data[name];
      if (told.has(name) && told.get(name) === value) continue;
      told.set(name, value);
      changes ??= {};
      changes[name] = ArrayBuffer.isView(value)
        ? { bytes: value.byteLength, data: preview(value, 0, value.byteLength) }
        : { value: repr(value).slice(0, 100) };
    }
    return changes;
  }

  /** A source's text, and that of its twin, before the first stack that names it. */
  #source(name: string, file: string): void {
    if (this.#sources.has(name) || !existsSync(file)) return;
    this.#sources.add(name);
    const has_twin = twin(file) !== file && existsSync(twin(file));
    this.#file.write({
      kind: "source",
      path: name,
      text: readFileSync(file, "utf8"),
      ...(has_twin && { twin: { path: twin(name), text: readFileSync(twin(file), "utf8") } }),
    });
  }

  #end(status: number | null): void {
    if (recorder !== this) return;
    recorder = null;
    for (const undo of this.#undo) undo();
    // An uncaught Ctrl-C is about to end the process by its signal, as Python's would.
    const is_interrupt = status === 1 && this.#error?.startsWith("KeyboardInterrupt") === true;
    this.#file.write({
      kind: "end",
      t: this.#now(),
      ...(is_interrupt ? { status: null, signal: "SIGINT" } : { status }),
      ...(this.#error !== undefined && { error: this.#error }),
      overhead: { calls: this.#calls, ns: Math.round(this.#overhead * 1e6) },
    });
    this.#file.close();
  }
}

/** The same program in Python. */
function twin(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/, ".py");
}

/** Whether a call may wait, or be the last one: all that was recorded is to be in the file by then. */
function may_not_return(name: FunctionName, args: readonly unknown[]): boolean {
  const { parameters } = shapes[name];
  const timeout = parameters.findIndex((one) => one.startsWith("timeout_"));
  if (timeout !== -1) return args[timeout] !== 0;
  const may_block = parameters.indexOf("may_block");
  if (may_block !== -1) return args[may_block] === true;
  return name === "interrupt_die" || name === "raise" || name === "pause";
}
