/** What every socket has: descriptor, timeout, options, addresses; and the one place where sockets wait. */
import { as_bytes, as_c_int, as_int, as_unsigned_int } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { OSError, os_error, TimeoutError, ValueError } from "../core/exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "../core/interrupt.ts";
import { trimmed } from "../core/memory.ts";
import { inspect_custom } from "../core/repr.ts";
import { clamped_milliseconds } from "../core/timeouts.ts";
import { native } from "../native.ts";
import type { Name } from "../native.ts";
import { name_family, new_name, read_name, sockaddr_size } from "./address.ts";
import type { AddressOf } from "./address.ts";
import {
  AF_INET,
  AF_UNSPEC,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./constants.ts";
import { default_timeout, to_seconds, to_timeout } from "./default-timeout.ts";
import { SocketSpec } from "./spec.ts";
import { opened, register, unregister } from "./unclosed.ts";

const { EAGAIN, EBADF, ECONNRESET, ENOTSOCK } = native.errors;

/** Where the kernel writes addresses; to be read before the next call. */
export const name: Name = new_name();
/** The same memory. */
export const name_words: Int32Array = new Int32Array(name.buffer);

/** An integer option, on its way to or from the kernel: a new array would cost more than the call. */
const option_value = new Int32Array(1);

/**
 * The part of a socket that neither sends nor receives.
 *
 * Every method raises OSError (its subclass for the errno) if its system call fails, EBADF on a
 * closed socket.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a socket of unknown family goes where any socket goes
export class BaseSocket<F extends number | null = any> {
  #fd: number;
  #timeout = default_timeout;
  /** How many files of `makefile` need the descriptor. */
  #files = 0;
  /** Whether `close` was called: the descriptor is closed with the last file. */
  #closed = false;
  readonly #spec: SocketSpec;

  /** The address family: AF_INET, AF_INET6, AF_UNIX ... */
  get family(): number {
    return this.#spec.family;
  }

  /** SOCK_STREAM, SOCK_DGRAM ..., without SOCK_NONBLOCK and SOCK_CLOEXEC. */
  get type(): number {
    return this.#spec.type;
  }

  /** The protocol number, 0 for the family's default. */
  get proto(): number {
    return this.#spec.proto;
  }

  /** @internal These three, for the sockets that this one accepts. */
  protected get _spec(): SocketSpec {
    return this.#spec;
  }

  /** @internal The descriptor, -1 once it is closed or detached. */
  protected get _fd(): number {
    return this.#fd;
  }

  /** @internal How many nanoseconds a call may wait: Infinity forever, 0 not at all. */
  protected get _timeout(): number {
    return this.#timeout;
  }

  /**
   * A new socket, close-on-exec; or with `fileno` an object for an open descriptor, whose family,
   * type and protocol are detected if they are not given. ValueError for a negative `fileno`.
   */
  constructor(family?: F, type?: number | null, proto?: number | null, fileno?: number | null);
  /** @internal */
  constructor(family: null, type: null, proto: null, fileno: number, spec: SocketSpec);
  constructor(
    family?: number | null,
    type?: number | null,
    proto?: number | null,
    fileno?: number | null,
    spec?: SocketSpec,
  ) {
    begin_run();
    if (spec instanceof SocketSpec) {
      // The kernel has just made this descriptor.
      this.#spec = spec;
      this.#fd = fileno!;
      this.#begin(0);
      return;
    }
    family = as_optional_int(family);
    type = as_optional_int(type);
    proto = as_optional_int(proto);
    if (fileno === null || fileno === undefined) {
      family ??= AF_INET;
      type ??= SOCK_STREAM;
      proto ??= 0;
      this.#fd = new_descriptor(family, type, proto);
    } else {
      const fd = as_c_int(fileno);
      if (fd < 0) throw new ValueError("negative file descriptor");
      const named = native.getsockname(fd, name, sockaddr_size(AF_UNSPEC));
      // Sockets of some families have no names: only needed to detect the family.
      if (family === null || named === -EBADF || named === -ENOTSOCK) checked(named);
      native.own(fd);
      family ??= name_family(name);
      type ??= int_option(fd, SOL_SOCKET, SO_TYPE);
      // macOS has no such option; nor does Python look any further.
      proto ??= SO_PROTOCOL === undefined ? 0 : int_option(fd, SOL_SOCKET, SO_PROTOCOL);
      this.#fd = fd;
    }
    this.#spec = SocketSpec.of(family, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), proto);
    this.#begin(type);
  }

  /** What is left to do with a new descriptor; its type may have flags. */
  #begin(type: number): void {
    register(this, this.#fd, this.#spec);
    if ((type & SOCK_NONBLOCK) !== 0) this.#timeout = 0;
    else if (this.#timeout !== Infinity) {
      try {
        this.#set_nonblocking(true);
      } catch (error) {
        // Nobody gets this socket. As in Python, a descriptor that was handed in is closed, too.
        this.#real_close();
        throw error;
      }
    }
  }

  /**
   * Closes the descriptor; a second time does nothing. Later calls raise EBADF, and never reach
   * another descriptor that has got the same number. While files of `makefile` are open, the
   * descriptor stays open, and is closed with the last of them.
   *
   * A socket that is dropped without it is closed later, with a ResourceWarning: in a turn of the
   * event loop, or, if descriptors run out before, by the call that needs one. In Bun, only in a
   * turn of the event loop. close(2)
   */
  close(): void {
    this.#closed = true;
    if (this.#files <= 0) this.#real_close();
  }

  /** @internal A file of `makefile` needs the descriptor from now on. */
  _incref_socketios(): void {
    this.#files++;
  }

  /** @internal A file has been closed. */
  _decref_socketios(): void {
    if (this.#files > 0) this.#files--;
    if (this.#closed) this.close();
  }

  #real_close(): void {
    if (this.#fd < 0) return;
    const result = native.close(this.#release());
    // A connection that the peer has reset is closed, too.
    if (result < 0 && result !== -ECONNRESET) throw os_error(result);
  }

  /** Detaches the descriptor without closing it, and returns it (-1 if there is none). */
  detach(): number {
    this.#closed = true;
    if (this.#fd < 0) return -1;
    const fd = this.#release();
    native.disown(fd);
    return fd;
  }

  /** Forgets the descriptor, and returns it. */
  #release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    unregister(this, fd);
    return fd;
  }

  /** The descriptor, -1 once the socket is closed or detached. */
  fileno(): number {
    return this.#fd;
  }

  /** The address this socket is bound to. getsockname(2) */
  getsockname(): AddressOf<F> {
    checked(native.getsockname(this.#fd, name, sockaddr_size(this.family)));
    return read_name<F>(name);
  }

  /** The address of the peer. OSError ENOTCONN without one. getpeername(2) */
  getpeername(): AddressOf<F> {
    checked(native.getpeername(this.#fd, name, sockaddr_size(this.family)));
    return read_name<F>(name);
  }

  /** True, or 1, is the same as `settimeout(null)`; false, or 0, as `settimeout(0)`. */
  setblocking(flag: boolean | number): void {
    this.settimeout(flag ? null : 0);
  }

  /** False only if the timeout is 0. */
  getblocking(): boolean {
    return this.#timeout !== 0;
  }

  /**
   * Sets how long a call may wait, in seconds: null forever, 0 not at all. ValueError for a
   * negative number or NaN, OverflowError for more than 292 years. ioctl(2) with FIONBIO
   */
  settimeout(timeout: number | null): void {
    const kept = to_timeout(timeout);
    this.#set_nonblocking(kept !== Infinity);
    this.#timeout = kept;
  }

  #set_nonblocking(on: boolean): void {
    checked(native.set_nonblocking(this.#fd, on));
  }

  /** How long a call may wait, in seconds; null forever. */
  gettimeout(): number | null {
    return to_seconds(this.#timeout);
  }

  /** Whether programs that this process executes inherit the descriptor; false by default. fcntl(2) */
  get_inheritable(): boolean {
    return checked(native.get_inheritable(this.#fd)) !== 0;
  }

  /** Sets whether programs that this process executes inherit the descriptor. ioctl(2) with FIOCLEX */
  set_inheritable(inheritable: boolean): void {
    checked(native.set_inheritable(this.#fd, as_c_int(inheritable) !== 0));
  }

  /** The same as `gettimeout()`. */
  get timeout(): number | null {
    return this.gettimeout();
  }

  /** The option's value: an integer, or with `buflen` (1 to 1024) that many bytes. getsockopt(2) */
  getsockopt(level: number, option: number): number;
  getsockopt(level: number, option: number, buflen: number): Buffer;
  getsockopt(level: number, option: number, buflen: number = 0): Buffer | number {
    level = as_int(level);
    option = as_int(option);
    const size = as_int(buflen);
    if (size === 0) return int_option(this.#fd, level, option);
    if (size < 0 || size > 1024) throw new OSError("getsockopt buflen out of range");
    const bytes = Buffer.alloc(size);
    return trimmed(bytes, checked(native.getsockopt(this.#fd, level, option, bytes)));
  }

  /** Sets an option to an integer, to bytes, or with null to a null pointer and `optlen`. setsockopt(2) */
  setsockopt(level: number, option: number, value: number | boolean | BytesLike): void;
  setsockopt(level: number, option: number, value: null, optlen: number): void;
  setsockopt(
    level: number,
    option: number,
    value: number | boolean | BytesLike | null,
    optlen?: number,
  ): void {
    level = as_int(level);
    option = as_int(option);
    if (value === null && optlen !== undefined) {
      checked(native.setsockopt_null(this.#fd, level, option, as_unsigned_int(optlen)));
      return;
    }
    const integer = typeof value === "boolean" ? Number(value) : value;
    const is_int = typeof integer === "number" && integer === (integer | 0);
    if (is_int) option_value[0] = integer;
    const bytes = is_int ? option_value : as_bytes(value);
    checked(native.setsockopt(this.#fd, level, option, bytes));
  }

  /** `using sock = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `<socket.socket fd=3, family=2, type=1, proto=0, laddr=('127.0.0.1', 1)>` */
  __repr__(): string {
    const text = this.#spec.describe(this.#fd, this.#closed);
    const { name: own } = this.constructor;
    return own === "socket" ? text : text.replace("socket.socket", own);
  }

  /** The same as `__repr__()`. */
  toString(): string {
    return this.__repr__();
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect_custom](): string {
    return this.__repr__();
  }

  /** @internal Whether there is a timeout: calls then wait in poll(2), not in their own system call. */
  protected _waits(): boolean {
    return this.#timeout !== Infinity && this.#timeout !== 0;
  }

  /**
   * @internal Begins a call that may wait `left` milliseconds. With a timeout it waits here,
   * *before* the system call; without one the system call blocks, or fails at once. Returns the
   * deadline on performance.now()'s clock, for `_again`.
   */
  protected _start(events: number, left: number = this.#timeout / 1e6): number {
    if (this.#timeout === 0) return 0;
    begin_run();
    if (this.#timeout === Infinity) return Infinity;
    const deadline = performance.now() + left;
    if (!this._ready(events, left)) throw new TimeoutError("timed out");
    return deadline;
  }

  /**
   * @internal Whether to repeat a system call that has failed: after a signal, or if a socket with
   * a timeout was not ready after all. Every method that may wait asks this.
   */
  protected _again(result: number, events: number, deadline: number): boolean {
    if (was_interrupted(result)) {
      check_signals();
      return true;
    }
    if (result !== -EAGAIN || !this._waits()) return false;
    if (!this._ready(events, deadline - performance.now())) throw new TimeoutError("timed out");
    return true;
  }

  /**
   * @internal Waits at most `left` milliseconds until the socket is ready; false after a timeout. A
   * closed socket is ready: its system call fails.
   */
  protected _ready(events: number, left: number): boolean {
    if (this.#fd < 0) return true;
    const deadline = performance.now() + left;
    for (let rest = left; rest >= 0; rest = deadline - performance.now()) {
      const milliseconds = rest === Infinity ? -1 : clamped_milliseconds(rest);
      const result = native.poll_one(this.#fd, events, milliseconds);
      if (!was_interrupted(result)) return checked(result) > 0;
      check_signals();
    }
    return false;
  }
}

/** An argument of the constructor: null when it is left out, which -1 also means. */
function as_optional_int(value: number | null | undefined): number | null {
  const number = value === null || value === undefined ? -1 : as_c_int(value);
  return number === -1 ? null : number;
}

function new_descriptor(family: number, type: number, proto: number): number {
  return checked(opened(() => native.socket(family, type, proto)));
}

/** A system call's result, or its error as an exception. */
export function checked(result: number): number {
  if (result < 0) throw os_error(result);
  return result;
}

export function int_option(fd: number, level: number, option: number): number {
  checked(native.getsockopt(fd, level, option, option_value));
  return option_value[0];
}
