/** What is known of a recorded process while its lines go by: enough to judge the next call. */
import type { Call, End, Header, Interest, Life, Line, Wake } from "../../lib/trace/recording.ts";
import { address_text } from "../words.ts";
import { EVENT_READ, EVENT_WRITE, to_events } from "./masks.ts";

/** What a call is for, whether iomux's table names it or strace does. */
export type Act =
  | "wait"
  | "receive"
  | "send"
  | "accept"
  | "connect"
  | "control"
  | "shutdown"
  | "close"
  | "other";

const acts: Readonly<Record<string, Act>> = {
  ...all("receive", "recv recvfrom recvmsg recvmmsg read readv"),
  ...all("send", "send sendto sendmsg sendmmsg write writev sendfile sendfile64"),
  ...all("accept", "accept accept4"),
  ...all("connect", "connect"),
  ...all("control", "epoll_ctl"),
  ...all("shutdown", "shutdown"),
  ...all("close", "close"),
};

function all(act: Act, names: string): Record<string, Act> {
  return Object.fromEntries(names.split(" ").map((name) => [name, act]));
}

/** What a call is for. */
export function act_of(call: Call): Act {
  return call.wake === undefined ? (acts[call.name] ?? "other") : "wait";
}

/** A descriptor that is open. */
export interface Open {
  readonly fd: number;
  readonly life: number;
  what: Life["what"] | "listener";
  readonly peer: unknown;
  /** The call that made it. */
  readonly made_by: number;
  /** Whether the recording has seen it made non-blocking. */
  nonblocking: boolean;
  /** Whether its connection was begun (EINPROGRESS), and nothing was sent or received since. */
  connecting: boolean;
  /** Whether a receive has returned 0: the peer has ended its side. */
  ended_by_peer: boolean;
}

/** What a poller watches a descriptor for, and where the program said so. */
export interface Registration {
  readonly fd: number;
  readonly events: number;
  readonly stack: number | undefined;
}

/** A descriptor in the list that the last wait returned, and what was done about it since. */
export interface Turn {
  readonly fd: number;
  readonly life: number;
  /** As the kernel said it. */
  mask: number;
  /** As EVENT_READ and EVENT_WRITE. */
  events: number;
  /** Where it stands in the list: loops go through it from 0. */
  readonly place: number;
  /** How often the program has received, sent, accepted or connected on it since the wait. */
  served: number;
  /** How many of these received or accepted something, how many sent something. */
  received: number;
  sent: number;
  /** How many bytes it has received. */
  bytes: number;
}

/** What a function without a name is called in a stack. */
const ANONYMOUS = "<anonymous>";

/** poll and select have no descriptor of their own: their interest is kept under this number. */
const NO_POLLER = -1;

/** One process of a recording. It has the state before the call that is looked at, until `see` is told of it. */
export class ProcessState {
  readonly number: number;
  header: Header | null = null;
  /** Its end, once it was seen. */
  end: End | null = null;
  /** When the last fault was made, which explains a pause. */
  last_fault = -Infinity;
  /** The last call. */
  last: Call | null = null;
  /** The last wait that did not fail. */
  wait: Call | null = null;
  /** What the last wait returned, by life, in its order. */
  readonly batch = new Map<number, Turn>();
  /** The open descriptors by life. */
  readonly open = new Map<number, Open>();
  /** The open descriptors' lives by number. */
  readonly life_of = new Map<number, number>();
  readonly #interest = new Map<number, Map<number, Registration>>();
  readonly #places = new Map<number, Place>();

  constructor(number: number) {
    this.number = number;
  }

  /** What a poller watches, by life. */
  interest(poller: number | undefined): ReadonlyMap<number, Registration> {
    return this.#interest.get(poller ?? NO_POLLER) ?? nothing;
  }

  /** What a wait watches, by life: as it says itself, or as it was. */
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

  /** Where a call was made, as words: "accept_wrapper (multiconn-server.ts, line 27)". */
  place(stack: number | undefined): string | null {
    const place = this.#place_of(stack);
    if (place === undefined) return null;
    const where = `${place.file}, line ${place.line}`;
    const [name] = place.functions;
    return name === "<module>" || name === ANONYMOUS ? where : `${name} (${where})`;
  }

  /** The function that the loop has called on the way to this call: who waits is the loop. Null when it is unknown. */
  handler(stack: number | undefined): string | null {
    const loop = this.#place_of(this.wait?.stack)?.functions;
    const functions = this.#place_of(stack)?.functions;
    if (loop === undefined || functions === undefined) return null;
    const at = functions.length - loop.length;
    if (at < 1 || functions[at] !== loop[0]) return null;
    return functions[at - 1] === ANONYMOUS ? null : functions[at - 1];
  }

  #place_of(stack: number | undefined): Place | undefined {
    return stack === undefined ? undefined : this.#places.get(stack);
  }

  /** A descriptor in words: "fd 3 (the listener)", "fd 7 (peer 127.0.0.1:40000)". */
  name(fd: number | undefined, life: number | undefined): string {
    const open = life === undefined ? undefined : this.open.get(life);
    if (open === undefined) return `fd ${fd ?? -1}`;
    return name_of(open);
  }

  /** Takes a line into account. */
  see(line: Line): void {
    switch (line.kind) {
      case "header":
        this.header = line;
        break;
      case "stack": {
        const [, path, number] = line.frames[0] ?? ["", "", 0];
        const file = path.slice(path.lastIndexOf("/") + 1);
        this.#places.set(line.stack, {
          functions: line.frames.map(([name]) => name),
          file,
          line: number,
        });
        break;
      }
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

  #see_call(call: Call): void {
    this.last = call;
    for (const { fd, life, what, peer } of call.made ?? []) {
      this.open.set(life, {
        fd,
        life,
        what,
        peer,
        made_by: call.call,
        nonblocking: /NONBLOCK/.test(`${String(call.args.type)} ${String(call.args.flags)}`),
        connecting: false,
        ended_by_peer: false,
      });
      this.life_of.set(fd, life);
    }
    if (call.wake !== undefined) this.#see_wake(call, call.wake);
    else this.#see_act(call, acts[call.name] ?? "other");
    if (call.ended !== undefined) this.#forget(call.ended);
  }

  #see_act(call: Call, act: Act): void {
    const worked = call.errno === undefined;
    if (act === "control") this.#see_control(call);
    const open = call.life === undefined ? undefined : this.open.get(call.life);
    if (act === "other") {
      if (open === undefined || !worked) return;
      if (call.name === "listen") open.what = "listener";
      const made = sets_nonblocking(call);
      if (made !== null) open.nonblocking = made;
      return;
    }
    if (open !== undefined) {
      if (act === "connect") open.connecting = call.errno === "EINPROGRESS";
      else if (act !== "control") open.connecting = false;
      if (act === "receive" && is_end(call)) open.ended_by_peer = true;
    }
    const turn = call.life === undefined ? undefined : this.batch.get(call.life);
    if (turn === undefined || act === "control" || act === "close" || act === "shutdown") return;
    turn.served++;
    if (!worked) return;
    if (act === "send") turn.sent++;
    else {
      turn.received++;
      turn.bytes += call.bytes ?? 0;
    }
  }

  /** epoll_ctl: what is watched from now on. */
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
      this.#interest.set(wake.poller ?? NO_POLLER, this.interest_at(wake) as Map<number, never>);
    }
    if (call.errno !== undefined) return;
    this.wait = call;
    const { ready, selected } = wake;
    // Mostly the list is as it was: a map that is filled anew would take most of the time.
    if (!this.#is_batch_of(ready)) {
      this.batch.clear();
      for (const [place, [fd, life]] of ready.entries()) {
        const counts = { served: 0, received: 0, sent: 0, bytes: 0 };
        this.batch.set(life, { fd, life, mask: 0, events: 0, place, ...counts });
      }
    }
    for (const turn of this.batch.values()) {
      const { life, place } = turn;
      turn.mask = ready[place][2];
      turn.events = events_of_life(selected, life, place) ?? to_events(turn.mask);
      turn.served = turn.received = turn.sent = turn.bytes = 0;
    }
  }

  #is_batch_of(ready: readonly Interest[]): boolean {
    if (ready.length !== this.batch.size) return false;
    for (const { life, place } of this.batch.values()) if (ready[place][1] !== life) return false;
    return true;
  }

  #forget(life: number): void {
    const fd = this.open.get(life)?.fd;
    if (fd !== undefined && this.life_of.get(fd) === life) this.life_of.delete(fd);
    this.open.delete(life);
    this.#interest.delete(life);
    // The kernel takes what is closed out of an epoll set by itself; poll and select are asked anew each time.
    for (const [poller, watched] of this.#interest) if (poller !== NO_POLLER) watched.delete(life);
  }
}

const nothing: ReadonlyMap<number, Registration> = new Map();

interface Place {
  /** Innermost first. */
  readonly functions: readonly string[];
  /** Of the innermost. */
  readonly file: string;
  readonly line: number;
}

/** Whether a receive says that the peer has ended its side. */
export function is_end(call: Call): boolean {
  return call.errno === undefined && call.result === 0 && asked(call) !== 0;
}

/** What a selector made of a descriptor, which is mostly at the same place as in the kernel's list. */
function events_of_life(
  selected: readonly Interest[] | undefined,
  life: number,
  place: number,
): number | undefined {
  if (selected === undefined) return undefined;
  const guess = selected[place] as Interest | undefined;
  return (guess?.[1] === life ? guess : selected.find(([, other]) => other === life))?.[2];
}

/** Whether a call makes its descriptor non-blocking, or blocking; null for any other call. */
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

/** How many bytes a call was given to send, or room to receive; null when the recording does not say. */
export function asked(call: Call): number | null {
  const { length, len, count, size } = call.args;
  const value = length ?? len ?? count ?? size;
  return typeof value === "number" ? value : null;
}

/** What an epoll_ctl was told; null when the recording does not say. */
export function control_of(call: Call, process: ProcessState): Control | null {
  const { op, fd, epfd } = call.args;
  const number = typeof fd === "number" ? fd : call.fd;
  if (number === undefined) return null;
  const life = number === call.fd ? call.life : process.life_of.get(number);
  const poller = typeof epfd === "number" ? process.life_of.get(epfd) : undefined;
  if (life === undefined || poller === undefined) return null;
  const name = typeof op === "number" ? operations[op] : String(op).replace("EPOLL_CTL_", "");
  return { op: name, fd: number, life, poller, events: events_of(call.args.events) };
}

const operations: Readonly<Record<number, string>> = { 1: "ADD", 2: "DEL", 3: "MOD" };

/** What an epoll_ctl was told to do. */
export interface Control {
  /** "ADD", "MOD" or "DEL". */
  readonly op: string;
  readonly fd: number;
  readonly life: number;
  readonly poller: number;
  readonly events: number;
}

/** The events of an epoll_ctl, a number or names. */
function events_of(events: unknown): number {
  if (typeof events === "number") {
    return ((events & 1) === 0 ? 0 : EVENT_READ) | ((events & 4) === 0 ? 0 : EVENT_WRITE);
  }
  const text = typeof events === "string" ? events : JSON.stringify(events ?? "");
  return (/POLLIN\b/.test(text) ? EVENT_READ : 0) | (/POLLOUT\b/.test(text) ? EVENT_WRITE : 0);
}

/** An open descriptor in words. */
export function name_of({ fd, what, peer }: Pick<Open, "fd" | "what" | "peer">): string {
  if (what === "listener") return `fd ${fd} (the listener)`;
  const is_known = peer !== undefined && peer !== null && peer !== "";
  return is_known ? `fd ${fd} (peer ${address_text(peer)})` : `fd ${fd}`;
}
