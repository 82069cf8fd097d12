/** Addresses: Python's tuples and paths on one side, the native table's bytes on the other. */
import { as_bytes, as_int, as_unsigned_int } from "../core/arguments.ts";
import { OSError, os_error, OverflowError, ValueError } from "../core/exceptions.ts";
import { tuple, type_name } from "../core/repr.ts";
import { native } from "../native.ts";
import type { DecodedAddress, Name, Sockaddr } from "../native.ts";
import type * as constants from "./constants.ts";
import { fsdecode, fsencode } from "./paths.ts";
import { resolve, to_host } from "./resolve.ts";

const { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_UNSPEC, AF_VSOCK } = native.constants;

/** AF_INET: `[host, port]`. */
export type InetAddress = readonly [host: string, port: number];

/** AF_INET6: `[host, port, flowinfo, scope_id]`. */
export type Inet6Address = readonly [
  host: string,
  port: number,
  flowinfo: number,
  scope_id: number,
];

/** AF_NETLINK: `[pid, groups]`. netlink(7) */
export type NetlinkAddress = readonly [pid: number, groups: number];

/** AF_VSOCK: `[cid, port]`. vsock(7) */
export type VsockAddress = readonly [cid: number, port: number];

/** AF_PACKET: `[ifname, proto, pkttype, hatype, addr]`; as an argument, two are enough. packet(7) */
export type PacketAddress = readonly [
  ifname: string,
  proto: number,
  pkttype: number,
  hatype: number,
  addr: Uint8Array,
];

/** Any other family: its number, and the rest of its sockaddr. */
export type RawAddress = readonly [family: number, bytes: Uint8Array];

/**
 * An address that a method takes: a pair for AF_INET, two to four elements for AF_INET6, a path for
 * AF_UNIX (bytes that begin with NUL are a name in Linux's abstract namespace, no bytes let the
 * system choose one), the numbers of netlink(7), vsock(7) and packet(7); for any other family what
 * is returned for it, or all the bytes of its sockaddr.
 */
export type Address =
  | NetlinkAddress
  | VsockAddress
  | RawAddress
  | readonly [ifname: string, proto: number, pkttype?: number, hatype?: number, addr?: Uint8Array]
  | readonly [host: string | Uint8Array, port: number, flowinfo?: number, scope_id?: number]
  | string
  | Uint8Array;

/**
 * An address that a method returns: a frozen tuple for AF_INET and AF_INET6; for AF_UNIX the path,
 * `""` for none, bytes for an abstract name; the numbers of AF_NETLINK, AF_VSOCK and AF_PACKET;
 * `[family, bytes]` for any other family; null for none.
 */
export type SocketAddress =
  | InetAddress
  | Inet6Address
  | NetlinkAddress
  | VsockAddress
  | PacketAddress
  | RawAddress
  | string
  | Buffer
  | null;

/**
 * What a socket of the family `F` returns as an address. For a family that the compiler does not
 * know it may be any SocketAddress. (From a connected stream, `recvfrom` and `recvmsg` return null
 * instead: the system names no sender.)
 */
export type AddressOf<F> = F extends constants.AF_INET
  ? InetAddress
  : F extends constants.AF_INET6
    ? Inet6Address
    : F extends constants.AF_UNIX
      ? string | Buffer
      : SocketAddress;

const sizes = new Map<number, number>();

/** The size of a family's addresses, for the system calls that return one. */
export function sockaddr_size(family: number): number {
  let size = sizes.get(family);
  if (size === undefined) {
    size = native.sockaddr_size(family);
    sizes.set(family, size);
  }
  return size;
}

/** A place for the kernel to write an address to. */
export function new_name(): Name {
  return new Uint8Array(native.constants.NAME_SIZE);
}

const port_read = new Int32Array(1);

/** What the kernel has written to a name for a socket of the family `F`, as Python returns it. */
export function read_name<F>(name: Name): AddressOf<F> {
  const decoded = native.sockaddr_decode(name, port_read);
  if (typeof decoded === "string") {
    return Object.freeze([decoded, port_read[0]] as const) as AddressOf<F>;
  }
  return (decoded === null ? null : to_python(decoded)) as AddressOf<F>;
}

/** Whoever has sent a datagram lately: its name, its address, and where an answer goes, once there is one. */
interface Sender {
  readonly name: readonly number[];
  readonly address: InetAddress;
  sockaddr?: Sockaddr;
}

/** By a number that hardly two names have in common. */
const senders = new Map<number, Sender>();
const MOST_SENDERS = 1024;
let last_sender: Sender | undefined;

/** An address in a name, in 32-bit words: where it begins, and how many AF_INET's have. */
const FIRST_WORD = native.constants.NAME_OFFSET / Int32Array.BYTES_PER_ELEMENT;
const INET_WORDS = 4;
const INET_SIZE = INET_WORDS * Int32Array.BYTES_PER_ELEMENT;

/**
 * The same for a datagram's sender; `words` are the name's memory. Most have sent one before, and their
 * address is known: names are compared for that, and what is in them stays the native table's affair.
 */
export function read_sender<F>(name: Name, words: Int32Array): AddressOf<F> {
  if (words[0] !== INET_SIZE) return read_name(name);
  const number = (words[FIRST_WORD] >>> 16) + words[FIRST_WORD + 1] * 65_536;
  const known = senders.get(number);
  const is_same =
    known !== undefined &&
    known.name[0] === words[FIRST_WORD] &&
    known.name[1] === words[FIRST_WORD + 1] &&
    known.name[2] === words[FIRST_WORD + 2] &&
    known.name[3] === words[FIRST_WORD + 3];
  last_sender = is_same ? known : new_sender(name, words, number);
  return (last_sender?.address ?? read_name(name)) as AddressOf<F>;
}

function new_sender(name: Name, words: Int32Array, number: number): Sender | undefined {
  const host = native.sockaddr_decode(name, port_read);
  // A family with addresses of the same size.
  if (typeof host !== "string") return undefined;
  const address = Object.freeze([host, port_read[0]] as const);
  if (senders.size === MOST_SENDERS) senders.clear();
  const sender = { name: [...words.subarray(FIRST_WORD, FIRST_WORD + INET_WORDS)], address };
  senders.set(number, sender);
  return sender;
}

/** The family of the address in a name. */
export function name_family(name: Name): number {
  const decoded = native.sockaddr_decode(name, port_read);
  return typeof decoded === "string" ? AF_INET : (decoded?.[0] ?? AF_UNSPEC);
}

/** A decoded address as Python returns it. */
export function to_python(decoded: DecodedAddress): SocketAddress {
  const [family, ...parts] = decoded;
  switch (family) {
    case AF_UNIX: {
      const path = Buffer.from(parts[0] as Uint8Array);
      return path[0] === 0 ? path : fsdecode(path);
    }
    case AF_INET:
    case AF_INET6:
    case AF_NETLINK:
    case AF_VSOCK:
      return tuple(parts) as unknown as SocketAddress;
    case AF_PACKET: {
      const [index, protocol, pkttype, hatype, address] = parts as [
        number,
        number,
        number,
        number,
        Uint8Array,
      ];
      const name = index === 0 ? "" : native.if_indextoname(index);
      const interface_name = typeof name === "number" ? "" : name;
      return tuple([interface_name, protocol, pkttype, hatype, Buffer.from(address)]);
    }
    default:
      return tuple([family, Buffer.from(parts[0] as Uint8Array)]);
  }
}

/** An address argument as the bytes of its sockaddr; `where` names the method, for its errors. */
export function to_sockaddr(family: number, address: unknown, where: string): Sockaddr {
  switch (family) {
    case AF_INET:
      return to_sockaddr_in(address, where);
    case AF_INET6:
      return to_sockaddr_in6(address, where);
    case AF_UNIX:
      return to_sockaddr_un(address);
    case AF_NETLINK:
      return to_sockaddr_nl(address, where);
    case AF_PACKET:
      return to_sockaddr_ll(address, where);
    case AF_VSOCK:
      return to_sockaddr_vm(address);
    default:
      return to_sockaddr_other(address, where);
  }
}

function to_sockaddr_nl(address: unknown, where: string): Sockaddr {
  if (!Array.isArray(address)) {
    throw new TypeError(`${where}(): AF_NETLINK address must be tuple, not ${type_name(address)}`);
  }
  if (address.length !== 2) throw new TypeError("AF_NETLINK address must be a pair (pid, groups)");
  return native.sockaddr_nl!(as_unsigned_int(address[0]), as_unsigned_int(address[1]));
}

function to_sockaddr_ll(address: unknown, where: string): Sockaddr {
  if (!Array.isArray(address)) {
    throw new TypeError(`${where}(): AF_PACKET address must be tuple, not ${type_name(address)}`);
  }
  const [ifname, proto, pkttype, hatype, addr] = address as unknown[];
  if (address.length < 2 || address.length > 5 || typeof ifname !== "string") {
    throw new TypeError("AF_PACKET address must be a tuple of two to five elements");
  }
  if (ifname.includes("\0")) throw new ValueError("embedded null character");
  const protocol = as_int(proto);
  const packet = as_int(pkttype === undefined ? 0 : pkttype);
  const hardware = as_int(hatype === undefined ? 0 : hatype);
  const bytes = addr === undefined ? new Uint8Array(0) : as_bytes(addr);
  const index = native.if_nametoindex(ifname);
  if (index < 0) throw os_error(index);
  if (bytes.byteLength > 8) throw new ValueError("Hardware address must be 8 bytes or less");
  if (protocol < 0 || protocol > 0xffff) {
    throw new OverflowError(`${where}(): proto must be 0-65535.`);
  }
  return native.sockaddr_ll!(index, protocol, packet, hardware, bytes as Uint8Array) as Sockaddr;
}

function to_sockaddr_vm(address: unknown): Sockaddr {
  if (!Array.isArray(address)) {
    throw new TypeError(
      `getsockaddrarg: AF_VSOCK address must be tuple, not ${type_name(address)}`,
    );
  }
  if (address.length !== 2) {
    throw new TypeError(`getsockaddrarg() takes exactly 2 arguments (${address.length} given)`);
  }
  return native.sockaddr_vm!(as_unsigned_int(address[0]), as_unsigned_int(address[1]));
}

/** Any other family: all the bytes of its sockaddr, or, as it is returned, family and the rest. */
function to_sockaddr_other(address: unknown, where: string): Sockaddr {
  if (address instanceof Uint8Array) return address;
  if (Array.isArray(address) && address.length === 2 && address[1] instanceof Uint8Array) {
    const sockaddr = native.sockaddr_other(as_unsigned_int(address[0]), address[1]);
    if (sockaddr !== null) return sockaddr;
    throw new ValueError(`${where}(): address too long`);
  }
  throw new TypeError(
    `${where}(): an address of this family must be bytes, or a pair (family, bytes), ` +
      `not ${type_name(address)}`,
  );
}

/** Recent numeric addresses by host and port: a program that answers datagrams needs them again. */
const numeric = new Map<string, Map<number, Sockaddr>>();
let numerics = 0;
const MOST_NUMERICS = 1024;

/** @internal For a recording, which knows an address by the call that made it. */
export function forget_sockaddrs(): void {
  numeric.clear();
  numerics = 0;
  senders.clear();
  last_sender = undefined;
}

function numeric_sockaddr(host: string, port: number): Sockaddr | null {
  const known = numeric.get(host)?.get(port);
  if (known !== undefined) return known;
  const sockaddr = native.sockaddr_in(host, port);
  if (sockaddr === null) return null;
  if (numerics++ === MOST_NUMERICS) {
    numeric.clear();
    numerics = 1;
  }
  const of_host = numeric.get(host) ?? new Map<number, Sockaddr>();
  numeric.set(host, of_host.set(port, sockaddr));
  return sockaddr;
}

/** Python's error, and for an object as Node's `net` takes one what is written instead. */
function no_tuple(address: unknown, family: string, where: string): TypeError {
  const said = `${where}(): ${family} address must be tuple, not ${type_name(address)}`;
  const is_options = typeof address === "object" && address !== null && "port" in address;
  return new TypeError(is_options ? `${said}: write [host, port]` : said);
}

function to_sockaddr_in(address: unknown, where: string): Sockaddr {
  // An answer to the last datagram, whose sender is a tuple: nobody has changed it.
  if (address !== undefined && address === last_sender?.address) {
    return (last_sender.sockaddr ??= numeric_sockaddr(...last_sender.address)!);
  }
  if (!Array.isArray(address)) {
    throw no_tuple(address, "AF_INET", where);
  }
  if (address.length !== 2) throw new TypeError("AF_INET address must be a pair (host, port)");
  const host = to_host(address[0]);
  const port = to_int_port(address[1], where);
  // Nearly all addresses: no name to look up, and a valid port.
  const sockaddr = port >= 0 && port <= 0xffff ? numeric_sockaddr(host, port) : null;
  if (sockaddr !== null) return sockaddr;
  // As in CPython, an invalid host is reported before an invalid port.
  const quad = resolve(host, AF_INET)[1] as string;
  return native.sockaddr_in(quad, checked_port(port, where)) as Sockaddr;
}

function to_sockaddr_in6(address: unknown, where: string): Sockaddr {
  if (!Array.isArray(address)) {
    throw no_tuple(address, "AF_INET6", where);
  }
  if (address.length < 2 || address.length > 4) {
    throw new TypeError("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
  }
  const host = to_host(address[0]);
  const port = to_int_port(address[1], where);
  const flowinfo = as_int(address[2] === undefined ? 0 : address[2]);
  const scope_id = as_unsigned_int(address[3] === undefined ? 0 : address[3]);
  const text = resolve(host, AF_INET6)[1] as string;
  checked_port(port, where);
  check_flowinfo(flowinfo, where);
  return native.sockaddr_in6(text, port, flowinfo, scope_id) as Sockaddr;
}

function to_sockaddr_un(address: unknown): Sockaddr {
  let path: Uint8Array;
  if (typeof address === "string") path = fsencode(address);
  else if (address instanceof Uint8Array) path = address;
  else throw new TypeError(`a bytes-like object is required, not '${type_name(address)}'`);
  const sockaddr = native.sockaddr_un(path);
  if (sockaddr === null) throw new OSError("AF_UNIX path too long");
  return sockaddr;
}

/** OverflowError for a flow label that has more than 20 bits. */
export function check_flowinfo(flowinfo: number, where: string): void {
  if (flowinfo >= 0 && flowinfo <= 0xfffff) return;
  throw new OverflowError(`${where}(): flowinfo must be 0-1048575.`);
}

function to_int_port(value: unknown, where: string): number {
  try {
    return as_int(value);
  } catch (error) {
    if (error instanceof OverflowError) throw bad_port(where);
    throw error;
  }
}

function checked_port(port: number, where: string): number {
  if (port < 0 || port > 0xffff) throw bad_port(where);
  return port;
}

function bad_port(where: string): OverflowError {
  return new OverflowError(`${where}(): port must be 0-65535.`);
}
