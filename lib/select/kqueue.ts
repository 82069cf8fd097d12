/** kqueue(2), as Python's `select.kqueue` has it: undefined where the system has none. */
import { as_c_int, OpenFd } from "../core/arguments.ts";
import { os_error, ValueError } from "../core/exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "../core/interrupt.ts";
import { with_room } from "../core/memory.ts";
import { native } from "../native.ts";
import { kevent } from "./kevent.ts";
import { to_nanoseconds } from "./wait.ts";

/** Closes the descriptors of unreachable objects, silently as in Python. */
const unreachable = new FinalizationRegistry<number>((fd) => native.close(fd));

/**
 * A kqueue object. Once it is closed, all methods but `close` raise ValueError.
 *
 * Python: `select.kqueue`. kqueue(2)
 */
class Kqueue {
  /** What Python calls it. */
  static readonly name: string = "kqueue";

  #fd: number;
  #ready = new BigInt64Array(0);

  /** A new kqueue descriptor, close-on-exec. kqueue(2) */
  constructor();
  /** @internal */
  constructor(open?: OpenFd);
  constructor(open?: OpenFd) {
    begin_run();
    this.#fd = open instanceof OpenFd ? open.fd : native.kqueue!();
    if (this.#fd < 0) throw os_error(this.#fd);
    unreachable.register(this, this.#fd, this);
  }

  /** An object for an open kqueue descriptor, which it closes; -1 makes a new one. */
  static fromfd(fd: number): Kqueue {
    const open = as_c_int(fd);
    if (open === -1) return new Kqueue();
    native.own(open);
    return new Kqueue(new OpenFd(open));
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
    // Errors are ignored, as in CPython.
    native.close(fd);
  }

  /**
   * Changes what is watched (null: nothing), then waits for at most `max_events` events and returns
   * a list of them, empty after a timeout, and without waiting if `max_events` is 0. `timeout` is
   * in seconds, null to wait forever; ValueError if it is negative. kevent(2)
   */
  control(
    changelist: Iterable<kevent> | null,
    max_events: number,
    timeout: number | null = null,
  ): kevent[] {
    const most = as_c_int(max_events);
    const fd = this.#open();
    if (most < 0) {
      throw new ValueError(`Length of eventlist must be 0 or positive, got ${most}`);
    }
    let left = to_nanoseconds(timeout);
    const changes = BigInt64Array.from(as_events(changelist).flatMap((event) => event._integers()));
    this.#ready = with_room(this.#ready, most * kevent._SIZE);
    if (left !== 0 && most > 0) begin_run();
    const deadline = performance.now() + left / 1e6;
    let n = native.kevent!(fd, changes, this.#ready, most, left);
    while (was_interrupted(n)) {
      check_signals();
      if (left > 0) left = Math.max(0, Math.ceil((deadline - performance.now()) * 1e6));
      // Not `fd`: a signal handler may have closed it.
      n = native.kevent!(this.#fd, changes, this.#ready, most, left);
    }
    if (n < 0) throw os_error(n);
    return Array.from({ length: n }, (_, index) => kevent._from(this.#ready, index));
  }

  /** `using kq = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function as_events(changelist: unknown): kevent[] {
  if (changelist === null) return [];
  if (typeof (changelist as Iterable<kevent> | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError("changelist is not iterable");
  }
  return Array.from(changelist as Iterable<unknown>, (event) => {
    if (event instanceof kevent) return event;
    throw new TypeError("changelist must be an iterable of select.kevent objects");
  });
}

/** A kqueue descriptor; undefined where the system has no kqueue. Python: `select.kqueue`. */
export const kqueue: typeof Kqueue = (
  native.kqueue === undefined ? undefined : Kqueue
) as typeof Kqueue;
export type kqueue = Kqueue;
