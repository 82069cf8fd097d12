/**
 * Makes a recording from the log that strace(1) wrote of a program's main thread.
 *
 * The log may contain marks: writes to a descriptor that does not exist, in which tools/record/traced.py
 * says what strace cannot see.
 */
import { system_call } from "../../../lib/trace/calls.ts";
import { Printed } from "../../../lib/trace/printed.ts";
import { VERSION } from "../../../lib/trace/recording.ts";
import type {
  Call,
  Header,
  Interest,
  Life,
  Line,
  Source,
  Wake,
} from "../../../lib/trace/recording.ts";
import { EVENT_WRITE, mask_names, POLLIN, POLLOUT } from "../masks.ts";
import { ProcessState } from "../process-state.ts";
import { arguments_of, content_of } from "./arguments.ts";
import { is_on_descriptor, made_by, moved_by } from "./calls.ts";
import { bytes_of, is_cut, parse_line } from "./log.ts";
import type { StraceCall } from "./log.ts";
import { Places } from "./places.ts";
import { interest_of, wake_of } from "./waits.ts";

/** The program that strace traced: what is known of it besides its system calls. */
export interface Tracee {
  readonly header: Omit<Header, "kind" | "format" | "version" | "pid" | "started" | "clock">;
  /** How much the wall clock (CLOCK_REALTIME) is ahead of CLOCK_MONOTONIC, in nanoseconds. */
  readonly ahead: bigint;
  /** The source file that marks call by this path, as the recording has it. */
  source(path: string): Source;
  /** The script itself, if no mark names it. */
  readonly script?: string;
}

/** The lines of the recording that the lines of a log make. */
export function from_strace(log: Iterable<string>, tracee: Tracee): Line[] {
  const importer = new Importer(tracee);
  for (const line of log) {
    const parsed = parse_line(line);
    if (parsed === null) continue;
    if ("name" in parsed) importer.call(parsed);
    else importer.end(parsed.at, parsed.status, parsed.signal);
  }
  return importer.finished();
}

/** A poll(2) for one descriptor: a turn of the loop, or part of a call on a socket that has a timeout. */
interface SinglePoll {
  readonly index: number;
  readonly fd: number;
}

class Importer {
  readonly #tracee: Tracee;
  readonly #lines: Line[] = [];
  readonly #process = new ProcessState(0);
  readonly #places: Places;
  #last_life = 0;
  readonly #decoders = new Map([1, 2].map((fd) => [fd, new TextDecoder()]));
  /** The number of lines when a mark last said where the program was. */
  #marked = 0;
  #calls = 0;
  /** When the program itself began, which is time 0; null before. */
  #start: bigint | null = null;
  #wake: number | null = null;
  #single_poll: SinglePoll | null = null;
  #error: string | undefined;
  readonly #printed = new Printed();
  /** Whether the script itself has ended, and the interpreter is cleaning up. */
  #is_done = false;

  constructor(tracee: Tracee) {
    this.#tracee = tracee;
    this.#places = new Places(tracee, (line) => this.#lines.push(line));
  }

  call(call: StraceCall): void {
    const { name, args } = call;
    if (name === "write" && call.errno === "EBADF") {
      const mark = /^iomux (\w+) ?(.*)$/s.exec(new TextDecoder().decode(bytes_of(args[1])));
      if (mark !== null) return this.#mark(call, mark[1], JSON.parse(`[${with_commas(mark[2])}]`));
    }
    // What the interpreter does before the script is not recorded, but Node's loop already exists.
    if (this.#start === null) {
      const is_net = this.#tracee.header.runs_on === "net";
      if (is_net && system_call(name)?.makes === "epoll") {
        for (const made of this.#make(call)) this.#process.begin(made, null);
      }
      const life = this.#process.life_of.get(Number(args[0]));
      if (name === "close" && life !== undefined) this.#process.end_life(life);
      return;
    }
    if (name.startsWith("write") && this.#is_output(Number(args[0]))) return this.#print(call);
    if (this.#concerns(call)) this.#keep(call);
  }

  end(at: bigint, status: number | null, signal?: string): void {
    if (this.#start === null) return;
    this.#lines.push({
      kind: "end",
      t: this.#time(at),
      status,
      ...(signal !== undefined && { signal }),
      ...(this.#error !== undefined && { error: this.#error }),
      ...(this.#printed.omitted > 0 && { omitted: this.#printed.omitted }),
    });
  }

  /** Returns the lines, with the wake-ups counted now that all are known. */
  finished(): Line[] {
    this.#settle(false);
    let loop = 0;
    const told = new Map<number | "", string>();
    return this.#lines.map((line) => {
      if (line.kind !== "call") return line;
      if (line.wake === undefined) return { ...line, loop };
      loop++;
      const { interest, ...wake } = line.wake;
      const poller = wake.poller ?? "";
      const text = JSON.stringify(interest);
      if (told.get(poller) === text) return { ...line, loop, wake };
      told.set(poller, text);
      return { ...line, loop };
    });
  }

  #begin(at: bigint, pid: number): void {
    this.#start = at;
    const { header, ahead, script } = this.#tracee;
    this.#lines.push({
      kind: "header",
      format: "iomux-recording",
      version: VERSION,
      pid,
      ...header,
      started: new Date(Number(at / 1_000_000n)).toISOString(),
      clock: String(at - ahead),
    });
    if (script !== undefined) this.#places.source(script);
  }

  #time(at: bigint): number {
    return Number(at - this.#start!);
  }

  #mark(call: StraceCall, what: string, values: readonly unknown[]): void {
    if (what !== "selected") this.#settle(false);
    switch (what) {
      case "start":
        this.#begin(call.at, values[0] as number);
        break;
      case "code":
        this.#places.code(values[0] as number, ...(values[1] as [string, string]));
        break;
      case "stack":
        this.#places.stack(values[0] as number, values[1] as [number, number][]);
        break;
      case "at":
        this.#places.now = values[0] as number;
        this.#marked = this.#lines.length;
        break;
      case "done":
        this.#places.now = -1;
        this.#is_done = true;
        if (values[0] === false) this.#forget_places();
        break;
      case "selected":
        this.#settle(true);
        this.#selected(values[0] as [fd: number, mask: number][]);
        break;
      case "error":
        this.#error = values[0] as string;
        break;
      default:
    }
  }

  /** The marks ended too early: the last one does not apply to the calls after it. */
  #forget_places(): void {
    for (let index = this.#marked; index < this.#lines.length; index++) {
      const line = this.#lines[index];
      if (line.kind !== "call") continue;
      const { stack: _, ...call } = line;
      this.#lines[index] = call;
    }
  }

  /** Adds what the selector made of the last wake-up. */
  #selected(pairs: readonly (readonly [fd: number, mask: number])[]): void {
    if (this.#wake === null) return;
    const line = this.#lines[this.#wake] as Call;
    const selected = pairs.map(([fd, mask]): Interest => [fd, this.#life(fd), mask]);
    this.#lines[this.#wake] = { ...line, wake: { ...line.wake!, selected } };
    this.#wake = null;
  }

  /** Decides whether the last wait for one descriptor was a turn of the program's loop. */
  #settle(is_wake: boolean): void {
    if (this.#single_poll === null) return;
    const { index } = this.#single_poll;
    this.#single_poll = null;
    // One that found nothing ready, and that no selector returned from, was a socket's timeout.
    const { wake } = this.#lines[index] as Call;
    if (!is_wake && wake!.ready.length === 0) this.#is_no_wake(index);
  }

  #is_output(fd: number): boolean {
    return (fd === 1 || fd === 2) && !this.#process.life_of.has(fd);
  }

  #print(call: StraceCall): void {
    const { at, args, result } = call;
    const fd = Number(args[0]);
    const written = content_of(call)!.subarray(0, result ?? 0);
    // A character's bytes may be split between two writes.
    const text = this.#decoders.get(fd)!.decode(written, { stream: true });
    if (result === null || text === "") return;
    const end = is_cut(args[1]) ? "..." : "";
    const kept = this.#printed.keep(`${text}${end}`);
    if (kept !== null) this.#lines.push({ kind: "print", t: this.#time(at), fd, ...kept });
  }

  /** Whether a call is about a socket of the program, or waits for sockets. */
  #concerns({ name, args }: StraceCall): boolean {
    const of_python = this.#tracee.header.runs_on === "python";
    const fd = Number(args[0]);
    const life = this.#process.life_of.get(fd);
    // Node's own loop watches more than sockets, and Node has more loops than the program's.
    const is_loop = of_python || (life !== undefined && this.#process.is_poller(life));
    if (name === "close") return this.#is_socket(fd) || (life !== undefined && is_loop);
    // Python asks for a socket's addresses to warn that it was left open.
    if (this.#is_done) return false;
    // A socket of Python's that is closed has the descriptor -1.
    if (is_on_descriptor(name)) return this.#is_socket(fd) || (of_python && fd === -1);
    const known = system_call(name);
    if (known === undefined) return false;
    const { makes, act, arguments: names } = known;
    if (makes !== null) return makes === "socket" || of_python;
    if (act === "control") return of_python || this.#process.life_of.has(Number(args[2]));
    if (names[0] === "epfd") return is_loop;
    const asked = interest_of(name, args);
    return (
      asked.length > 0 && (of_python || asked.some(([each]) => this.#process.life_of.has(each)))
    );
  }

  #keep(call: StraceCall): void {
    const { name, at, took, result, errno } = call;
    const args = arguments_of(call);
    const fd = (args.fd ?? args.epfd) as number | undefined;
    const life = fd === undefined || fd < 0 ? undefined : this.#life(fd);
    if (this.#single_poll !== null && this.#single_poll.fd === fd)
      this.#is_no_wake(this.#single_poll.index);
    else this.#settle(false);
    this.#single_poll = null;
    const wake = this.#wake_of(call);
    const made = this.#make(call);
    const here = this.#places.here();
    if (args.epfd !== undefined) this.#life(Number(args.epfd));
    const line: Call = {
      kind: "call",
      call: this.#calls++,
      t: this.#time(at),
      d: took ?? 0,
      name,
      syscall: name,
      args,
      result,
      ...(errno !== undefined && { errno }),
      ...moved_by(call),
      ...(life !== undefined && { fd: fd!, life }),
      ...(made.length > 0 && { made }),
      ...(name === "close" && result === 0 && { ended: life! }),
      ...here,
      loop: 0,
      ...(wake && { wake }),
    };
    this.#lines.push(line);
    this.#process.see(line);
    if (wake === undefined) return;
    this.#wake = this.#lines.length - 1;
    const [only, ...others] = wake.interest!;
    if (wake.by === "poll" && others.length === 0)
      this.#single_poll = { index: this.#wake, fd: only[0] };
  }

  /** A socket with a timeout waits for itself before each call: that is no turn of the loop. */
  #is_no_wake(index: number): void {
    const { wake, ...call } = this.#lines[index] as Call;
    const [[fd, life, events]] = wake!.interest!;
    const [ready] = wake!.ready;
    const { timeout_ms } = call.args;
    const args = {
      fd,
      events: mask_names(events === EVENT_WRITE ? POLLOUT : POLLIN),
      timeout_ms,
      ...(ready && { revents: mask_names(ready[2]) }),
    };
    this.#lines[index] = { ...call, args, fd, life };
    this.#wake = null;
  }

  /** The descriptors that a call has made. */
  #make(call: StraceCall): Life[] {
    return made_by(call).map(({ fd, what, peer }) => {
      const life = ++this.#last_life;
      return peer === undefined ? { fd, life, what } : { fd, life, what, peer };
    });
  }

  /** The current life of a descriptor: a new one if the program inherited it. */
  #life(fd: number): number {
    const known = this.#process.life_of.get(fd);
    if (known !== undefined) return known;
    this.#process.begin({ fd, life: ++this.#last_life, what: "other" }, null);
    return this.#last_life;
  }

  #is_socket(fd: number): boolean {
    const life = this.#process.life_of.get(fd);
    const what = life === undefined ? undefined : this.#process.open.get(life)?.what;
    return what === "socket" || what === "listener";
  }

  #wake_of(call: StraceCall): Wake | undefined {
    const wake = wake_of(call, (fd) => this.#life(fd), this.#process);
    if (wake?.poller === undefined || this.#tracee.header.runs_on === "python") return wake;
    // What Node's loop watches for itself is not recorded.
    return { ...wake, ready: wake.ready.filter(([fd]) => this.#is_socket(fd)) };
  }
}

/** The values of a mark follow one another, each in JSON. */
function with_commas(values: string): string {
  return values.replace(/^(-?\d+) /, "$1, ");
}
