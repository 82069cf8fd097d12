/** poll(2), as Python's `select.poll()` has it. */
import { as_fd } from "../core/arguments.ts";
import type { FileDescriptorLike } from "../core/arguments.ts";
import { KeyError, os_error, OverflowError, RuntimeError, ValueError } from "../core/exceptions.ts";
import { begin_run, begin_wait, time_left, was_interrupted } from "../core/interrupt.ts";
import { native } from "../native.ts";
import { pairs, to_milliseconds } from "./wait.ts";

const { constants } = native;

// Events of poll: what to wait for and, with POLLERR, POLLHUP and POLLNVAL, what is reported
// unasked. poll(2)
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

/** A polling object, as `select.poll()` returns it. */
export class poll_object {
  readonly #events = new Map<number, number>();
  #wanted = new Int32Array(0);
  #changed = false;
  #waits = false;
  /** @internal Where `_wait` leaves its pairs of descriptor and events; never empty. */
  _ready: Int32Array = new Int32Array(2);

  /** @internal `select.poll()` makes them. */
  constructor() {
    begin_run();
  }

  /** Watches a descriptor for POLL* events; a registered one gets new events. */
  register(fd: FileDescriptorLike, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    this.#set(as_fd(fd), eventmask);
  }

  /** Changes what a descriptor is watched for. FileNotFoundError for an unknown one. */
  modify(fd: FileDescriptorLike, eventmask: number): void {
    const known = as_fd(fd);
    if (!this.#events.has(known)) throw os_error(native.errors.ENOENT);
    this.#set(known, eventmask);
  }

  #set(fd: number, eventmask: number): void {
    this.#events.set(fd, as_unsigned_short(eventmask));
    this.#changed = true;
  }

  /** Stops watching a descriptor. KeyError for an unknown one. */
  unregister(fd: FileDescriptorLike): void {
    const known = as_fd(fd);
    if (!this.#events.delete(known)) throw new KeyError(known);
    this.#changed = true;
  }

  /**
   * Waits for events and returns a list of tuples of descriptor and events, empty after a timeout.
   * `timeout` is in *milliseconds*, null or negative to wait forever. poll(2)
   */
  poll(timeout: number | null = null): (readonly [fd: number, events: number])[] {
    const n = this._wait(to_milliseconds(timeout, 1e6));
    return pairs(this._ready, n);
  }

  /** @internal Like `poll`, but leaves n pairs in `_ready`. */
  _wait(milliseconds: number): number {
    // Called by a signal handler, while this object waits.
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

/** A new polling object; `new`, which the other pollers need, is as good. Python: `select.poll()`. poll(2) */
export const poll: { (): poll_object; new (): poll_object } = function poll() {
  return new poll_object();
} as never;

/** The value as a C unsigned short, with CPython's messages. */
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
