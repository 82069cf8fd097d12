/** The state of a recorded process at a point in its recording: enough to judge the next call. */
import { act_of } from "../../lib/trace/calls.ts";
import type { Act } from "../../lib/trace/calls.ts";
import type { Call, End, Header, Life, Line, Stack, Wake } from "../../lib/trace/recording.ts";
import { address_text } from "../words.ts";
import { Batch } from "./batch.ts";
import { events_of, mask_of } from "./masks.ts";
import { transfers } from "./sleep.ts";

/** A descriptor that is open. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly life: number;
  what: Life["what"] | "listener";
  readonly peer: unknown;
  /** Its peer, or what it was bound or connected to; null when unknown. */
  address: unknown;
  /** The call that made it; null if it was open before the recording began. */
  readonly made_by: number | null;
  /** When it was made; 0 if it was open before. */
  readonly since: number;
  /** Whether a recorded call made it non-blocking. */
  nonblocking: boolean;
  /** Whether connect started (EINPROGRESS), and nothing was sent or received since. */
  connecting: boolean;
  /** Whether a receive returned 0: the peer has closed its sending side. */
  ended_by_peer: boolean;
}

/** What a poller watches a descriptor for, and where the program asked for it. */
export interface Registration {
  readonly fd: number;
  readonly events: number;
  readonly stack: number | undefined;
}

/** A function on the stack, and the line that it is in. */
export type Frame = Stack["frames"][number];

/** The names in a stack of a module's own code, and of a function without a name. */
const MODULE = "<module>";
export const ANONYMOUS = "<anonymous>";

/** poll and select have no descriptor: their interest is kept under this number. */
const NO_POLLER = -1;

/** One process of a recording, before the next call. `see` takes its lines in their order. */
export class ProcessState {
  readonly number: number;
  header: Header | null = null;
  /** Set once the end was seen. */
  end: End | null = null;
  /** When the last fault was injected, which explains a pause. */
  last_fault = -Infinity;
  /** The last call. */
  last: Call | null = null;
  /** The last wait that did not fail. */
  wait: Call | null = null;
  /** What the last wait returned, by life, in its order. */
  readonly batch = new Batch();
  /** The open descriptors by life. */
  readonly open = new Map<number, OpenDescriptor>();
  /** The open descriptors' lives by number. */
  readonly life_of = new Map<number, number>();
  /** The descriptors that the last line mentioned first. */
  begun: OpenDescriptor[] = [];
  /**
   * Goes up when the loop wakes, and when it goes on to another ready descriptor: a function that makes
   * calls before and after was called twice.
   */
  turn = 0;
  /** The life of the ready descriptor whose turn it is. */
  #served: number | null = null;
  readonly #interest = new Map<number, Map<number, Registration>>();
  /** The frames of each stack, innermost first. */
  readonly stacks = new Map<number, readonly Frame[]>();

  constructor(number: number) {
    this.number = number;
  }

  /** What a poller watches, by life. */
  interest(poller: number | undefined): ReadonlyMap<number, Registration> {
    return this.#interest.get(poller ?? NO_POLLER) ?? nothing;
  }

  /** What a wait watches, by life: what its line says, or the same as before. */
  interest_at(wake: Wake): ReadonlyMap<number, Registration> {
    const known = this.interest(wake.poller);
    if (wake.interest === undefined) return known;
    return new Map(
      wake.interest.map(([fd, life, events]) => [
        life,
        { fd, events, stack: known.get(life)?.stack },
      ]),
    );
  }

  /** The epoll descriptors that watch this life. */
  *pollers_of(life: number): Generator<number> {
    for (const [poller, watched] of this.#interest) {
      if (poller !== NO_POLLER && watched.has(life)) yield poller;
    }
  }

  /** Whether this life is an epoll descriptor with registrations, now or earlier. */
  is_poller(life: number): boolean {
    return this.#interest.has(life);
  }

  /** The frames of a stack, innermost first. */
  frames(stack: number | undefined): readonly Frame[] {
    return stack === undefined ? [] : (this.stacks.get(stack) ?? []);
  }

  /** Where a call was made, as words: "accept_wrapper (multiconn-server.ts, line 27)". */
  place(stack: number | undefined): string | null {
    const [frame] = this.frames(stack);
    if (frame === undefined) return null;
    const [name, path, line] = frame;
    const where = `${path.slice(path.lastIndexOf("/") + 1)}, line ${line}`;
    return name === MODULE || name === ANONYMOUS ? where : `${name} (${where})`;
  }

  /** The functions on a stack, outermost first. */
  functions(stack: number | undefined): readonly Frame[] {
    return this.frames(stack)
      .filter(([name]) => name !== MODULE)
      .toReversed();
  }

  /** The function on this stack that the loop called: the loop is what made the last wait. Null if unknown. */
  handler(stack: number | undefined): Frame | null {
    const loop = this.frames(this.wait?.stack);
    const frames = this.frames(stack);
    const at = frames.length - loop.length;
    return at < 1 || loop.length === 0 || frames[at][0] !== loop[0][0] ? null : frames[at - 1];
  }

  /** A descriptor in words: "fd 3 (the listener)", "fd 7 (peer 127.0.0.1:40000)". */
  name(fd: number | undefined, life: number | undefined): string {
    const open = life === undefined ? undefined : this.open.get(life);
    if (open === undefined) return `fd ${fd ?? -1}`;
    if (open.what === "listener") return `fd ${open.fd} (the listener)`;
    return is_known(open.peer)
      ? `fd ${open.fd} (peer ${address_text(open.peer)})`
      : `fd ${open.fd}`;
  }

  /** Takes the next line into account. */
  see(line: Line): void {
    if (this.begun.length > 0) this.begun = [];
    switch (line.kind) {
      case "header":
        this.header = line;
        break;
      case "stack":
        this.stacks.set(line.stack, line.frames);
        break;
      case "call":
        this.#see_call(line);
        break;
      case "fault":
        this.last_fault = line.t;
        break;
      case "end":
        this.end = line;
        break;
    }
  }

  /** Opens a descriptor: a call made it, or it was open before the recording began. */
  begin({ fd, life, what, peer }: Life, made_by: Call | null): void {
    const is_accepted = made_by?.life !== undefined;
    const open: OpenDescriptor = {
      fd,
      life,
      what,
      peer,
      address: is_known(peer) ? peer : null,
      made_by: made_by?.call ?? null,
      since: made_by === null ? 0 : made_by.t + (is_accepted ? made_by.d : 0),
      nonblocking: /NONBLOCK/.test(`${String(made_by?.args.type)} ${String(made_by?.args.flags)}`),
      connecting: false,
      ended_by_peer: false,
    };
    this.open.set(life, open);
    this.life_of.set(fd, life);
    this.begun.push(open);
  }

  /** Closes a descriptor. The kernel removes it from epoll; poll and select get a new list each time. */
  end_life(life: number): void {
    const fd = this.open.get(life)?.fd;
    if (fd !== undefined && this.life_of.get(fd) === life) this.life_of.delete(fd);
    this.open.delete(life);
    this.#interest.delete(life);
    for (const [poller, watched] of this.#interest) if (poller !== NO_POLLER) watched.delete(life);
  }

  #see_call(call: Call): void {
    const { fd, life, made, wake, ended } = call;
    this.last = call;
    const about = life ?? ended;
    if (about !== undefined) this.#see_life(fd ?? -1, about);
    if (wake !== undefined) {
      this.turn++;
      this.#served = null;
    } else if (life !== undefined && life !== this.#served && this.batch.has(life)) {
      if (this.#served !== null) this.turn++;
      this.#served = life;
    }
    if (made !== undefined) for (const one of made) this.begin(one, call);
    if (wake !== undefined) this.#see_wake(call, wake);
    else this.#see_act(call, act_of(call));
    if (ended !== undefined) this.end_life(ended);
  }

  /** A descriptor that no call made was open before. */
  #see_life(fd: number, life: number): void {
    if (!this.open.has(life)) this.begin({ fd, life, what: "other" }, null);
  }

  #see_act(call: Call, act: Act): void {
    if (act === "control") return this.#see_control(call);
    const open = call.life === undefined ? undefined : this.open.get(call.life);
    if (open !== undefined) this.#see_open(call, act, open);
    if (transfers.has(act)) this.batch.serve(call, act === "send");
  }

  /** A call on an open descriptor, other than epoll_ctl. */
  #see_open(call: Call, act: Act, open: OpenDescriptor): void {
    const worked = call.errno === undefined;
    const is_connecting = act === "connect" && call.errno === "EINPROGRESS";
    if (is_connecting || (worked && (act === "connect" || act === "bind"))) {
      open.address ??= Array.isArray(call.args.address) ? call.args.address : null;
    }
    if (transfers.has(act) || act === "shutdown" || act === "close")
      open.connecting = is_connecting;
    if (act === "receive" && is_end(call)) open.ended_by_peer = true;
    if (!worked) return;
    if (act === "listen") open.what = "listener";
    open.nonblocking = sets_nonblocking(call) ?? open.nonblocking;
  }

  /** epoll_ctl changes what is watched. */
  #see_control(call: Call): void {
    const target = control_of(call, this);
    if (target === null || call.errno !== undefined) return;
    let watched = this.#interest.get(target.poller);
    if (watched === undefined) this.#interest.set(target.poller, (watched = new Map()));
    if (target.op === "DEL") watched.delete(target.life);
    else {
      const { fd, events } = target;
      watched.set(target.life, { fd, events, stack: call.stack });
    }
  }

  #see_wake(call: Call, wake: Wake): void {
    if (wake.interest !== undefined) {
      const watched = this.interest_at(wake) as Map<number, Registration>;
      this.#interest.set(wake.poller ?? NO_POLLER, watched);
    }
    if (call.errno !== undefined) return;
    this.wait = call;
    for (const [fd, life] of wake.ready) this.#see_life(fd, life);
    this.batch.fill(wake);
  }
}

/**
 * Passes each call of a recording to `see`, with its process in the state before the call. Returns the
 * processes by number, in the state after the last line.
 */
export function replay(
  lines: Iterable<Line>,
  see: (call: Call, process: ProcessState) => void,
): ReadonlyMap<number, ProcessState> {
  const processes = new Map<number, ProcessState>();
  for (const line of lines) {
    const number = line.process ?? 0;
    let process = processes.get(number);
    if (process === undefined) processes.set(number, (process = new ProcessState(number)));
    if (line.kind === "call") see(line, process);
    process.see(line);
  }
  return processes;
}

const nothing: ReadonlyMap<number, Registration> = new Map();

/** Whether a receive reports end of stream. */
export function is_end(call: Call): boolean {
  return call.errno === undefined && call.result === 0 && asked(call) !== 0;
}

/** Whether a call makes its descriptor non-blocking or blocking; null for any other call. */
function sets_nonblocking({ name, args }: Call): boolean | null {
  switch (name) {
    case "set_nonblocking":
      return args.on === true;
    case "ioctl":
      return args.request === "FIONBIO" ? args.on === 1 : null;
    case "fcntl":
      return args.command === "F_SETFL" ? String(args.argument).includes("O_NONBLOCK") : null;
    default:
      return null;
  }
}

/** The bytes that a call was given to send, or the room to receive; null if the recording does not say. */
export function asked(call: Call): number | null {
  const { length, len, count, size } = call.args;
  const value = length ?? len ?? count ?? size;
  return typeof value === "number" ? value : null;
}

/** The arguments of an epoll_ctl; null if the recording does not say. */
export function control_of(call: Call, process: ProcessState): Control | null {
  const { op, fd, epfd, events } = call.args;
  const number = typeof fd === "number" ? fd : call.fd;
  if (number === undefined) return null;
  const life = number === call.fd ? call.life : process.life_of.get(number);
  const poller = typeof epfd === "number" ? process.life_of.get(epfd) : undefined;
  if (life === undefined || poller === undefined) return null;
  const name = typeof op === "number" ? operations[op] : String(op).replace("EPOLL_CTL_", "");
  const mask = typeof events === "number" ? events : mask_of(String(events));
  return { op: name, fd: number, life, poller, events: events_of(mask) };
}

const operations: Readonly<Record<number, string>> = { 1: "ADD", 2: "DEL", 3: "MOD" };

/** The arguments of an epoll_ctl. */
export interface Control {
  /** "ADD", "MOD" or "DEL". */
  readonly op: string;
  readonly fd: number;
  readonly life: number;
  readonly poller: number;
  readonly events: number;
}

function is_known(peer: unknown): boolean {
  return peer !== undefined && peer !== null && peer !== "";
}
