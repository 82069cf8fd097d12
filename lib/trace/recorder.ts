/** The recorder: it replaces each native function with one that calls it and records the call. */
import { basename } from "node:path";

import { RUNTIME } from "../core/runtime.ts";
import { native } from "../native.ts";
import { fs, node_module } from "../native/on-demand.ts";
import * as selectors from "../selectors.ts";
import { forget_sockaddrs, new_name, read_name, sockaddr_size } from "../socket/address.ts";
import { native_calls } from "./calls.ts";
import type { Arguments, ByFunction, FunctionName } from "./calls.ts";
import { describer, errno_name, movers, plain, remember_address } from "./describe.ts";
import { RecordingFile } from "./file.ts";
import { Lives } from "./lives.ts";
import { Printed } from "./printed.ts";
import type { Call, Fault, Header, Interest, Life, Print } from "./recording.ts";
import { VERSION } from "./recording.ts";
import { Stacks } from "./stacks.ts";
import { waits, why } from "./wakes.ts";
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
  /** The program's name and arguments; by default, those of the process. */
  readonly argv?: readonly string[];
}

type Function = (...args: unknown[]) => unknown;
type Table = Record<FunctionName, Function>;
type Ready = readonly (readonly [{ readonly fd: number; readonly data: unknown }, number])[];
type AnySelector = { select: (this: unknown, timeout?: number | null) => Ready };

/** What must be read before a call is made, as the call may change its arguments and end its descriptor. */
interface Begun {
  readonly fd: number | undefined;
  readonly life: number | undefined;
  readonly wait: Known["wait"];
  readonly wake: Omit<NonNullable<Call["wake"]>, "ready"> | undefined;
  readonly watched: Call["watched"];
}

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
  readonly #file: RecordingFile;
  readonly #why: boolean;
  readonly #watched: WatchedAttributes;
  readonly #bare: Table = { ...(native as unknown as Table) };
  readonly #undo: (() => void)[] = [];
  readonly #lives = new Lives();
  readonly #stacks: Stacks;
  readonly #sources = new Set<string>();
  readonly #printed = new Printed();
  readonly #origin: number = performance.now();

  /** Whether the recorder itself is at work, whose calls are not recorded. */
  #busy = false;
  #calls = 0;
  #loop = 0;
  #overhead = 0;
  #error: string | undefined;

  /** @internal By `start`. */
  constructor(path: string, { why: asks_why = false, watch = [], argv }: TraceOptions) {
    this.#file = new RecordingFile(path);
    this.#why = asks_why;
    this.#watched = new WatchedAttributes(watch, this.#lives);
    this.#stacks = new Stacks(process.cwd(), (stack, files) => {
      for (const [name, file] of files) this.#source(name, file);
      this.#file.write(stack);
    });
    this.#file.write(this.#header(argv ?? process.argv.slice(1)));
    // It may never make a call, nor end by itself.
    this.#file.flush();
    this.#tap();
  }

  /** Records a fault that was made on purpose. */
  fault(name: string, text: string): void {
    if (recorder !== this) return;
    this.#file.write({ kind: "fault", t: this.#now(), name, text } satisfies Fault);
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

  #now(): number {
    return Math.round((performance.now() - this.#origin) * 1e6);
  }

  #tap(): void {
    forget_sockaddrs();
    const table = native as unknown as Table;
    for (const name of Object.keys(native_calls) as FunctionName[]) {
      if (!(name in table)) continue;
      const known = all_of(name, this.#bare[name]);
      const recorded: Function = (...args) => this.#call(known, args);
      table[name] = recorded;
      this.#undo.push(() => (table[name] = this.#bare[name]));
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
    const began = performance.now();
    this.#watched.keys = new Map(ready.map(([key]) => [key.fd, key]));
    this.#file.add_selected(
      ready.map(([{ fd }, mask]): Interest => [fd, this.#lives.of(fd), mask]),
    );
    this.#overhead += performance.now() - began;
  }

  /** Programs print to a descriptor, or through Node's streams. */
  #tap_output(): void {
    const { writeSync } = fs();
    // A stream to a file writes by writeSync.
    let is_streaming = false;
    const tapped: typeof writeSync = (fd: number, ...rest: unknown[]) => {
      const began = this.#now();
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
        this.#print(this.#now(), fd, chunk);
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
    if (kept !== null) this.#file.write({ kind: "print", t, fd, ...kept } satisfies Print);
  }

  #call(known: Known, args: unknown[]): unknown {
    const { bare } = known;
    if (this.#busy) return bare(...args);
    const entered = performance.now();
    const begun = this.#before(known, args);
    const began = performance.now();
    const result = bare(...args);
    const ended = performance.now();
    this.#after(known, args, result, begun, began, ended);
    this.#overhead += began - entered + (performance.now() - ended);
    return result;
  }

  #before(known: Known, args: readonly unknown[]): Begun {
    this.#busy = true;
    try {
      const place = known.fd;
      const fd = place === -1 ? undefined : Number(args[place]);
      const life = fd === undefined || fd < 0 ? undefined : this.#lives.of(fd);
      const wait = known.wait?.is_turn?.(args as never) === false ? undefined : known.wait;
      const watched = this.#watched.changes(wait === undefined ? fd : null);
      if (wait !== undefined) this.#loop++;
      const wake = wait?.asked(args as never, this.#lives);
      if (may_not_return(known, args)) this.#file.flush();
      return { fd, life, wait, wake, watched };
    } finally {
      this.#busy = false;
    }
  }

  #after(
    known: Known,
    args: readonly unknown[],
    result: unknown,
    { fd, life, wait, wake, watched }: Begun,
    began: number,
    ended: number,
  ): void {
    this.#busy = true;
    try {
      const stack = this.#stacks.number();
      const { name, syscall, preview } = known;
      if (name.startsWith("sockaddr_")) remember_address(name, args, result);
      const is_failure = typeof result === "number" && result < 0;
      const n = typeof result === "number" ? Math.max(result, 0) : 0;
      const ready = n > 0 && wait !== undefined ? wait.answered(args as never, n, this.#lives) : [];
      const described = known.describe(args, result);
      const made = is_failure ? undefined : this.#made(known, args, result, described.address);
      const is_end = name === "close" && !is_failure && fd !== undefined;
      const call: Call = {
        kind: "call",
        call: this.#calls++,
        t: Math.round((began - this.#origin) * 1e6),
        d: Math.round((ended - began) * 1e6),
        name,
        ...(syscall !== null && { syscall }),
        args: described,
        result: is_failure ? null : (plain(result) as Call["result"]),
        ...(is_failure && { errno: errno_name(-result) }),
        ...(preview && { bytes: n, data: preview(args as never, n) }),
        ...(life !== undefined && { fd: fd!, life }),
        ...(this.#why && name === "connect" && local(fd!, result)),
        ...(made && { made }),
        ...(is_end && { ended: this.#lives.end(fd) }),
        ...(stack !== undefined && { stack }),
        loop: this.#loop,
        ...(wake && {
          wake: { ...wake, ready, ...(this.#why && { why: ready.map(why) }) },
        }),
        ...(watched && { watched }),
      };
      // If a selector made it, the selector adds what it returns.
      if (wake === undefined) this.#file.write(call);
      else this.#file.hold(call);
    } finally {
      this.#busy = false;
    }
  }

  /** The descriptors that a call has made; also notes what it told a poller to watch. */
  #made(
    { makes, act, control, pair }: Known,
    args: readonly unknown[],
    result: unknown,
    peer: unknown,
  ): Life[] | undefined {
    control?.(this.#lives, args as never);
    if (makes === null) return undefined;
    const fds = pair?.(args as never) ?? [result as number];
    return fds.map((fd) => this.#lives.begin(fd, makes, act === "accept" ? peer : undefined));
  }

  /** Writes a source's text and its twin's, before the first stack that names it. */
  #source(name: string, file: string): void {
    if (this.#sources.has(name) || !fs().existsSync(file)) return;
    this.#sources.add(name);
    const has_twin = twin(file) !== file && fs().existsSync(twin(file));
    this.#file.write({
      kind: "source",
      path: name,
      text: fs().readFileSync(file, "utf8"),
      ...(has_twin && { twin: { path: twin(name), text: fs().readFileSync(twin(file), "utf8") } }),
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
      ...(this.#printed.omitted > 0 && { omitted: this.#printed.omitted }),
      overhead: { calls: this.#calls, ns: Math.round(this.#overhead * 1e6) },
    });
    this.#file.close();
  }
}

const own_name = new_name();

/** Of a connection that is made or begun, the address of this end: the peer's accept returns it. */
function local(fd: number, result: unknown): { local?: unknown } {
  if (result !== 0 && result !== -native.errors.EINPROGRESS) return {};
  const size = sockaddr_size(native.constants.AF_UNSPEC);
  return native.getsockname(fd, own_name, size) === 0 ? { local: read_name(own_name) } : {};
}

/** The same program in Python. */
function twin(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/, ".py");
}

/** Functions that tell a poller what to watch. */
const controls: ByFunction<(lives: Lives, args: never) => void> = {
  epoll_ctl: (lives, [epfd, op, fd, events]) => lives.control(epfd, op, fd, events),
  kevent: (lives, [kq, changes]) => lives.change(kq, changes),
} satisfies { [Name in FunctionName]?: (lives: Lives, args: Arguments<Name>) => void };

/** Functions that make two descriptors and return neither. */
const pairs: ByFunction<(args: never) => number[]> = {
  socketpair: ([, , , fds]) => [...fds.subarray(0, 2)],
} satisfies { [Name in FunctionName]?: (args: Arguments<Name>) => number[] };

/** Everything known about a function, looked up once instead of at each call. */
function all_of(name: FunctionName, bare: Function) {
  return {
    name,
    bare,
    ...native_calls[name],
    describe: describer(name),
    preview: movers[name],
    wait: waits[name],
    control: controls[name],
    pair: pairs[name],
  };
}

type Known = ReturnType<typeof all_of>;

/** Whether a call may sleep, or be the last one: by then, the file must have everything. */
function may_not_return({ limit, act, syscall }: Known, args: readonly unknown[]): boolean {
  if (limit !== -1) return args[limit] !== 0 && args[limit] !== false;
  return act === "pause" || act === "lookup" || syscall === "tgkill";
}
