/** Events of kqueue(2), as Python's `select.kevent` has them. */
import { as_fd, as_integer, as_unsigned_int } from "../core/arguments.ts";
import type { FileDescriptorLike } from "../core/arguments.ts";
import { OverflowError } from "../core/exceptions.ts";
import { inspect_custom, type_name } from "../core/repr.ts";
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

/** The bounds of 64-bit integers. */
const SIGNED = 2n ** 63n;
const UNSIGNED = 2n ** 64n;

/** A 64-bit integer: a number where that is exact. */
type Integer = number | bigint;

/**
 * One event: what to watch, or what has happened. `<` and `>` compare the fields in order. Python:
 * `select.kevent`. kqueue(2)
 */
class Kevent {
  /** What Python calls it. */
  static readonly name: string = "kevent";

  /** What is watched: a descriptor, or whatever the filter is for. */
  ident: Integer;
  /** The filter: one of KQ_FILTER_*. */
  filter: number;
  /** What to do, or how it went: KQ_EV_*. */
  flags: number;
  /** The filter's own flags: KQ_NOTE_*. */
  fflags: number;
  /** The filter's own value: bytes to be read, room to write, the errno with KQ_EV_ERROR. */
  data: Integer;
  /** What comes back with the event. */
  udata: Integer;

  /**
   * `ident` is a descriptor, an object that has one, or another number for the filter. TypeError
   * for a value that is not an integer, ValueError for a negative descriptor, OverflowError for a
   * number with more bits than its field; `flags`, `fflags` and `udata` are truncated.
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

  /** @internal How many 64-bit integers an event is at the boundary: its fields, in their order. */
  static readonly _SIZE = 6;

  /** @internal The event at an index of memory that the system has filled. */
  static _from(events: BigInt64Array, index: number): Kevent {
    const start = index * Kevent._SIZE;
    const [ident, filter, flags, fflags, data, udata] = events.subarray(
      start,
      start + Kevent._SIZE,
    );
    return new Kevent(
      to_number(BigInt.asUintN(64, ident)),
      Number(filter),
      Number(flags),
      Number(fflags),
      to_number(data),
      to_number(BigInt.asUintN(64, udata)),
    );
  }

  /** @internal The event as the system takes it. TypeError for fields that are not integers. */
  _integers(): bigint[] {
    const { ident, filter, flags, fflags, data, udata } = this;
    return [ident, filter, flags, fflags, data, udata].map((field: unknown) => {
      if (is_integer(field)) return BigInt(field);
      throw new TypeError("the attributes of a kevent must be integers");
    });
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
  [inspect_custom](): string {
    return this.__repr__();
  }
}

function is_integer(value: unknown): value is Integer {
  return typeof value === "bigint" || Number.isInteger(value);
}

/** An integer of any size, as a number where that is exact. */
function as_exact_integer(value: unknown): Integer {
  return typeof value === "bigint" ? to_number(value) : as_integer(value);
}

/** An integer as a C unsigned long, or the descriptor of anything else. */
function as_ident(ident: unknown): Integer {
  if (!is_integer(ident)) return as_fd(ident);
  const number = as_exact_integer(ident);
  if (number < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (number < UNSIGNED) return number;
  throw new OverflowError("Python int too large to convert to C unsigned long");
}

function as_filter(filter: unknown): number {
  const number = as_exact_integer(filter);
  if (number > 0x7fff) throw new OverflowError("signed short integer is greater than maximum");
  if (number < -0x8000) throw new OverflowError("signed short integer is less than minimum");
  return Number(number);
}

function as_data(data: unknown): Integer {
  const number = as_exact_integer(data);
  if (number < SIGNED && number >= -SIGNED) return number;
  throw new OverflowError("Python int too large to convert to C long");
}

function as_udata(udata: unknown): Integer {
  if (!is_integer(udata)) {
    const name = typeof udata === "number" ? "float" : type_name(udata);
    throw new TypeError(`kevent() argument 6 must be int, not ${name}`);
  }
  const number = as_exact_integer(udata);
  if (typeof number === "number" && number >= 0) return number;
  return to_number(BigInt.asUintN(64, BigInt(number)));
}

function hex(number: Integer): string {
  return `0x${BigInt.asUintN(64, BigInt(number)).toString(16)}`;
}

function to_number(field: bigint): Integer {
  const number = Number(field);
  return Number.isSafeInteger(number) ? number : field;
}

/** One event of a kqueue; undefined where the system has no kqueue. Python: `select.kevent`. */
export const kevent: typeof Kevent = (
  native.kqueue === undefined ? undefined : Kevent
) as typeof Kevent;
export type kevent = Kevent;
