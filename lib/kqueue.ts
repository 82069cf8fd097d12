/**
 * kqueue(2): the readiness call of macOS and the BSDs, as Python's `select` module has it. Where the
 * system has none, all names are undefined here, as they are missing there.
 */
import { as_fd, as_int, Given } from "./arguments.ts";
import type { FileDescriptorLike } from "./arguments.ts";
import { OverflowError, os_error, ValueError } from "./exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "./interrupt.ts";
import { native } from "./native.ts";
import { nanoseconds } from "./timeouts.ts";
import { type_name } from "./repr.ts";

const { constants } = native;

// Filters, flags and notes: kqueue(2)
export const KQ_FILTER_READ: number = constants.KQ_FILTER_READ;
export const KQ_FILTER_WRITE: number = constants.KQ_FILTER_WRITE;
export const KQ_FILTER_AIO: number = constants.KQ_FILTER_AIO;
export const KQ_FILTER_VNODE: number = constants.KQ_FILTER_VNODE;
export const KQ_FILTER_PROC: number = constants.KQ_FILTER_PROC;
export const KQ_FILTER_NETDEV: number = constants.KQ_FILTER_NETDEV;
export const KQ_FILTER_SIGNAL: number = constants.KQ_FILTER_SIGNAL;
export const KQ_FILTER_TIMER: number = constants.KQ_FILTER_TIMER;
export const KQ_EV_ADD: number = constants.KQ_EV_ADD;
export const KQ_EV_DELETE: number = constants.KQ_EV_DELETE;
export const KQ_EV_ENABLE: number = constants.KQ_EV_ENABLE;
export const KQ_EV_DISABLE: number = constants.KQ_EV_DISABLE;
export const KQ_EV_ONESHOT: number = constants.KQ_EV_ONESHOT;
export const KQ_EV_CLEAR: number = constants.KQ_EV_CLEAR;
export const KQ_EV_SYSFLAGS: number = constants.KQ_EV_SYSFLAGS;
export const KQ_EV_FLAG1: number = constants.KQ_EV_FLAG1;
export const KQ_EV_EOF: number = constants.KQ_EV_EOF;
export const KQ_EV_ERROR: number = constants.KQ_EV_ERROR;
export const KQ_NOTE_LOWAT: number = constants.KQ_NOTE_LOWAT;
export const KQ_NOTE_DELETE: number = constants.KQ_NOTE_DELETE;
export const KQ_NOTE_WRITE: number = constants.KQ_NOTE_WRITE;
export const KQ_NOTE_EXTEND: number = constants.KQ_NOTE_EXTEND;
export const KQ_NOTE_ATTRIB: number = constants.KQ_NOTE_ATTRIB;
export const KQ_NOTE_LINK: number = constants.KQ_NOTE_LINK;
export const KQ_NOTE_RENAME: number = constants.KQ_NOTE_RENAME;
export const KQ_NOTE_REVOKE: number = constants.KQ_NOTE_REVOKE;
export const KQ_NOTE_EXIT: number = constants.KQ_NOTE_EXIT;
export const KQ_NOTE_FORK: number = constants.KQ_NOTE_FORK;
export const KQ_NOTE_EXEC: number = constants.KQ_NOTE_EXEC;
export const KQ_NOTE_PCTRLMASK: number = constants.KQ_NOTE_PCTRLMASK;
export const KQ_NOTE_PDATAMASK: number = constants.KQ_NOTE_PDATAMASK;
export const KQ_NOTE_TRACK: number = constants.KQ_NOTE_TRACK;
export const KQ_NOTE_CHILD: number = constants.KQ_NOTE_CHILD;
export const KQ_NOTE_TRACKERR: number = constants.KQ_NOTE_TRACKERR;
export const KQ_NOTE_LINKUP: number = constants.KQ_NOTE_LINKUP;
export const KQ_NOTE_LINKDOWN: number = constants.KQ_NOTE_LINKDOWN;
export const KQ_NOTE_LINKINV: number = constants.KQ_NOTE_LINKINV;

/** How many 64-bit integers an event is at the boundary. */
const FIELDS = 6;

/** A 64-bit integer: a number where that is exact. */
type Integer = number | bigint;

/** One event: what to watch, or what has happened. Python: `select.kevent`. kqueue(2) */
class Kevent {
  static readonly name: string = "kevent";

  /** What is watched: a descriptor, or what else the filter has. */
  ident: Integer;
  /** What for: one of KQ_FILTER_*. */
  filter: number;
  /** What to do about it, or how it went: KQ_EV_*. */
  flags: number;
  /** The filter's own flags: KQ_NOTE_*. */
  fflags: number;
  /** The filter's own value: bytes to be read, room to write, the errno with KQ_EV_ERROR. */
  data: Integer;
  /** What comes back with the event. */
  udata: Integer;

  constructor(
    ident: FileDescriptorLike | bigint,
    filter: number = KQ_FILTER_READ,
    flags: number = KQ_EV_ADD,
    fflags: number = 0,
    data: Integer = 0,
    udata: Integer = 0,
  ) {
    this.ident = typeof ident === "object" ? as_fd(ident) : ident;
    this.filter = as_int(filter);
    this.flags = as_int(flags);
    this.fflags = fflags;
    this.data = data;
    this.udata = udata;
  }

  __repr__(): string {
    return (
      `<select.kevent ident=${this.ident} filter=${this.filter} flags=${hex(this.flags)} ` +
      `fflags=${hex(this.fflags)} data=${hex(this.data)} udata=${hex(this.udata)}>`
    );
  }

  toString(): string {
    return this.__repr__();
  }
}

function hex(number: Integer): string {
  return `0x${BigInt.asUintN(64, BigInt(number)).toString(16)}`;
}

function to_integers(events: readonly Kevent[]): BigInt64Array {
  return BigInt64Array.from(
    events.flatMap(({ ident, filter, flags, fflags, data, udata }) =>
      [ident, filter, flags, fflags, data, udata].map((field) => as_64_bits(field)),
    ),
  );
}

function as_64_bits(field: unknown): bigint {
  if (typeof field === "bigint") return field;
  if (typeof field === "number" && Number.isSafeInteger(field)) return BigInt(field);
  if (typeof field === "number" && Number.isInteger(field)) {
    throw new OverflowError("a number past 2**53 is to be a bigint");
  }
  throw new TypeError("the attributes of a kevent are to be integers");
}

function to_number(field: bigint): Integer {
  const number = Number(field);
  return Number.isSafeInteger(number) ? number : field;
}

/** kqueue descriptors whose object nobody can reach any more: closed silently, as Python does. */
const unreachable = new FinalizationRegistry<number>((fd) => native.close(fd));

/**
 * A kqueue descriptor. Every method but `close`, `closed` raises ValueError once it is closed.
 *
 * Python: `select.kqueue`. kqueue(2)
 */
class Kqueue {
  static readonly name: string = "kqueue";

  #fd: number;
  #ready = new BigInt64Array(0);

  constructor();
  constructor(given?: Given) {
    begin_run();
    this.#fd = given instanceof Given ? given.fd : native.kqueue!();
    if (this.#fd < 0) throw os_error(this.#fd);
    unreachable.register(this, this.#fd, this);
  }

  /** An object for a kqueue descriptor that is open already, and is closed with it. */
  static fromfd(fd: number): Kqueue {
    const known = as_int(fd);
    native.own(known);
    return new (Kqueue as new (given: Given) => Kqueue)(new Given(known));
  }

  /** The kqueue descriptor. */
  fileno(): number {
    return this.#open();
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  #open(): number {
    if (this.#fd < 0) throw new ValueError("I/O operation on closed kqueue object");
    return this.#fd;
  }

  /** Closes the descriptor; a second time does nothing. */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    unreachable.unregister(this);
    const result = native.close(fd);
    if (result < 0) throw os_error(result);
  }

  /**
   * Changes what is watched (null: nothing), then waits for at most `max_events` events and returns
   * them; an empty list when time ran out, and at once when `max_events` is 0. `timeout` in seconds,
   * null for ever; ValueError for a negative one. kevent(2)
   */
  control(
    changelist: Iterable<Kevent> | null,
    max_events: number,
    timeout: number | null = null,
  ): Kevent[] {
    const fd = this.#open();
    const most = as_int(max_events);
    if (most < 0) {
      throw new ValueError(`Length of eventlist must be 0 or positive, got ${most}`);
    }
    let left = to_nanoseconds(timeout);
    const changes = to_integers(as_events(changelist));
    if (this.#ready.length < most * FIELDS) this.#ready = new BigInt64Array(most * FIELDS);
    if (left !== 0 && most > 0) begin_run();
    const deadline = performance.now() + left / 1e6;
    let n = native.kevent!(fd, changes, this.#ready, most, left);
    while (was_interrupted(n)) {
      check_signals();
      if (left > 0) left = Math.max(0, Math.ceil((deadline - performance.now()) * 1e6));
      n = native.kevent!(fd, changes, this.#ready, most, left);
    }
    if (n < 0) throw os_error(n);
    return Array.from({ length: n }, (_, index) => this.#event(index * FIELDS));
  }

  #event(at: number): Kevent {
    const [ident, filter, flags, fflags, data, udata] = this.#ready.subarray(at, at + FIELDS);
    return new Kevent(
      to_number(BigInt.asUintN(64, ident)),
      Number(filter),
      Number(flags),
      Number(fflags),
      to_number(data),
      to_number(BigInt.asUintN(64, udata)),
    );
  }

  /** `using kq = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function to_nanoseconds(timeout: unknown): number {
  if (timeout === null) return -1;
  if (typeof timeout !== "number") {
    throw new TypeError(`timeout argument must be a number or None, got ${type_name(timeout)}`);
  }
  const whole = nanoseconds(timeout);
  if (whole < 0) throw new ValueError("timeout must be positive or None");
  // The addon takes exact integers: 104 days, after which Python's own would go on.
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}

function as_events(changelist: unknown): Kevent[] {
  if (changelist === null) return [];
  if (typeof (changelist as Iterable<Kevent> | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError("changelist must be an iterable of select.kevent objects");
  }
  return Array.from(changelist as Iterable<unknown>, (event) => {
    if (event instanceof Kevent) return event;
    throw new TypeError("changelist must be an iterable of select.kevent objects");
  });
}

const has_kqueue = native.kqueue !== undefined;

/** A kqueue descriptor; undefined where the system has no kqueue. Python: `select.kqueue`. */
export const kqueue: typeof Kqueue = (has_kqueue ? Kqueue : undefined) as typeof Kqueue;
export type kqueue = Kqueue;

/** One event of a kqueue; undefined where the system has no kqueue. Python: `select.kevent`. */
export const kevent: typeof Kevent = (has_kqueue ? Kevent : undefined) as typeof Kevent;
export type kevent = Kevent;
