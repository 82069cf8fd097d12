/**
 * Python's class `socket.socket`: one method for one system call, each followed by the shared wait.
 * The file is long because the class has that many methods.
 */
import {
  argument_type,
  as_bytes,
  as_c_int,
  as_int,
  as_signed_size,
  as_size,
} from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { os_error, TimeoutError, ValueError } from "../core/exceptions.ts";
import { begin_run, check_signals, was_interrupted } from "../core/interrupt.ts";
import { allocate, outside_heap } from "../core/memory.ts";
import { tuple, type_name } from "../core/repr.ts";
import type { BufferedReader, BufferedRWPair, BufferedWriter } from "../io/buffered.ts";
import { make_file } from "../io/makefile.ts";
import type {
  PairMode,
  ReaderMode,
  SocketFile,
  TextMode,
  TextOptions,
  WriterMode,
} from "../io/makefile.ts";
import type { SocketIO } from "../io/raw.ts";
import type { TextIOWrapper } from "../io/text.ts";
import { native } from "../native.ts";
import { read_name, read_sender, sockaddr_size, to_sockaddr } from "./address.ts";
import type { Address, AddressOf } from "./address.ts";
import { BaseSocket, checked, int_option, name, name_words } from "./base.ts";
import { MOST_MESSAGES, packets_of, receive_batch, send_batch } from "./batch.ts";
import type { Message, Packet } from "./batch.ts";
import { SO_ERROR, SOL_SOCKET, SOMAXCONN } from "./constants.ts";
import { as_views, control_bytes, control_data, control_room } from "./control.ts";
import type { AncillaryData, AncillaryItem } from "./control.ts";
import { default_timeout } from "./default-timeout.ts";
import { cut, LARGEST_CUT, received, room, slab, take } from "./received.ts";
import { send_file } from "./sendfile.ts";
import type { Sendable } from "./sendfile.ts";
import { found_descriptors, opened } from "./unclosed.ts";

const { POLLIN, POLLOUT } = native.constants;
const { EAGAIN, EINPROGRESS, EISCONN } = native.errors;

const NO_CONTROL = new Uint8Array(0);

/** What recvmsg returns besides bytes: the length of the control data, and the message's flags. */
const results = new Int32Array(2);

/**
 * One end of a connection, or a listening socket.
 *
 * Every method raises OSError (its subclass for the errno) if its system call fails, TypeError for
 * an argument of the wrong type, and EBADF on a closed socket. A method that has to wait blocks the
 * thread, as long as `settimeout` allows; Ctrl-C ends the wait with KeyboardInterrupt.
 *
 * Python: `socket.socket`. socket(2)
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as in BaseSocket
export class socket<F extends number | null = any> extends BaseSocket<F> {
  /**
   * Binds to an address. `""` as the host is every interface; a host name is looked up.
   * Errors: gaierror, OverflowError for a port outside 0..65535. bind(2)
   */
  bind(address: Address): void {
    checked(native.bind(this._fd, to_sockaddr(this.family, address, "bind")));
  }

  /** Makes this a listening socket with room for `backlog` pending connections. listen(2) */
  listen(backlog: number = Math.min(SOMAXCONN, 128)): void {
    checked(native.listen(this._fd, Math.max(as_int(backlog), 0)));
  }

  /**
   * Waits for a connection and returns `[conn, address]`. The new socket is *blocking* even if this
   * one is not (unless `setdefaulttimeout` says otherwise), and close-on-exec. accept4(2)
   */
  accept(): readonly [conn: socket<F>, address: AddressOf<F>] {
    const deadline = this._start(POLLIN);
    const size = sockaddr_size(this.family);
    let fd: number;
    do {
      fd = native.accept4(this._fd, name, size, this._timeout === Infinity);
    } while (fd < 0 && (found_descriptors(fd) || this._again(fd, POLLIN, deadline)));
    checked(fd);
    const address = read_name<F>(name);
    const conn = new socket<F>(null, null, null, fd, this._spec);
    // On some systems a connection inherits its listener's O_NONBLOCK.
    if (default_timeout === Infinity && this._waits()) {
      try {
        conn.setblocking(true);
      } catch (error) {
        conn.close();
        throw error;
      }
    }
    return Object.freeze([conn, address]);
  }

  /**
   * Connects, and waits until the connection is made or has failed; a non-blocking socket raises
   * BlockingIOError (EINPROGRESS) meanwhile. Errors: gaierror, OverflowError for a port outside
   * 0..65535, TimeoutError. connect(2)
   */
  connect(address: Address): void {
    const errno = this.#connect(to_sockaddr(this.family, address, "connect"));
    if (errno === null) throw new TimeoutError("timed out");
    if (errno !== 0) throw os_error(errno);
  }

  /**
   * Like `connect`, but returns connect(2)'s errno instead of raising it: 0 when connected, 115
   * (EINPROGRESS) when a non-blocking connect has begun, 11 (EAGAIN) after a timeout. A bad address
   * or host name still raises.
   */
  connect_ex(address: Address): number {
    return this.#connect(to_sockaddr(this.family, address, "connect_ex")) ?? EAGAIN;
  }

  /** connect(2)'s final errno; null after a timeout. */
  #connect(sockaddr: Uint8Array): number | null {
    if (this._timeout === Infinity) begin_run();
    let result = native.connect(this._fd, sockaddr, this._timeout === Infinity);
    while (result > 0) {
      // A signal arrived before it began.
      check_signals();
      result = native.connect(this._fd, sockaddr, true);
    }
    // A connect that has begun continues, interrupted or not, and calling connect again
    // would be an error. So wait for its end, and ask how it went.
    let goes_on = result === -EINPROGRESS && this._waits();
    if (was_interrupted(result)) {
      check_signals();
      goes_on = this._timeout !== 0;
    }
    if (!goes_on) return Math.abs(result);
    if (!this._ready(POLLOUT, this._timeout / 1e6)) return null;
    const status = int_option(this._fd, SOL_SOCKET, SO_ERROR);
    return status === EISCONN ? 0 : status;
  }

  /**
   * Sends bytes and returns how many were sent, which may be fewer. BlockingIOError if a
   * non-blocking socket would have to wait. send(2)
   */
  send(data: BytesLike, flags: number = 0): number {
    const bytes = as_bytes(data);
    return this.#send(bytes, 0, as_int(flags), this._timeout / 1e6);
  }

  /**
   * Sends all the bytes; the timeout is for the whole call. If it raises, there is no telling how
   * many were sent. BlockingIOError as soon as a non-blocking socket would have to wait.
   */
  sendall(data: BytesLike, flags: number = 0): void {
    const bytes = as_bytes(data);
    flags = as_int(flags);
    let left = this._timeout / 1e6;
    const deadline = this._waits() ? performance.now() + left : Infinity;
    let sent = this.#send(bytes, 0, flags, left);
    while (sent < bytes.byteLength) {
      if (this._waits()) left = deadline - performance.now();
      check_signals();
      sent += this.#send(bytes, sent, flags, left);
    }
  }

  #send(bytes: BytesLike, offset: number, flags: number, left: number): number {
    const length = bytes.byteLength - offset;
    const deadline = this._start(POLLOUT, left);
    let n: number;
    do {
      const memory = outside_heap(bytes, offset, length);
      const start = memory === bytes ? offset : 0;
      n = native.send(this._fd, memory, start, length, flags, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLOUT, deadline));
    return checked(n);
  }

  /**
   * Receives at most `bufsize` bytes; an empty Buffer once the peer has closed its side.
   * BlockingIOError if a non-blocking socket would have to wait. ValueError for a negative size.
   * recv(2)
   */
  recv(bufsize: number, flags: number = 0): Buffer {
    const size = as_size(bufsize, "recv");
    flags = as_int(flags);
    if (this.#asks_for_nothing(size)) return Buffer.alloc(0);
    if (size > LARGEST_CUT) {
      const bytes = take(size);
      return received(bytes, Math.min(this.#recv(bytes, 0, size, flags), size));
    }
    const deadline = this._start(POLLIN);
    let n: number;
    let start: number;
    do {
      start = room(size);
      n = native.recv(this._fd, slab, start, size, flags, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLIN, deadline));
    // With MSG_TRUNC this is the whole length of a datagram, not that of the part received.
    return cut(start, Math.min(checked(n), size));
  }

  /**
   * Receives into your own memory, at most `nbytes` (0: as much as fits), and returns the number of
   * bytes: the fastest way to receive. ValueError for a negative or too large `nbytes`. recv(2)
   */
  recv_into(buffer: BytesLike, nbytes: number = 0, flags: number = 0): number {
    if (!ArrayBuffer.isView(buffer)) throw not_writable("recv_into", buffer);
    const size = as_size(nbytes, "recv_into");
    if (size > buffer.byteLength) throw new ValueError("buffer too small for requested bytes");
    flags = as_int(flags);
    if (this.#asks_for_nothing(buffer.byteLength)) return 0;
    return this.#recv(buffer, 0, size === 0 ? buffer.byteLength : size, flags);
  }

  /** Makes no system call, as in CPython, but as a private method raises TypeError for any other `this`. */
  #asks_for_nothing(size: number): boolean {
    return size === 0;
  }

  #recv(bytes: BytesLike, offset: number, length: number, flags: number): number {
    const deadline = this._start(POLLIN);
    let n: number;
    do {
      n = native.recv(this._fd, bytes, offset, length, flags, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLIN, deadline));
    return checked(n);
  }

  /** Shuts down one side of the connection, or both: SHUT_RD, SHUT_WR, SHUT_RDWR. shutdown(2) */
  shutdown(how: number): void {
    checked(native.shutdown(this._fd, as_c_int(how)));
  }

  /**
   * Receives a datagram, or bytes of a stream, and returns a tuple of the bytes and the sender's
   * address (null on a stream). The part of a datagram past `bufsize` bytes is lost. Errors as in
   * `recv`. recvfrom(2)
   */
  recvfrom(bufsize: number, flags: number = 0): readonly [Buffer, AddressOf<F>] {
    const size = as_size(bufsize, "recvfrom");
    flags = as_int(flags);
    if (size > LARGEST_CUT) {
      const bytes = take(size);
      const n = Math.min(this.#recvfrom(bytes, size, flags), size);
      return Object.freeze([received(bytes, n), read_sender<F>(name, name_words)]);
    }
    const name_size = sockaddr_size(this.family);
    const deadline = this._start(POLLIN);
    let n: number;
    let start: number;
    do {
      start = room(size);
      const may_block = this._timeout === Infinity;
      n = native.recvfrom(this._fd, slab, start, size, flags, may_block, name, name_size);
    } while (n < 0 && this._again(n, POLLIN, deadline));
    return Object.freeze([
      cut(start, Math.min(checked(n), size)),
      read_sender<F>(name, name_words),
    ]);
  }

  /**
   * The same into your own memory; returns the number of bytes and the sender's address. ValueError
   * for a negative or too large `nbytes` (0: as much as fits). recvfrom(2)
   */
  recvfrom_into(
    buffer: BytesLike,
    nbytes: number = 0,
    flags: number = 0,
  ): readonly [number, AddressOf<F>] {
    if (!ArrayBuffer.isView(buffer)) throw not_writable("recvfrom_into", buffer);
    const size = as_size(nbytes, "recvfrom_into");
    flags = as_int(flags);
    if (size > buffer.byteLength) {
      throw new ValueError("nbytes is greater than the length of the buffer");
    }
    const n = this.#recvfrom(buffer, size === 0 ? buffer.byteLength : size, flags);
    return Object.freeze([n, read_sender<F>(name, name_words)]);
  }

  /** The sender's address is in `name`. */
  #recvfrom(bytes: BytesLike, length: number, flags: number): number {
    const name_size = sockaddr_size(this.family);
    const deadline = this._start(POLLIN);
    let n: number;
    do {
      const may_block = this._timeout === Infinity;
      n = native.recvfrom(this._fd, bytes, 0, length, flags, may_block, name, name_size);
    } while (n < 0 && this._again(n, POLLIN, deadline));
    return checked(n);
  }

  /**
   * Receives a message with control data, and returns a tuple of the bytes, a list of control data,
   * the message's flags (MSG_TRUNC, MSG_CTRUNC ...) and the sender's address. Descriptors received
   * as SCM_RIGHTS are open then, and not close-on-exec. ValueError for a negative size. recvmsg(2)
   */
  recvmsg(
    bufsize: number,
    ancbufsize: number = 0,
    flags: number = 0,
  ): readonly [Buffer, AncillaryData[], number, AddressOf<F>] {
    const size = as_signed_size(bufsize);
    if (size < 0) throw new ValueError("negative buffer size in recvmsg()");
    const control = control_room(ancbufsize);
    const bytes = allocate(size);
    const n = this.#recvmsg([bytes], control, as_int(flags));
    const message_flags = results[1];
    const ancillary = control_data(control, results[0]);
    const address = read_name<F>(name);
    return tuple([received(bytes, Math.min(n, size)), ancillary, message_flags, address]);
  }

  /**
   * The same into several pieces of your own memory, one after the other; returns the number of
   * bytes instead of the bytes. recvmsg(2)
   */
  recvmsg_into(
    buffers: Iterable<BytesLike>,
    ancbufsize: number = 0,
    flags: number = 0,
  ): readonly [number, AncillaryData[], number, AddressOf<F>] {
    const views = as_views(
      buffers,
      "recvmsg_into() argument 1 must be an iterable",
      () => "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers",
    );
    const control = control_room(ancbufsize);
    const n = this.#recvmsg(views, control, as_int(flags));
    const message_flags = results[1];
    return tuple([n, control_data(control, results[0]), message_flags, read_name<F>(name)]);
  }

  #recvmsg(views: BytesLike[], control: Uint8Array, flags: number): number {
    const size = sockaddr_size(this.family);
    const deadline = this._start(POLLIN);
    let n: number;
    do {
      const may_block = this._timeout === Infinity;
      n = native.recvmsg(this._fd, views, control, flags, may_block, results, name, size);
    } while (n < 0 && this._again(n, POLLIN, deadline));
    return checked(n);
  }

  /**
   * Sends a datagram to an address and returns the number of bytes sent. As in Python, flags come
   * before the address: `sendto(data, address)` or `sendto(data, flags, address)`. sendto(2)
   */
  sendto(data: BytesLike, address: Address): number;
  sendto(data: BytesLike, flags: number, address: Address): number;
  sendto(data: BytesLike, ...rest: readonly unknown[]): number {
    if (rest.length !== 1 && rest.length !== 2) {
      throw new TypeError(`sendto() takes 2 or 3 arguments (${rest.length + 1} given)`);
    }
    const bytes = as_bytes(data);
    const flags = rest.length === 2 ? as_int(rest[0]) : 0;
    const sockaddr = to_sockaddr(this.family, rest.at(-1), "sendto");
    const deadline = this._start(POLLOUT);
    let n: number;
    const length = bytes.byteLength;
    do {
      const memory = outside_heap(bytes, 0, length);
      const may_block = this._timeout === Infinity;
      n = native.sendto(this._fd, memory, 0, length, flags, sockaddr, may_block);
    } while (n < 0 && this._again(n, POLLOUT, deadline));
    return checked(n);
  }

  /**
   * Sends several pieces of memory as one message, with control data (lists of level, type and
   * bytes) and to an address, if given; returns the number of bytes sent. sendmsg(2)
   */
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata: Iterable<AncillaryItem> = [],
    flags: number = 0,
    address: Address | null = null,
  ): number {
    const views = as_views(buffers, "sendmsg() argument 1 must be an iterable", (item) => {
      return `a bytes-like object is required, not '${type_name(item)}'`;
    });
    const control = control_bytes(ancdata);
    flags = as_int(flags);
    const sockaddr = address === null ? null : to_sockaddr(this.family, address, "sendmsg");
    const deadline = this._start(POLLOUT);
    let n: number;
    do {
      n = native.sendmsg(this._fd, views, control, flags, sockaddr, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLOUT, deadline));
    return checked(n);
  }

  /**
   * Receives up to `vlen` datagrams by one system call, each with `bufsize` bytes at most, and returns a
   * list of what `recvfrom` would return. Waits for the first one only; the others are those that have
   * come already. At most 1024; one at a time where the system has no such call. Errors as in
   * `recvfrom`, and ValueError for a negative number. Python has no such method. recvmmsg(2)
   */
  recvmmsg(
    vlen: number,
    bufsize: number,
    flags: number = 0,
  ): (readonly [data: Buffer, address: AddressOf<F>])[] {
    const count = Math.min(as_size(vlen, "recvmmsg"), MOST_MESSAGES);
    const size = as_size(bufsize, "recvmmsg");
    flags = as_int(flags);
    if (count === 0) return [];
    if (native.recvmmsg === undefined) return [this.recvfrom(size, flags)];
    const deadline = this._start(POLLIN);
    for (;;) {
      const messages = receive_batch<F>(count, size, (bytes, lengths, names) => {
        const may_block = this._timeout === Infinity;
        return native.recvmmsg!(this._fd, bytes, size, count, flags, may_block, lengths, names);
      });
      if (typeof messages !== "number") return messages;
      if (!this._again(messages, POLLIN, deadline)) checked(messages);
    }
  }

  /**
   * Sends datagrams, pairs of bytes and address (null on a connected socket), by one system call, and
   * returns how many were sent: fewer than all if the system took no more, or refused one. At most
   * 1024; by a call for each where the system has no such call. Errors, when not even the first is
   * sent, as in `sendto`. Python has no such method. sendmmsg(2)
   */
  sendmmsg(messages: Iterable<Message>, flags: number = 0): number {
    const packets = packets_of(messages, this.family).slice(0, MOST_MESSAGES);
    flags = as_int(flags);
    if (packets.length === 0) return 0;
    const deadline = this._start(POLLOUT);
    let n: number;
    do {
      n = this.#send_packets(packets, flags, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLOUT, deadline));
    return checked(n);
  }

  /** How many of the packets were sent, or the -errno of the first. */
  #send_packets(packets: readonly Packet[], flags: number, may_block: boolean): number {
    if (native.sendmmsg !== undefined) {
      return send_batch(packets, (bytes, lengths, names) =>
        native.sendmmsg!(this._fd, bytes, lengths, packets.length, flags, may_block, names),
      );
    }
    for (const [index, [bytes, sockaddr]] of packets.entries()) {
      const n = native.sendmsg(this._fd, [bytes], NO_CONTROL, flags, sockaddr, may_block);
      if (n < 0) return index === 0 ? n : index;
    }
    return packets.length;
  }

  /**
   * Sends a file from `offset` on, all of it or `count` bytes, and returns the number of bytes
   * sent. Regular files are sent by sendfile(2), others by `read` and `send`. An object that has
   * `seek` is moved past what was sent. ValueError for a socket that is non-blocking or not a
   * stream; TypeError or ValueError for a `count` that is not a positive integer. sendfile(2)
   */
  sendfile(file: Sendable, offset: number = 0, count: number | null = null): number {
    return send_file(this, file, offset, count, this.#sendfile.bind(this));
  }

  /** One call of sendfile(2), where there is one: the number of bytes sent, or -errno. */
  #sendfile(fd: number, offset: number, count: number): number {
    const deadline = this._start(POLLOUT);
    let n: number;
    do {
      n = native.sendfile!(this._fd, fd, offset, count, this._timeout === Infinity);
    } while (n < 0 && this._again(n, POLLOUT, deadline));
    return n;
  }

  /**
   * A file over this socket, with its timeout. `mode` has the letters r (the default) for reading,
   * w for writing, and b for bytes instead of text. `buffering` is the size of the buffer; null and
   * negative numbers mean 8192, 0 means none, for bytes only. `encoding` ("utf-8" by default),
   * `errors` and `newline` are for text.
   *
   * The descriptor is closed when this socket *and* its files are. ValueError for any other mode.
   * Python: `socket.makefile()`.
   */
  makefile(mode: ReaderMode | WriterMode | PairMode, buffering: 0, options?: TextOptions): SocketIO;
  makefile(mode: ReaderMode, buffering?: number | null, options?: TextOptions): BufferedReader;
  makefile(mode: WriterMode, buffering?: number | null, options?: TextOptions): BufferedWriter;
  makefile(mode: PairMode, buffering?: number | null, options?: TextOptions): BufferedRWPair;
  makefile(mode?: TextMode, buffering?: number | null, options?: TextOptions): TextIOWrapper;
  makefile(mode: string, buffering?: number | null, options?: TextOptions): SocketFile;
  makefile(
    mode: string = "r",
    buffering: number | null = null,
    options: TextOptions = {},
  ): SocketFile {
    return make_file(this, mode, buffering, options);
  }

  /**
   * Another object for the same socket, with a duplicate of the descriptor. Both share what the
   * system keeps (options, blocking or not); each has its own timeout. fcntl(2) with
   * F_DUPFD_CLOEXEC
   */
  dup(): socket {
    const fd = checked(opened(() => native.dup(this._fd)));
    // The same subclass; accept, in Python too, returns plain sockets.
    const Same = this.constructor as typeof socket;
    const sock = new Same(this.family, this.type, this.proto, fd);
    sock.settimeout(this.gettimeout());
    return sock;
  }
}

function not_writable(where: string, value: unknown): TypeError {
  return new TypeError(
    `${where}() argument 1 must be read-write bytes-like object, not ${argument_type(value)}`,
  );
}
