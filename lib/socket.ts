/**
 * Python's `socket` module: the operating system's sockets, blocking by default.
 *
 * https://docs.python.org/3/library/socket.html
 */
import { as_c_int, as_int, as_signed_size } from "./core/arguments.ts";
import type { BytesLike } from "./core/arguments.ts";
import { int_enum } from "./core/enums.ts";
import type { IntEnum } from "./core/enums.ts";
import { ExceptionGroup, OSError, OverflowError, ValueError } from "./core/exceptions.ts";
import { repr, tuple } from "./core/repr.ts";
import { native } from "./native.ts";
import type { Address, InetAddress, SocketAddress } from "./socket/address.ts";
import { checked } from "./socket/base.ts";
import { socket } from "./socket/class.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SCM_RIGHTS,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./socket/constants.ts";
import { getaddrinfo } from "./socket/netdb.ts";
import { opened } from "./socket/unclosed.ts";

export type {
  Address,
  AddressOf,
  Inet6Address,
  InetAddress,
  NetlinkAddress,
  PacketAddress,
  RawAddress,
  SocketAddress,
  VsockAddress,
} from "./socket/address.ts";
export { gaierror, herror, OSError as error, TimeoutError as timeout } from "./core/exceptions.ts";
export * from "./socket/netdb.ts";
export { getdefaulttimeout, setdefaulttimeout } from "./socket/default-timeout.ts";
export { socket, socket as SocketType } from "./socket/class.ts";
export type { EnumMember, IntEnum } from "./core/enums.ts";
export type { AncillaryData, AncillaryItem } from "./socket/control.ts";
export * from "./socket/constants.ts";
export { SocketIO } from "./io/raw.ts";
export type { SocketFile, TextOptions } from "./io/makefile.ts";
export type { Message } from "./socket/batch.ts";
export type { Sendable } from "./socket/sendfile.ts";
export type { BufferedReader, BufferedRWPair, BufferedWriter } from "./io/buffered.ts";
export type { TextIOWrapper } from "./io/text.ts";

/** The address families by their names and numbers: `AddressFamily(2).name` is "AF_INET". */
export const AddressFamily: IntEnum<`AF_${string}`> = int_enum(
  "AddressFamily",
  native.constants,
  /^AF_[A-Z\d_]+$/,
);
/** The types of sockets by their names and numbers. */
export const SocketKind: IntEnum<`SOCK_${string}`> = int_enum(
  "SocketKind",
  native.constants,
  /^SOCK_/,
);
/** The flags of messages by their names and numbers: `MsgFlag(3).name` is "MSG_OOB|MSG_PEEK". */
export const MsgFlag: IntEnum<`MSG_${string}`> = int_enum(
  "MsgFlag",
  native.constants,
  /^MSG_/,
  true,
);
/** Whether this package supports IPv6. Whether this machine does, only a socket can tell. */
export const has_ipv6 = true;

/** A tuple of two connected sockets, AF_UNIX and SOCK_STREAM by default. socketpair(2) */
export function socketpair<F extends number = AF_UNIX>(
  family: F = AF_UNIX as number as F,
  type: number = SOCK_STREAM,
  proto: number = 0,
): readonly [socket<F>, socket<F>] {
  const fds = new Int32Array(2);
  checked(opened(() => native.socketpair(as_int(family), as_int(type), as_int(proto), fds)));
  const [first, second] = fds;
  return tuple([new socket(family, type, proto, first), new socket(family, type, proto, second)]);
}

/** A socket for a duplicate of a descriptor, which itself stays open. */
export function fromfd<F extends number>(
  fd: number,
  family: F,
  type: number,
  proto: number = 0,
): socket<F> {
  return new socket(family, type, proto, dup(fd));
}

/** A duplicate of a descriptor, close-on-exec, for you to close. fcntl(2) with F_DUPFD_CLOEXEC */
export function dup(fd: number): number {
  const duplicate = checked(opened(() => native.dup(as_c_int(fd))));
  native.disown(duplicate);
  return duplicate;
}

/** Closes a descriptor that belongs to no socket object. close(2) */
export function close(fd: number): void {
  checked(native.close(as_c_int(fd)));
}

/**
 * Connects to `[host, port]` by the first of the host's addresses that answers, and returns the
 * socket. `timeout` is in seconds, null to wait forever, undefined for `getdefaulttimeout()`; the
 * socket is bound to `source_address` first. If no address answers, raises the last error, or with
 * `all_errors` an ExceptionGroup.
 */
export function create_connection(
  address: InetAddress | readonly [host: string | null, port: number | string | null],
  timeout?: number | null,
  source_address: Address | null = null,
  { all_errors = false }: { readonly all_errors?: boolean } = {},
): socket<AF_INET | AF_INET6> {
  if (!Array.isArray(address) || address.length !== 2) {
    throw new TypeError(`address must be a pair of host and port, not ${repr(address)}`);
  }
  const [host, port] = address as InetAddress;
  let errors: OSError[] = [];
  for (const [family, type, proto, , sockaddr] of getaddrinfo(host, port, 0, SOCK_STREAM)) {
    let sock: socket<AF_INET | AF_INET6> | null = null;
    try {
      sock = new socket(family as AF_INET | AF_INET6, type, proto);
      if (timeout !== undefined) sock.settimeout(timeout);
      if (source_address !== null) sock.bind(source_address);
      sock.connect(sockaddr);
      return sock;
    } catch (error) {
      sock?.close();
      if (!(error instanceof OSError)) throw error;
      errors = all_errors ? [...errors, error] : [error];
    }
  }
  if (errors.length === 0) throw new OSError("getaddrinfo returns an empty list");
  if (all_errors) throw new ExceptionGroup("create_connection failed", errors);
  throw errors[0];
}

/** Whether one AF_INET6 socket can serve both IPv4 and IPv6. */
export function has_dualstack_ipv6(): boolean {
  try {
    using sock = new socket(AF_INET6, SOCK_STREAM);
    sock.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return true;
  } catch (error) {
    if (error instanceof OSError) return false;
    throw error;
  }
}

/** What `create_server` takes besides the address. */
export interface ServerOptions<F extends number = number> {
  /** AF_INET (the default) or AF_INET6. */
  readonly family?: F;
  /** How many connections may be pending; null for `listen`'s default. */
  readonly backlog?: number | null;
  /** Whether other sockets may bind to the same address and share the connections. SO_REUSEPORT */
  readonly reuse_port?: boolean;
  /** Whether an AF_INET6 server accepts IPv4 connections too. */
  readonly dualstack_ipv6?: boolean;
}

/**
 * A listening TCP socket bound to `[host, port]`, with SO_REUSEADDR. An AF_INET6 socket accepts
 * IPv4 connections only with `dualstack_ipv6`; ValueError where that is not possible. An error of
 * bind also includes the address.
 */
export function create_server<F extends number = AF_INET>(
  address: Address,
  {
    family = AF_INET as number as F,
    backlog = null,
    reuse_port = false,
    dualstack_ipv6 = false,
  }: ServerOptions<F> = {},
): socket<F> {
  if (dualstack_ipv6) {
    if (!has_dualstack_ipv6()) {
      throw new ValueError("dualstack_ipv6 not supported on this platform");
    }
    if ((family as number) !== AF_INET6)
      throw new ValueError("dualstack_ipv6 requires AF_INET6 family");
  }
  const sock = new socket<F>(family, SOCK_STREAM);
  try {
    try {
      sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    } catch (error) {
      // If it matters, bind() fails.
      if (!(error instanceof OSError)) throw error;
    }
    if (reuse_port) sock.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if ((family as number) === AF_INET6) {
      sock.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstack_ipv6 ? 0 : 1);
    }
    bind(sock, address);
    if (backlog === null) sock.listen();
    else sock.listen(backlog);
    return sock;
  } catch (error) {
    sock.close();
    throw error;
  }
}

function bind(sock: socket, address: Address): void {
  try {
    sock.bind(address);
  } catch (error) {
    if (!(error instanceof OSError) || error.errno === null) throw error;
    const shown = repr(Array.isArray(address) ? tuple(address) : address);
    throw new OSError(
      error.errno,
      `${error.strerror} (while attempting to bind on address ${shown})`,
    );
  }
}

/**
 * Sends descriptors over an AF_UNIX socket, with at least one byte of data; returns the number of
 * bytes sent. The receiver gets duplicates. unix(7), SCM_RIGHTS
 */
export function send_fds(
  sock: socket,
  buffers: Iterable<BytesLike>,
  fds: Iterable<number>,
  flags: number = 0,
  address: Address | null = null,
): number {
  const rights = Int32Array.from(tuple(fds), (fd) => as_c_int(fd));
  return sock.sendmsg(buffers, [[SOL_SOCKET, SCM_RIGHTS, rights]], flags, address);
}

/**
 * Receives at most `bufsize` bytes and `maxfds` descriptors from an AF_UNIX socket, and returns a
 * tuple of the bytes, a list of descriptors (yours to close, and not close-on-exec), the message's
 * flags and the sender's address. unix(7), SCM_RIGHTS
 */
export function recv_fds(
  sock: socket,
  bufsize: number,
  maxfds: number,
  flags: number = 0,
): readonly [Buffer, number[], number, SocketAddress] {
  const room = CMSG_LEN(as_int(maxfds) * Int32Array.BYTES_PER_ELEMENT);
  const [data, ancillary, message_flags, address] = sock.recvmsg(bufsize, room, flags);
  const fds = ancillary.flatMap(([level, type, bytes]) => {
    if (level !== SOL_SOCKET || type !== SCM_RIGHTS) return [];
    const count = Math.floor(bytes.length / Int32Array.BYTES_PER_ELEMENT);
    return Array.from({ length: count }, (_, index) => bytes.readInt32LE(index * 4));
  });
  return tuple([data, fds, message_flags, address]);
}

/**
 * The length of control data of so many bytes without trailing padding: the `ancbufsize` for
 * `recvmsg` if only one item is expected. OverflowError for an impossible length. cmsg(3)
 */
export function CMSG_LEN(length: number): number {
  return native.cmsg_len(control_length(length, native.cmsg_len(0), "CMSG_LEN"));
}

/** The room that control data of so many bytes takes, with padding. OverflowError as in CMSG_LEN. cmsg(3) */
export function CMSG_SPACE(length: number): number {
  // The header and the padding of one byte.
  return native.cmsg_space(control_length(length, native.cmsg_space(1), "CMSG_SPACE"));
}

const INT_MAX = 2 ** 31 - 1;

function control_length(length: unknown, besides: number, where: string): number {
  const bytes = as_signed_size(length);
  if (bytes < 0 || bytes > INT_MAX - besides) {
    throw new OverflowError(`${where}() argument out of range`);
  }
  return bytes;
}
