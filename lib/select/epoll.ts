/** epoll(7), as Python's `select.epoll` has it: undefined where the system has none. */
import { as_c_int, as_fd, as_unsigned_int, OpenFd } from "../core/arguments.ts";
import type { FileDescriptorLike } from "../core/arguments.ts";
import { OSError, os_error, ValueError } from "../core/exceptions.ts";
import { begin_run, begin_wait, time_left, was_interrupted } from "../core/interrupt.ts";
import { with_room } from "../core/memory.ts";
import { native } from "../native.ts";
import { pairs, to_milliseconds } from "./wait.ts";

const { constants } = native;

// Events of epoll, with poll's numbers, and how it reports them (EPOLLET, EPOLLONESHOT,
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

/** Closes the descriptors of unreachable objects, silently as in Python. */
const unreachable = new FinalizationRegistry<number>((fd) => native.close(fd));

/**
 * An epoll object. Once it is closed, all methods but `close` raise ValueError.
 *
 * Python: `select.epoll`. epoll(7)
 */
class Epoll {
  /** What Python calls it. */
  static readonly name: string = "epoll";

  #fd: number;
  /** @internal Where `_wait` leaves its pairs of descriptor and events. */
  _ready: Int32Array = new Int32Array(0);

  /** `sizehint` and `flags` have no effect, but are checked as in Python. epoll_create1(2) */
  constructor(sizehint?: number, flags?: number);
  /** @internal */
  constructor(sizehint?: number, flags?: number, open?: OpenFd);
  constructor(sizehint: number = -1, flags: number = 0, open?: OpenFd) {
    const hint = as_c_int(sizehint);
    if (hint !== -1 && hint <= 0) throw new ValueError("negative sizehint");
    if ((as_c_int(flags) & ~EPOLL_CLOEXEC) !== 0) throw new OSError("invalid flags");
    begin_run();
    this.#fd = open instanceof OpenFd ? open.fd : native.epoll_create1!();
    if (this.#fd < 0) throw os_error(this.#fd);
    unreachable.register(this, this.#fd, this);
  }

  /** An object for an open epoll descriptor, which it closes; -1 makes a new one. */
  static fromfd(fd: number): Epoll {
    const open = as_c_int(fd);
    if (open === -1) return new Epoll();
    native.own(open);
    return new Epoll(-1, 0, new OpenFd(open));
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
    // Errors are ignored, as in CPython.
    native.close(fd);
  }

  /** Watches a descriptor for EPOLL* events. EPOLL_CTL_ADD */
  register(fd: FileDescriptorLike, eventmask: number = EPOLLIN | EPOLLPRI | EPOLLOUT): void {
    this.#control(constants.EPOLL_CTL_ADD, fd, eventmask);
  }

  /** Changes what a descriptor is watched for. EPOLL_CTL_MOD */
  modify(fd: FileDescriptorLike, eventmask: number): void {
    this.#control(constants.EPOLL_CTL_MOD, fd, eventmask);
  }

  /** Stops watching a descriptor. EPOLL_CTL_DEL */
  unregister(fd: FileDescriptorLike): void {
    this.#control(constants.EPOLL_CTL_DEL, fd, 0);
  }

  #control(operation: number, fd: FileDescriptorLike, eventmask: number): void {
    const epfd = this.#open();
    const result = native.epoll_ctl!(epfd, operation, as_fd(fd), as_unsigned_int(eventmask));
    if (result < 0) throw os_error(result);
  }

  /**
   * Waits for events and returns a list of tuples of descriptor and events, empty after a timeout.
   * `timeout` is in seconds, null or negative to wait forever; `maxevents` limits the list, -1 to
   * FD_SETSIZE - 1. epoll_wait(2)
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

  /** @internal Like `poll`, but in milliseconds, and leaves n pairs in `_ready`. */
  _wait(milliseconds: number, maxevents: number = constants.FD_SETSIZE - 1): number {
    const fd = this.#open();
    // Four integers an event: room for the kernel's structs, which become pairs in place.
    this._ready = with_room(this._ready, maxevents * 4);
    const deadline = begin_wait(milliseconds);
    let n = native.epoll_wait!(fd, this._ready, maxevents, milliseconds);
    while (was_interrupted(n)) {
      const left = time_left(deadline);
      // Not `fd`: a signal handler may have closed it.
      n = native.epoll_wait!(this.#fd, this._ready, maxevents, left);
    }
    if (n < 0) throw os_error(n);
    return n;
  }

  /** `using ep = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** An epoll descriptor; undefined where the system has no epoll. Python: `select.epoll`. */
export const epoll: typeof Epoll = (
  native.epoll_create1 === undefined ? undefined : Epoll
) as typeof Epoll;
export type epoll = Epoll;
