/**
 * Python's `select` module: the system's readiness calls as they are. `iomux/selectors` is made of
 * these, and easier to use.
 *
 * https://docs.python.org/3/library/select.html
 */
import { as_c_int, as_fd, as_int, as_seconds, Given } from "./core/arguments.ts";
import type { FileDescriptorLike } from "./core/arguments.ts";
import {
  KeyError,
  MemoryError,
  OverflowError,
  OSError,
  os_error,
  RuntimeError,
  ValueError,
} from "./core/exceptions.ts";
import { begin_run, begin_wait, time_left, was_interrupted } from "./core/interrupt.ts";
import { tuple } from "./core/repr.ts";
import { exact_milliseconds, nanoseconds } from "./core/timeouts.ts";
import { native } from "./native.ts";

export type { FileDescriptorLike } from "./core/arguments.ts";
export { OSError as error } from "./core/exceptions.ts";
export * from "./select/kqueue.ts";

const { constants } = native;

// Events of poll: what to wait for and, with POLLERR, POLLHUP and POLLNVAL, what comes unasked. poll(2)
export const POLLIN: number = constants.POLLIN;
export const POLLPRI: number = constants.POLLPRI;
export const POLLOUT: number = constants.POLLOUT;
export const POLLERR: number = constants.POLLERR;
export const POLLHUP: number = constants.POLLHUP;
export const POLLNVAL: number = constants.POLLNVAL;
export const POLLRDNORM: number = constants.POLLRDNORM;
export const POLLRDBAND: number = constants.POLLRDBAND;
export const POLLWRNORM: number = constants.POLLWRNORM;
export const POLLWRBAND: number = constants.POLLWRBAND;
export const POLLMSG: number = constants.POLLMSG;
export const POLLRDHUP: number = constants.POLLRDHUP;

// Events of epoll, which are poll's by the same numbers, and how it reports them (EPOLLET, EPOLLONESHOT,
// EPOLLEXCLUSIVE): epoll_ctl(2). EPOLL_CLOEXEC is for the constructor: epoll_create1(2)
export const EPOLLIN: number = constants.EPOLLIN;
export const EPOLLPRI: number = constants.EPOLLPRI;
export const EPOLLOUT: number = constants.EPOLLOUT;
export const EPOLLERR: number = constants.EPOLLERR;
export const EPOLLHUP: number = constants.EPOLLHUP;
export const EPOLLRDNORM: number = constants.EPOLLRDNORM;
export const EPOLLRDBAND: number = constants.EPOLLRDBAND;
export const EPOLLWRNORM: number = constants.EPOLLWRNORM;
export const EPOLLWRBAND: number = constants.EPOLLWRBAND;
export const EPOLLMSG: number = constants.EPOLLMSG;
export const EPOLLRDHUP: number = constants.EPOLLRDHUP;
export const EPOLLET: number = constants.EPOLLET;
export const EPOLLONESHOT: number = constants.EPOLLONESHOT;
export const EPOLLEXCLUSIVE: number = constants.EPOLLEXCLUSIVE;
export const EPOLL_CLOEXEC: number = constants.EPOLL_CLOEXEC;

/** The most bytes that a pipe takes in one piece. pipe(7) */
export const PIPE_BUF: number = constants.PIPE_BUF;

const FD_SETSIZE: number = constants.FD_SETSIZE;

/** How long a readiness call waits: milliseconds, -1 without end, from a time in Python's unit. */
function to_milliseconds(timeout: unknown, nanoseconds_in_one: number): number {
  if (timeout === null) return -1;
  if (!is_time(timeout)) throw new TypeError("timeout must be an integer or None");
  const whole = nanoseconds(as_seconds(timeout), nanoseconds_in_one);
  return whole < 0 ? -1 : exact_milliseconds(whole / 1e6);
}

function is_time(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

/** The pairs that a readiness call has left in `ready`, as Python's list of tuples. */
function pairs(ready: Int32Array, n: number): (readonly [fd: number, events: number])[] {
  return Array.from({ length: n }, (_, index) => tuple([ready[2 * index], ready[2 * index + 1]]));
}

/** Room for a number of events: grown, never shrunk, because its owner waits again and again. */
function with_room(ready: Int32Array, events: number): Int32Array {
  const integers = events * 4;
  if (ready.length >= integers) return ready;
  try {
    return new Int32Array(Math.max(integers, ready.length * 2));
  } catch {
    throw new MemoryError();
  }
}

/** epoll descriptors whose object nobody can reach any more: closed silently, as Python does. */
const unreachable = new FinalizationRegistry<number>((fd) => native.close(fd));

/**
 * An epoll descriptor. Every method but `close`, `closed` raises ValueError once it is closed.
 *
 * Python: `select.epoll`. epoll(7)
 */
export class epoll {
  #fd: number;
  /** @internal Where `_wait` leaves its pairs of descriptor and events. */
  _ready: Int32Array = new Int32Array(0);

  /** `sizehint` and `flags` say nothing any more, and are checked as Python checks them. epoll_create1(2) */
  constructor(sizehint?: number, flags?: number);
  constructor(sizehint: number = -1, flags: number = 0, given?: Given) {
    const hint = as_c_int(sizehint);
    if (hint !== -1 && hint <= 0) throw new ValueError("negative sizehint");
    if ((as_c_int(flags) & ~EPOLL_CLOEXEC) !== 0) throw new OSError("invalid flags");
    begin_run();
    this.#fd = given instanceof Given ? given.fd : native.epoll_create1();
    if (this.#fd < 0) throw os_error(this.#fd);
    unreachable.register(this, this.#fd, this);
  }

  /** An object for an epoll descriptor that is open already, and is closed with it; -1 makes a new one. */
  static fromfd(fd: number): epoll {
    const known = as_c_int(fd);
    if (known === -1) return new epoll();
    native.own(known);
    const Known = epoll as new (...args: unknown[]) => epoll;
    return new Known(-1, 0, new Given(known));
  }

  /** The epoll descriptor. */
  fileno(): number {
    return this.#open();
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  #open(): number {
    if (this.#fd < 0) throw new ValueError("I/O operation on closed epoll object");
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

  /** Watches a descriptor for some of the EPOLL* events. EPOLL_CTL_ADD */
  register(fd: FileDescriptorLike, eventmask: number = EPOLLIN | EPOLLPRI | EPOLLOUT): void {
    this.#control(constants.EPOLL_CTL_ADD, fd, eventmask);
  }

  /** Changes what a descriptor is watched for. EPOLL_CTL_MOD */
  modify(fd: FileDescriptorLike, eventmask: number): void {
    this.#control(constants.EPOLL_CTL_MOD, fd, eventmask);
  }

  /** Watches a descriptor no more. EPOLL_CTL_DEL */
  unregister(fd: FileDescriptorLike): void {
    this.#control(constants.EPOLL_CTL_DEL, fd, 0);
  }

  #control(operation: number, fd: FileDescriptorLike, eventmask: number): void {
    const epfd = this.#open();
    const result = native.epoll_ctl(epfd, operation, as_fd(fd), as_unsigned(eventmask));
    if (result < 0) throw os_error(result);
  }

  /**
   * Waits for events and returns a list of tuples of descriptor and events; an empty one when time
   * ran out. `timeout` in seconds, null or negative for ever; `maxevents` at most, -1 for no limit
   * of its own. epoll_wait(2)
   */
  poll(
    timeout: number | null = null,
    maxevents: number = -1,
  ): (readonly [fd: number, events: number])[] {
    this.#open();
    const milliseconds = to_milliseconds(timeout, 1e9);
    const most = as_c_int(maxevents);
    if (most === 0 || most < -1) {
      throw new ValueError(`maxevents must be greater than 0, got ${most}`);
    }
    const n = this._wait(milliseconds, most === -1 ? undefined : most);
    return pairs(this._ready, n);
  }

  /** @internal As `poll`, but in milliseconds, and leaving n pairs in `_ready`. */
  _wait(milliseconds: number, maxevents: number = FD_SETSIZE - 1): number {
    const fd = this.#open();
    this._ready = with_room(this._ready, maxevents);
    const deadline = begin_wait(milliseconds);
    let n = native.epoll_wait(fd, this._ready, maxevents, milliseconds);
    while (was_interrupted(n)) {
      const left = time_left(deadline);
      // Not what `fd` was: a signal's handler may have closed it.
      n = native.epoll_wait(this.#fd, this._ready, maxevents, left);
    }
    if (n < 0) throw os_error(n);
    return n;
  }

  /** `using ep = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** The value as a C unsigned short, in the words that CPython has for it. */
function as_unsigned_short(value: unknown): number {
  if (typeof value !== "bigint" && typeof value !== "boolean" && !Number.isInteger(value)) {
    throw new TypeError("an integer is required");
  }
  const number = Number(value);
  if (number < 0) throw new ValueError("value must be positive");
  if (number >= 2 ** 64) {
    throw new OverflowError("Python int too large to convert to C unsigned long");
  }
  if (number > 0xffff) throw new OverflowError("Python int too large for C unsigned short");
  return number;
}

function as_unsigned(value: number): number {
  if (typeof value === "number" && Number.isInteger(value)) return value >>> 0;
  return as_int(value) >>> 0;
}

/** What `select.poll()` returns: the descriptors to poll, and how. */
export class poll_object {
  readonly #events = new Map<number, number>();
  #wanted = new Int32Array(0);
  #changed = false;
  #waits = false;
  /** @internal Where `_wait` leaves its pairs of descriptor and events; never empty. */
  _ready: Int32Array = new Int32Array(2);

  /** Polls a descriptor for some of the POLL* events; one known already gets new events. */
  register(fd: FileDescriptorLike, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.#set(as_fd(fd), eventmask);
  }

  /** Changes the events of a descriptor. FileNotFoundError for an unknown one. */
  modify(fd: FileDescriptorLike, eventmask: number): void {
    const known = as_fd(fd);
    if (!this.#events.has(known)) throw os_error(native.errors.ENOENT);
    this.#set(known, eventmask);
  }

  #set(fd: number, eventmask: number): void {
    this.#events.set(fd, as_unsigned_short(eventmask));
    this.#changed = true;
  }

  /** Polls a descriptor no more. KeyError for an unknown one. */
  unregister(fd: FileDescriptorLike): void {
    const known = as_fd(fd);
    if (!this.#events.delete(known)) throw new KeyError(known);
    this.#changed = true;
  }

  /**
   * Waits for events and returns a list of tuples of descriptor and events; an empty one when time
   * ran out. `timeout` in *milliseconds*, null or negative for ever. poll(2)
   */
  poll(timeout: number | null = null): (readonly [fd: number, events: number])[] {
    const n = this._wait(to_milliseconds(timeout, 1e6));
    return pairs(this._ready, n);
  }

  /** @internal As `poll`, but leaving n pairs in `_ready`. */
  _wait(milliseconds: number): number {
    // By the handler of a signal that came while this object waits.
    if (this.#waits) throw new RuntimeError("concurrent poll() invocation");
    if (this.#changed) this.#rebuild();
    const count = this.#wanted.length / 2;
    const deadline = begin_wait(milliseconds);
    let n: number;
    this.#waits = true;
    try {
      n = native.poll(this.#wanted, count, this._ready, milliseconds);
      while (was_interrupted(n)) {
        n = native.poll(this.#wanted, count, this._ready, time_left(deadline));
      }
    } finally {
      this.#waits = false;
    }
    if (n < 0) throw os_error(n);
    return n;
  }

  #rebuild(): void {
    this.#wanted = new Int32Array(2 * this.#events.size);
    let end = 0;
    for (const [fd, events] of this.#events) {
      this.#wanted[end++] = fd;
      this.#wanted[end++] = events;
    }
    this._ready = new Int32Array(Math.max(this.#wanted.length, 2));
    this.#changed = false;
  }
}

/** A new object to poll descriptors with. Python: `select.poll()`. poll(2) */
export function poll(): poll_object {
  return new poll_object();
}

/**
 * Waits until some of the descriptors (or objects with `fileno()`) are ready to be read, to be
 * written, or have something exceptional to say, and returns those as three lists. `timeout` in
 * seconds, null for ever; ValueError for a negative one, and for a descriptor past FD_SETSIZE (1024),
 * which the system call cannot take. select(2)
 */
export function select<
  R extends FileDescriptorLike,
  W extends FileDescriptorLike,
  X extends FileDescriptorLike,
>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout: number | null = null,
): readonly [R[], W[], X[]] {
  const microseconds = to_microseconds(timeout);
  const [readers, writers, exceptional] = [as_set(rlist), as_set(wlist), as_set(xlist)];
  const [r, w, x] = [readers.fds.slice(), writers.fds.slice(), exceptional.fds.slice()];
  const deadline = begin_wait(microseconds < 0 ? -1 : microseconds / 1e3);
  let n = native.select(r, r.length, w, w.length, x, x.length, microseconds);
  while (was_interrupted(n)) {
    const left = time_left(deadline);
    n = native.select(r, r.length, w, w.length, x, x.length, left < 0 ? -1 : left * 1e3);
  }
  if (n < 0) throw os_error(n);
  return tuple([ready_of(readers, r), ready_of(writers, w), ready_of(exceptional, x)]);
}

function to_microseconds(timeout: unknown): number {
  if (timeout === null) return -1;
  if (!is_time(timeout)) throw new TypeError("timeout must be a float or None");
  const whole = nanoseconds(as_seconds(timeout));
  if (whole < 0) throw new ValueError("timeout must be non-negative");
  // The addon takes exact integers: 285 years.
  return Math.min(Math.ceil(whole / 1e3), Number.MAX_SAFE_INTEGER);
}

/** One of the lists that select takes, and the descriptors of what is in it. */
interface WatchedSet<T> {
  readonly items: readonly T[];
  readonly fds: Int32Array;
}

function as_set<T>(list: Iterable<T>): WatchedSet<T> {
  if (typeof (list as Iterable<T> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError("arguments 1-3 must be sequences");
  }
  const items: T[] = [];
  const fds: number[] = [];
  // Of the list itself, which a `fileno()` may change: as in Python, what is gone is not waited for.
  for (const item of list) {
    const fd = as_fd(item);
    if (fd >= FD_SETSIZE) throw new ValueError("filedescriptor out of range in select()");
    if (fds.length === FD_SETSIZE) throw new ValueError("too many file descriptors in select()");
    items.push(item);
    fds.push(fd);
  }
  return { items, fds: Int32Array.from(fds) };
}

/** The items whose descriptors the system has kept, which it does in their order. */
function ready_of<T>({ items, fds }: WatchedSet<T>, kept: Int32Array): T[] {
  let next = 0;
  return items.filter((_, index) => {
    const is_ready = next < kept.length && fds[index] === kept[next];
    if (is_ready) next++;
    return is_ready;
  });
}
