/**
 * Python's `socket` module: the operating system's sockets, blocking unless told otherwise.
 *
 * https://docs.python.org/3/library/socket.html
 */
import { inspect } from "node:util";

import { read_name, new_name, to_sockaddr } from "./address.ts";
import type { Address, SocketAddress } from "./address.ts";
import {
  allocate,
  as_bytes,
  as_c_int,
  as_int,
  as_seconds,
  as_size,
  type_name,
} from "./arguments.ts";
import type { BytesLike } from "./arguments.ts";
import { OSError, os_error, TimeoutError, ValueError } from "./exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "./interrupt.ts";
import { native } from "./native.ts";
import { str, tuple } from "./repr.ts";
import {
  AF_INET,
  AF_UNIX,
  AF_UNSPEC,
  SO_ERROR,
  SO_PROTOCOL,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from "./socket-constants.ts";
import { clamped_milliseconds, nanoseconds } from "./timeouts.ts";

export * from "./socket-constants.ts";
export type { Address, Inet6Address, InetAddress, SocketAddress } from "./address.ts";
export { gaierror, OSError as error, TimeoutError as timeout } from "./exceptions.ts";

const { POLLIN, POLLOUT } = native.constants;
const { EAGAIN, ECONNRESET, EINPROGRESS, EISCONN } = native.errors;

let defaultTimeout = Infinity;

/** The time-out that new sockets get, in seconds; null (the default) for blocking ones. */
export function getdefaulttimeout(): number | null {
  return to_seconds(defaultTimeout);
}

/** Sets the time-out that new sockets get, in seconds; null for blocking ones. Errors as `settimeout`. */
export function setdefaulttimeout(timeout: number | null): void {
  defaultTimeout = to_timeout(timeout);
}

/** Seconds as they are kept: whole nanoseconds, Infinity for null. */
function to_timeout(seconds: number | null): number {
  if (seconds === null) return Infinity;
  const timeout = nanoseconds(as_seconds(seconds));
  if (timeout < 0) throw new ValueError("Timeout value out of range");
  return timeout;
}

function to_seconds(timeout: number): number | null {
  return timeout === Infinity ? null : timeout / 1e9;
}

/**
 * Received bytes are cut out of a slab: allocation, not the boundary to C++, is what receiving
 * costs. A Buffer keeps its whole slab alive, so larger receives get memory of their own.
 */
const SLAB_SIZE = 64 * 1024;
const LARGEST_CUT = 16 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
let slabUsed = 0;

/** Where accept, getsockname and getpeername have the kernel write; read before the next call. */
const name = new_name();

/** Tells the constructor that the kernel has just made this descriptor, as it is described. */
const KNOWN = Symbol("known");

/** What outlives a socket that nobody closed. */
interface Description {
  readonly fd: number;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
}

/** A socket that nobody can reach any more and nobody has closed: warn, as Python does, and close it. */
const unclosed = new FinalizationRegistry<Description>((left) => {
  process.emitWarning(`unclosed ${describe(left)}`, "ResourceWarning");
  native.close(left.fd);
});

/**
 * One end of a connection, or what connections are accepted on.
 *
 * Every method raises OSError (of the class that stands for the errno) when its system call fails,
 * TypeError for an argument of the wrong type, and OSError EBADF on a closed socket. Where a method
 * has to wait, it blocks the thread, as long as `settimeout` allows; Ctrl-C ends the wait by
 * KeyboardInterrupt.
 *
 * Python: `socket.socket`. socket(2)
 */
export class socket {
  #fd: number;
  /** Nanoseconds that a call may wait: Infinity for ever, 0 not at all. */
  #timeout = defaultTimeout;
  /** The address family: AF_INET, AF_INET6, AF_UNIX ... */
  readonly family: number;
  /** SOCK_STREAM, SOCK_DGRAM ..., without SOCK_NONBLOCK and SOCK_CLOEXEC. */
  readonly type: number;
  /** The protocol number, 0 for the family's own choice. */
  readonly proto: number;

  /**
   * A new socket, close-on-exec; or, with `fileno`, an object for a descriptor that is open already,
   * whose family, type and protocol are found out where they are not given. ValueError for a
   * negative `fileno`.
   */
  constructor(
    family?: number | null,
    type?: number | null,
    proto?: number | null,
    fileno?: number | null,
  );
  constructor(
    family?: number | null,
    type?: number | null,
    proto?: number | null,
    fileno?: number | null,
    known?: typeof KNOWN,
  ) {
    begin_run();
    let flags: number;
    if (fileno === null || fileno === undefined) {
      this.family = given(family) ?? AF_INET;
      flags = given(type) ?? SOCK_STREAM;
      this.proto = given(proto) ?? 0;
      this.#fd = checked(native.socket(this.family, flags | SOCK_CLOEXEC, this.proto));
    } else {
      const fd = as_c_int(fileno);
      if (fd < 0) throw new ValueError("negative file descriptor");
      if (known !== KNOWN) {
        checked(native.getsockname(fd, name, native.sockaddr_size(AF_UNSPEC)));
        native.own(fd);
      }
      this.family = given(family) ?? native.sockaddr_decode(name)?.[0] ?? AF_UNSPEC;
      flags = given(type) ?? int_option(fd, SOL_SOCKET, SO_TYPE);
      this.proto = given(proto) ?? int_option(fd, SOL_SOCKET, SO_PROTOCOL);
      this.#fd = fd;
    }
    this.type = flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    if ((flags & SOCK_NONBLOCK) !== 0) this.#timeout = 0;
    else if (this.#timeout !== Infinity) this.#set_nonblocking(true);
    unclosed.register(this, this.#describe(), this);
  }

  /**
   * Binds to an address. `""` as the host is every interface; a host name is looked up.
   * Errors: gaierror, OverflowError for a port outside 0..65535. bind(2)
   */
  bind(address: Address): void {
    checked(native.bind(this.#fd, to_sockaddr(this.family, address, "bind")));
  }

  /** Makes this a listening socket with room for `backlog` connections that wait. listen(2) */
  listen(backlog: number = Math.min(SOMAXCONN, 128)): void {
    checked(native.listen(this.#fd, Math.max(as_int(backlog), 0)));
  }

  /**
   * Waits for a connection and returns `[conn, address]`. The new socket is a *blocking* one even
   * when this is not (unless `setdefaulttimeout` says otherwise), and close-on-exec. accept4(2)
   */
  accept(): readonly [conn: socket, address: SocketAddress] {
    const deadline = this.#start(POLLIN);
    const size = native.sockaddr_size(this.family);
    let fd: number;
    do {
      fd = native.accept4(this.#fd, name, size, SOCK_CLOEXEC, this.#timeout === Infinity);
    } while (fd < 0 && this.#again(fd, POLLIN, deadline));
    checked(fd);
    const address = read_name(name);
    const Known = socket as new (...args: unknown[]) => socket;
    const conn = new Known(this.family, this.type, this.proto, fd, KNOWN);
    // On some systems a connection has its listener's O_NONBLOCK.
    if (defaultTimeout === Infinity && this.#waits()) conn.setblocking(true);
    return tuple([conn, address]);
  }

  /**
   * Connects, waiting until the connection stands or has failed; on a non-blocking socket
   * BlockingIOError (EINPROGRESS) while it is being made. Errors: gaierror, OverflowError for a
   * port outside 0..65535, TimeoutError. connect(2)
   */
  connect(address: Address): void {
    const errno = this.#connect(to_sockaddr(this.family, address, "connect"));
    if (errno === null) throw new TimeoutError("timed out");
    if (errno !== 0) throw os_error(errno);
  }

  /**
   * As `connect`, but returns connect(2)'s errno (0 when connected) instead of raising it: 115
   * (EINPROGRESS) is how a non-blocking connect starts, 11 (EAGAIN) that time ran out. A bad
   * address or host name still raises.
   */
  connect_ex(address: Address): number {
    return this.#connect(to_sockaddr(this.family, address, "connect_ex")) ?? EAGAIN;
  }

  /** connect(2)'s errno in the end; null when time ran out. */
  #connect(sockaddr: Uint8Array): number | null {
    if (this.#timeout === Infinity) begin_run();
    const result = native.connect(this.#fd, sockaddr, this.#timeout === Infinity);
    // Started, or interrupted after it was: it goes on by itself, and calling connect again would be
    // an error. Wait for its end and ask how it went.
    let goes_on = result === -EINPROGRESS && this.#waits();
    if (was_interrupted(result)) {
      check_signals();
      goes_on = this.#timeout !== 0;
    }
    if (!goes_on) return Math.abs(result);
    if (!this.#ready(POLLOUT, this.#timeout / 1e6)) return null;
    const status = int_option(this.#fd, SOL_SOCKET, SO_ERROR);
    return status === EISCONN ? 0 : status;
  }

  /**
   * Sends bytes and returns how many the system took, which may be fewer. BlockingIOError when it
   * takes none now and the socket does not wait. send(2)
   */
  send(data: BytesLike, flags: number = 0): number {
    const bytes = as_bytes(data);
    return this.#send(bytes, 0, as_int(flags), this.#timeout / 1e6);
  }

  /**
   * Sends all the bytes. The time-out is for the whole call. When it raises, nobody knows how many
   * were sent; on a non-blocking socket that is BlockingIOError as soon as the system takes no more.
   */
  sendall(data: BytesLike, flags: number = 0): void {
    const bytes = as_bytes(data);
    const how = as_int(flags);
    let left = this.#timeout / 1e6;
    const deadline = this.#waits() ? performance.now() + left : Infinity;
    let sent = this.#send(bytes, 0, how, left);
    while (sent < bytes.byteLength) {
      if (this.#waits()) left = deadline - performance.now();
      check_signals();
      sent += this.#send(bytes, sent, how, left);
    }
  }

  #send(bytes: BytesLike, offset: number, flags: number, left: number): number {
    const length = bytes.byteLength - offset;
    const deadline = this.#start(POLLOUT, left);
    let n: number;
    do {
      n = native.send(this.#fd, bytes, offset, length, flags, this.#timeout === Infinity);
    } while (n < 0 && this.#again(n, POLLOUT, deadline));
    return checked(n);
  }

  /**
   * Receives at most `bufsize` bytes; an empty Buffer once the peer has ended its side.
   * BlockingIOError when there are none now and the socket does not wait. ValueError for a negative
   * size. recv(2)
   */
  recv(bufsize: number, flags: number = 0): Buffer {
    const size = as_size(bufsize, "recv");
    const how = as_int(flags);
    if (size === 0) return Buffer.alloc(0);
    if (size > LARGEST_CUT) return this.#recv_large(size, how);
    if (SLAB_SIZE - slabUsed < size) {
      slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
      slabUsed = 0;
    }
    const start = slabUsed;
    // With MSG_TRUNC a datagram's whole length comes back, not only that of the part received.
    const n = Math.min(this.#recv(slab, start, size, how), size);
    slabUsed = start + ((n + 7) & ~7);
    return slab.subarray(start, start + n);
  }

  /** Into memory of its own; most of it unused, it is not kept. */
  #recv_large(size: number, flags: number): Buffer {
    const bytes = allocate(size);
    const n = Math.min(this.#recv(bytes, 0, size, flags), size);
    const received = bytes.subarray(0, n);
    return n * 2 < size ? Buffer.from(received) : received;
  }

  /**
   * Receives into memory that you own, at most `nbytes` (0: as much as fits), and returns how many
   * bytes came: the fastest way to receive. ValueError for a negative or too large `nbytes`. recv(2)
   */
  recv_into(buffer: BytesLike, nbytes: number = 0, flags: number = 0): number {
    if (!ArrayBuffer.isView(buffer)) {
      throw new TypeError(
        `recv_into() argument 1 must be read-write bytes-like object, not ${type_name(buffer)}`,
      );
    }
    const size = as_size(nbytes, "recv_into");
    if (size > buffer.byteLength) throw new ValueError("buffer too small for requested bytes");
    const how = as_int(flags);
    if (buffer.byteLength === 0) return 0;
    return this.#recv(buffer, 0, size === 0 ? buffer.byteLength : size, how);
  }

  #recv(bytes: BytesLike, offset: number, length: number, flags: number): number {
    const deadline = this.#start(POLLIN);
    let n: number;
    do {
      n = native.recv(this.#fd, bytes, offset, length, flags, this.#timeout === Infinity);
    } while (n < 0 && this.#again(n, POLLIN, deadline));
    return checked(n);
  }

  /** Ends one side of the connection, or both: SHUT_RD, SHUT_WR, SHUT_RDWR. shutdown(2) */
  shutdown(how: number): void {
    checked(native.shutdown(this.#fd, as_c_int(how)));
  }

  /**
   * Closes the descriptor; a second time does nothing. Every later call on this object raises EBADF
   * and none reaches a descriptor that has since got the same number. close(2)
   */
  close(): void {
    if (this.#fd < 0) return;
    const result = native.close(this.#release());
    // That the peer has reset the connection is no news to one who closes it.
    if (result < 0 && result !== -ECONNRESET) throw os_error(result);
  }

  /** Gives up the descriptor without closing it, and returns it (-1 when there is none). */
  detach(): number {
    if (this.#fd < 0) return -1;
    const fd = this.#release();
    native.disown(fd);
    return fd;
  }

  #release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    unclosed.unregister(this);
    return fd;
  }

  /** The descriptor, -1 once the socket is closed or detached. */
  fileno(): number {
    return this.#fd;
  }

  /** The address this socket is bound to. getsockname(2) */
  getsockname(): SocketAddress {
    checked(native.getsockname(this.#fd, name, native.sockaddr_size(this.family)));
    return read_name(name);
  }

  /** The address of the peer. OSError ENOTCONN without one. getpeername(2) */
  getpeername(): SocketAddress {
    checked(native.getpeername(this.#fd, name, native.sockaddr_size(this.family)));
    return read_name(name);
  }

  /** True: wait as long as it takes, as `settimeout(null)`. False: never wait, as `settimeout(0)`. */
  setblocking(flag: boolean): void {
    this.settimeout(flag ? null : 0);
  }

  /** False only when the time-out is 0: with a time-out, calls do wait. */
  getblocking(): boolean {
    return this.#timeout !== 0;
  }

  /**
   * How long a call may wait, in seconds: null for ever, 0 not at all. ValueError for a negative
   * number or NaN, OverflowError for one past 292 years. ioctl(2) with FIONBIO
   */
  settimeout(timeout: number | null): void {
    const kept = to_timeout(timeout);
    this.#set_nonblocking(kept !== Infinity);
    this.#timeout = kept;
  }

  #set_nonblocking(on: boolean): void {
    checked(native.set_nonblocking(this.#fd, on));
  }

  /** How long a call may wait, in seconds; null for ever. */
  gettimeout(): number | null {
    return to_seconds(this.#timeout);
  }

  /** The same as `gettimeout()`. */
  get timeout(): number | null {
    return this.gettimeout();
  }

  /** The option's value: an integer, or with `buflen` (1 to 1024) that many bytes. getsockopt(2) */
  getsockopt(level: number, option: number): number;
  getsockopt(level: number, option: number, buflen: number): Buffer;
  getsockopt(level: number, option: number, buflen: number = 0): Buffer | number {
    const [layer, which, size] = [as_int(level), as_int(option), as_int(buflen)];
    if (size === 0) return int_option(this.#fd, layer, which);
    if (size < 0 || size > 1024) throw new OSError("getsockopt buflen out of range");
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, checked(native.getsockopt(this.#fd, layer, which, bytes)));
  }

  /** Sets an option to an integer, to bytes, or (with null) to nothing of a length. setsockopt(2) */
  setsockopt(level: number, option: number, value: number | boolean | BytesLike): void;
  setsockopt(level: number, option: number, value: null, optlen: number): void;
  setsockopt(
    level: number,
    option: number,
    value: number | boolean | BytesLike | null,
    optlen?: number,
  ): void {
    const [layer, which] = [as_int(level), as_int(option)];
    if (value === null && optlen !== undefined) {
      checked(native.setsockopt_null(this.#fd, layer, which, as_int(optlen)));
      return;
    }
    const integer = typeof value === "boolean" ? Number(value) : value;
    const is_int = typeof integer === "number" && integer === (integer | 0);
    const bytes = is_int ? Int32Array.of(integer) : as_bytes(value);
    checked(native.setsockopt(this.#fd, layer, which, bytes));
  }

  /** `using sock = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `<socket.socket fd=3, family=2, type=1, proto=0, laddr=('127.0.0.1', 1)>` */
  __repr__(): string {
    return describe(this.#describe());
  }

  toString(): string {
    return this.__repr__();
  }

  [inspect.custom](): string {
    return this.__repr__();
  }

  #describe(): Description {
    return { fd: this.#fd, family: this.family, type: this.type, proto: this.proto };
  }

  /** Whether there is a time-out: a call then waits with poll(2), not in its own system call. */
  #waits(): boolean {
    return this.#timeout !== Infinity && this.#timeout !== 0;
  }

  /**
   * Begins a call that may wait `left` milliseconds. With a time-out it waits here, *before* the
   * system call; without one that call blocks by itself, or fails at once. Returns the deadline on
   * performance.now()'s clock, for `#again`.
   */
  #start(events: number, left: number = this.#timeout / 1e6): number {
    if (this.#timeout === 0) return 0;
    begin_run();
    if (this.#timeout === Infinity) return Infinity;
    const deadline = performance.now() + left;
    if (!this.#ready(events, left)) throw new TimeoutError("timed out");
    return deadline;
  }

  /**
   * Whether a system call that has just failed is to be made again: after a signal, or when a socket
   * with a time-out was not ready after all. Every method that may wait asks this.
   */
  #again(result: number, events: number, deadline: number): boolean {
    if (was_interrupted(result)) {
      check_signals();
      return true;
    }
    if (result !== -EAGAIN || !this.#waits()) return false;
    if (!this.#ready(events, deadline - performance.now())) throw new TimeoutError("timed out");
    return true;
  }

  /**
   * Waits until the socket is ready, for `left` milliseconds at most, signals and all; false when
   * time ran out. A closed socket is ready: the system call has the error.
   */
  #ready(events: number, left: number): boolean {
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

/**
 * Two sockets that are connected with each other, as a tuple; AF_UNIX and SOCK_STREAM unless told
 * otherwise. socketpair(2)
 */
export function socketpair(
  family: number = AF_UNIX,
  type: number = SOCK_STREAM,
  proto: number = 0,
): readonly [socket, socket] {
  const fds = new Int32Array(2);
  const [layer, how, protocol] = [as_int(family), as_int(type), as_int(proto)];
  checked(native.socketpair(layer, how | SOCK_CLOEXEC, protocol, fds));
  const [first, second] = fds;
  return tuple([new socket(family, type, proto, first), new socket(family, type, proto, second)]);
}

/** An argument of the constructor; null when it is left out, which -1 also means. */
function given(value: number | null | undefined): number | null {
  const number = value === null || value === undefined ? -1 : as_c_int(value);
  return number === -1 ? null : number;
}

/** A system call's result, or its error as an exception. */
function checked(result: number): number {
  if (result < 0) throw os_error(result);
  return result;
}

function int_option(fd: number, level: number, option: number): number {
  const value = new Int32Array(1);
  checked(native.getsockopt(fd, level, option, value));
  return value[0];
}

/** A socket's repr, with the addresses of one that is open. */
function describe({ fd, family, type, proto }: Description): string {
  const closed = fd < 0 ? " [closed]" : "";
  let text = `<socket.socket${closed} fd=${fd}, family=${family}, type=${type}, proto=${proto}`;
  const size = native.sockaddr_size(family);
  const own = fd >= 0 && native.getsockname(fd, name, size) === 0 ? read_name(name) : null;
  if (own !== null && own.length > 0) text += `, laddr=${str(own)}`;
  const peer = fd >= 0 && native.getpeername(fd, name, size) === 0 ? read_name(name) : null;
  if (peer !== null && peer.length > 0) text += `, raddr=${str(peer)}`;
  return `${text}>`;
}
