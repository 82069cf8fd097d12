/**
 * kqueue(2): the readiness call of macOS and the BSDs, as Python's `select` module has it. Where the
 * system has none, all names are undefined here, as they are missing there.
 */
import { inspect } from "node:util";

import { as_c_int, as_fd, as_seconds, as_unsigned_int, Given } from "../core/arguments.ts";
import type { FileDescriptorLike } from "../core/arguments.ts";
import { MemoryError, OverflowError, os_error, ValueError } from "../core/exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "../core/interrupt.ts";
import { type_name } from "../core/repr.ts";
import { nanoseconds } from "../core/timeouts.ts";
import { native } from "../native.ts";

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

/** What bounds integers of 64 bits. */
const SIGNED = 2n ** 63n;
const UNSIGNED = 2n ** 64n;

/** A 64-bit integer: a number where that is exact. */
type Integer = number | bigint;

/**
 * One event: what to watch, or what has happened. `<` and its like compare the fields, in their
 * order. Python: `select.kevent`. kqueue(2)
 */
class Kevent {
  /** What Python calls it. */
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

  /**
   * `ident` is a descriptor, an object that has one, or another number that the filter is about.
   * TypeError for what is no integer. ValueError for a negative descriptor, OverflowError for a
   * number with more bits than its field; of `flags`, `fflags` and `udata` the low bits are taken.
   */
  constructor(
    ident: FileDescriptorLike | bigint,
    filter: number = KQ_FILTER_READ,
    flags: number = KQ_EV_ADD,
    fflags: number = 0,
    data: Integer = 0,
    udata: Integer = 0,
  ) {
    this.ident = as_ident(ident);
    this.filter = as_filter(filter);
    this.flags = as_unsigned_int(flags) & 0xffff;
    this.fflags = as_unsigned_int(fflags);
    this.data = as_data(data);
    this.udata = as_udata(udata);
  }

  /** Whether the other is an event with the same fields. Python: `==`. */
  __eq__(other: unknown): boolean {
    return other instanceof Kevent && this.valueOf() === other.valueOf();
  }

  /** The fields as one integer, the first one highest: what `<` compares. */
  valueOf(): bigint {
    const { ident, filter, flags, fflags, data, udata } = this;
    const unsigned = [ident, filter + 2 ** 15, flags, fflags, BigInt(data) + SIGNED];
    const signed_udata = BigInt.asIntN(64, BigInt(udata)) + SIGNED;
    return [...unsigned, signed_udata].reduce<bigint>((all, field) => {
      return (all << 64n) | BigInt.asUintN(64, BigInt(field));
    }, 0n);
  }

  /** `<select.kevent ident=3 filter=-1 flags=0x1 fflags=0x0 data=0x0 udata=0x0>` */
  __repr__(): string {
    return (
      `<select.kevent ident=${this.ident} filter=${this.filter} flags=${hex(this.flags)} ` +
      `fflags=${hex(this.fflags)} data=${hex(this.data)} udata=${hex(this.udata)}>`
    );
  }

  /** The same as `__repr__()`. */
  toString(): string {
    return this.__repr__();
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect.custom](): string {
    return this.__repr__();
  }
}

function is_integer(value: unknown): value is Integer {
  return typeof value === "bigint" || Number.isInteger(value);
}

/** An integer of any size, as a number where that is exact. */
function as_integer(value: unknown): Integer {
  if (is_integer(value)) return typeof value === "bigint" ? to_number(value) : value;
  const name = typeof value === "number" ? "float" : type_name(value);
  throw new TypeError(`'${name}' object cannot be interpreted as an integer`);
}

/** A C unsigned long, as which an integer goes; anything else is asked for its descriptor. */
function as_ident(ident: unknown): Integer {
  if (!is_integer(ident)) return as_fd(ident);
  const number = as_integer(ident);
  if (number < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (number < UNSIGNED) return number;
  throw new OverflowError("Python int too large to convert to C unsigned long");
}

function as_filter(filter: unknown): number {
  const number = as_integer(filter);
  if (number > 0x7fff) throw new OverflowError("signed short integer is greater than maximum");
  if (number < -0x8000) throw new OverflowError("signed short integer is less than minimum");
  return Number(number);
}

function as_data(data: unknown): Integer {
  const number = as_integer(data);
  if (number < SIGNED && number >= -SIGNED) return number;
  throw new OverflowError("Python int too large to convert to C long");
}

function as_udata(udata: unknown): Integer {
  if (!is_integer(udata)) {
    const name = typeof udata === "number" ? "float" : type_name(udata);
    throw new TypeError(`kevent() argument 6 must be int, not ${name}`);
  }
  const number = as_integer(udata);
  if (typeof number === "number" && number >= 0) return number;
  return to_number(BigInt.asUintN(64, BigInt(number)));
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
  if (is_integer(field)) return BigInt(field);
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
  /** What Python calls it. */
  static readonly name: string = "kqueue";

  #fd: number;
  #ready = new BigInt64Array(0);

  /** A new kqueue, close-on-exec. OSError when the system has no more. kqueue(2) */
  constructor();
  constructor(given?: Given) {
    begin_run();
    this.#fd = given instanceof Given ? given.fd : native.kqueue!();
    if (this.#fd < 0) throw os_error(this.#fd);
    unreachable.register(this, this.#fd, this);
  }

  /** An object for a kqueue descriptor that is open already, and is closed with it; -1 makes a new one. */
  static fromfd(fd: number): Kqueue {
    const known = as_c_int(fd);
    if (known === -1) return new Kqueue();
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
    // As CPython does, without a word if it was closed elsewhere.
    native.close(fd);
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
    const most = as_c_int(max_events);
    const fd = this.#open();
    if (most < 0) {
      throw new ValueError(`Length of eventlist must be 0 or positive, got ${most}`);
    }
    let left = to_nanoseconds(timeout);
    const changes = to_integers(as_events(changelist));
    this.#ready = with_room(this.#ready, most * FIELDS);
    if (left !== 0 && most > 0) begin_run();
    const deadline = performance.now() + left / 1e6;
    let n = native.kevent!(fd, changes, this.#ready, most, left);
    while (was_interrupted(n)) {
      check_signals();
      if (left > 0) left = Math.max(0, Math.ceil((deadline - performance.now()) * 1e6));
      // Not what `fd` was: a signal's handler may have closed it.
      n = native.kevent!(this.#fd, changes, this.#ready, most, left);
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

function with_room(ready: BigInt64Array<ArrayBuffer>, fields: number): BigInt64Array<ArrayBuffer> {
  if (ready.length >= fields) return ready;
  try {
    return new BigInt64Array(fields);
  } catch {
    throw new MemoryError();
  }
}

function to_nanoseconds(timeout: unknown): number {
  if (timeout === null) return -1;
  let whole: number;
  try {
    whole = nanoseconds(as_seconds(timeout));
  } catch {
    // Whatever was wrong with it, NaN too: this is what CPython says.
    throw new TypeError(`timeout argument must be a number or None, got ${type_name(timeout)}`);
  }
  if (whole < 0) throw new ValueError("timeout must be positive or None");
  // The addon takes exact integers: 104 days, after which Python's own would go on.
  return Math.min(whole, Number.MAX_SAFE_INTEGER);
}

function as_events(changelist: unknown): Kevent[] {
  if (changelist === null) return [];
  if (typeof (changelist as Iterable<Kevent> | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError("changelist is not iterable");
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
