/**
 * Hosts, services, protocols and network interfaces by the system's databases, and conversions of
 * addresses: the part of the `socket` module that makes no sockets.
 *
 * Looking up a host asks the system's resolver (/etc/hosts, DNS), and blocks meanwhile.
 */
import { argument_type, as_bytes, as_c_int, as_int } from "../core/arguments.ts";
import { encode_text } from "../core/codecs.ts";
import {
  gaierror,
  herror,
  OSError,
  os_error,
  OverflowError,
  ValueError,
} from "../core/exceptions.ts";
import { tuple, type_name } from "../core/repr.ts";
import { native } from "../native.ts";
import type { HostRow } from "../native.ts";
import { check_flowinfo, to_python } from "./address.ts";
import type { Inet6Address, InetAddress } from "./address.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_NUMERICHOST,
  EAI_SYSTEM,
  SOCK_DGRAM,
} from "./constants.ts";
import { fsencode } from "./paths.ts";
import { getaddrinfo_rows, resolve, to_host } from "./resolve.ts";

/** One way to reach a host: the arguments for a socket, and the address to connect to. */
export type AddressInfo = readonly [
  family: number,
  type: number,
  proto: number,
  canonname: string,
  sockaddr: InetAddress | Inet6Address,
];

/**
 * All the ways to reach a host and a service, as a list of tuples of family, type, proto, canonical
 * name (with AI_CANONNAME) and address. `host` may be null or `""` for none, `port` null for none
 * or the name of a service. The other arguments limit the results. gaierror if there are none.
 * getaddrinfo(3)
 */
export function getaddrinfo(
  host: string | Uint8Array | null,
  port: number | string | Uint8Array | null,
  family: number = 0,
  type: number = 0,
  proto: number = 0,
  flags: number = 0,
): AddressInfo[] {
  const name = host_or_null(host);
  const service = service_or_null(port);
  const hints = [as_int(family), as_int(type), as_int(proto), as_int(flags)] as const;
  return getaddrinfo_rows(name, service, ...hints).map((row) =>
    tuple([row[0], row[1], row[2], row[3], to_python(row[4]) as InetAddress | Inet6Address]),
  );
}

function host_or_null(host: unknown): string | null {
  if (host === null || host === undefined) return null;
  if (typeof host === "string" || host instanceof Uint8Array) return to_host(host, "getaddrinfo");
  throw new TypeError("getaddrinfo() argument 1 must be string or None");
}

function service_or_null(port: unknown): string | null {
  if (port === null || port === undefined) return null;
  if (typeof port === "number" && Number.isInteger(port)) return String(port);
  if (typeof port === "bigint") return String(port);
  const name = port instanceof Uint8Array ? Buffer.from(port).toString("latin1") : port;
  if (typeof name !== "string") throw new OSError("Int or String expected");
  // CPython would look up what is before it.
  if (name.includes("\0")) throw new TypeError("service name must not contain null character");
  return well_formed(name);
}

/** A text argument of a libc function; `what` names it. */
function as_text(value: unknown, what: string): string {
  if (typeof value !== "string") {
    throw new TypeError(`${what} must be str, not ${argument_type(value)}`);
  }
  if (value.includes("\0")) throw new ValueError("embedded null character");
  return well_formed(value);
}

/** Text that libc can get as UTF-8. UnicodeEncodeError for a lone surrogate. */
function well_formed(text: string): string {
  if (!text.isWellFormed()) encode_text(text, "utf-8");
  return text;
}

/** The same for an optional argument. */
function as_text_or_null(value: unknown, what: string): string | null {
  return value === undefined ? null : as_text(value, what);
}

/** A name that is encoded like a path: text or bytes. */
function as_system_name(value: unknown): Buffer {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new TypeError(`expected str, bytes or os.PathLike object, not ${type_name(value)}`);
  }
  const bytes = typeof value === "string" ? fsencode(value) : Buffer.from(value);
  if (bytes.includes(0)) throw new ValueError("embedded null byte");
  return bytes;
}

/**
 * A tuple of the host and the service of an address: names if there are any, unless flags
 * (NI_NUMERICHOST ...) forbid it. gaierror for an invalid address. getnameinfo(3)
 */
export function getnameinfo(
  sockaddr: readonly [host: string, port: number, flowinfo?: number, scope_id?: number],
  flags: number,
): readonly [host: string, service: string] {
  if (!Array.isArray(sockaddr)) {
    throw new TypeError("getnameinfo() argument 1 must be a tuple");
  }
  flags = as_int(flags);
  if (sockaddr.length < 2 || sockaddr.length > 4) {
    throw new TypeError("getnameinfo(): illegal sockaddr argument");
  }
  const [host, port, flowinfo = 0, scope_id = 0] = sockaddr;
  if (typeof host !== "string") {
    throw new TypeError("getnameinfo(): illegal sockaddr argument");
  }
  const [number, flow, scope] = [as_int(port), as_int(flowinfo), as_int(scope_id)];
  check_flowinfo(flow, "getnameinfo");
  const rows = getaddrinfo_rows(
    to_host(host),
    String(number),
    AF_UNSPEC,
    SOCK_DGRAM,
    0,
    AI_NUMERICHOST,
  );
  if (rows.length > 1) throw new OSError("sockaddr resolved to multiple addresses");
  const [family, , , , decoded] = rows[0];
  if (family === AF_INET && sockaddr.length !== 2) {
    throw new OSError("IPv4 sockaddr must be 2 tuple");
  }
  const text = decoded[1] as string;
  const address =
    family === AF_INET
      ? native.sockaddr_in(text, decoded[2] as number)
      : native.sockaddr_in6(text, decoded[2] as number, flow, scope >>> 0);
  const error = new Int32Array(2);
  const names = native.getnameinfo(address as Uint8Array, flags, error);
  if (names !== null) return tuple(names);
  if (error[0] === EAI_SYSTEM) throw os_error(error[1]);
  throw new gaierror(error[0], native.gai_strerror(error[0]));
}

/** The IPv4 address of a host, as text. gaierror if it has none. */
export function gethostbyname(hostname: string): string {
  return resolve(to_host(hostname, "gethostbyname"), AF_INET)[1] as string;
}

/** A host in the hosts database: its name, aliases and addresses. */
export type HostEntry = readonly [hostname: string, aliaslist: string[], ipaddrlist: string[]];

/** Name, aliases and IPv4 addresses of a host, as a tuple. gaierror, herror. gethostbyname(3) */
export function gethostbyname_ex(hostname: string): HostEntry {
  const name = to_host(hostname, "gethostbyname_ex");
  resolve(name, AF_INET);
  return host_entry((error) => native.gethostbyname(name, AF_INET, error));
}

/** Name, aliases and addresses of the host that has an address, as a tuple. gaierror, herror. gethostbyaddr(3) */
export function gethostbyaddr(ip_address: string): HostEntry {
  const [family, text] = resolve(to_host(ip_address, "gethostbyaddr"), AF_UNSPEC) as readonly [
    number,
    string,
  ];
  const bytes = native.inet_pton(family, text) as Uint8Array;
  return host_entry((error) => native.gethostbyaddr(family, bytes, error));
}

function host_entry(find: (error: Int32Array) => HostRow | null): HostEntry {
  const error = new Int32Array(1);
  const row = find(error);
  if (row === null) throw new herror(error[0], native.hstrerror(error[0]));
  return tuple([row[0], row[1], row[2]]);
}

/** The name of this machine. gethostname(2) */
export function gethostname(): string {
  const name = native.gethostname();
  if (typeof name === "number") throw os_error(name);
  return name;
}

/** Sets the name of this machine, which needs privileges. sethostname(2) */
export function sethostname(name: string | Uint8Array): void {
  const result = native.sethostname(as_system_name(name));
  if (result < 0) throw os_error(result);
}

/**
 * The fully qualified name of a host, or `name` itself if none is found. `""`, `"0.0.0.0"` and
 * `"::"` stand for this machine.
 */
export function getfqdn(name: string = ""): string {
  if (typeof name !== "string") {
    throw new TypeError(`getfqdn() argument must be str, not ${type_name(name)}`);
  }
  const wanted = name.trim();
  const host = ["", "0.0.0.0", "::"].includes(wanted) ? gethostname() : wanted;
  try {
    const [hostname, aliases] = gethostbyaddr(host);
    return [hostname, ...aliases].find((one) => one.includes(".")) ?? hostname;
  } catch (error) {
    if (error instanceof OSError) return host;
    throw error;
  }
}

/** The port of a service, of one protocol ("tcp", "udp") or any. OSError if it is unknown. getservbyname(3) */
export function getservbyname(servicename: string, protocolname?: string): number {
  const port = native.getservbyname(
    as_text(servicename, "getservbyname() argument 1"),
    as_text_or_null(protocolname, "getservbyname() argument 2"),
  );
  if (port < 0) throw new OSError("service/proto not found");
  return port;
}

/**
 * The service at a port, of one protocol or any. OSError if it is unknown; OverflowError outside
 * 0..65535. getservbyport(3)
 */
export function getservbyport(port: number, protocolname?: string): string {
  const number = as_int(port);
  const protocol = as_text_or_null(protocolname, "getservbyport() argument 2");
  if (number < 0 || number > 0xffff) {
    throw new OverflowError("getservbyport: port must be 0-65535.");
  }
  const service = native.getservbyport(number, protocol);
  if (service === null) throw new OSError("port/proto not found");
  return service;
}

/** The number of a protocol ("icmp"), for a socket's `proto`. OSError if it is unknown. getprotobyname(3) */
export function getprotobyname(protocolname: string): number {
  const number = native.getprotobyname(as_text(protocolname, "getprotobyname() argument 1"));
  if (number < 0) throw new OSError("protocol not found");
  return number;
}

/** The network interfaces, as a list of tuples of index and name. if_nameindex(3) */
export function if_nameindex(): (readonly [index: number, name: string])[] {
  const rows = native.if_nameindex();
  if (typeof rows === "number") throw os_error(rows);
  return rows.map(([index, name]) => tuple([index, name]));
}

/** The index of a network interface. OSError for an unknown name. if_nametoindex(3) */
export function if_nametoindex(if_name: string | Uint8Array): number {
  const index = native.if_nametoindex(as_system_name(if_name).toString());
  if (index < 0) throw new OSError("no interface with this name");
  return index;
}

/** The name of a network interface. OSError for an unknown index. if_indextoname(3) */
export function if_indextoname(if_index: number): string {
  if (typeof if_index !== "bigint" && !Number.isInteger(if_index)) {
    throw new TypeError("an integer is required");
  }
  const index = as_unsigned_long(if_index);
  if (index > UINT_MAX) throw new OverflowError("index is too large");
  const name = native.if_indextoname(index);
  if (typeof name === "number") throw os_error(name);
  return name;
}

/** The four bytes of an IPv4 address, in any of its old notations. OSError for any other text. inet_aton(3) */
export function inet_aton(ip_address: string): Buffer {
  const bytes = native.inet_aton(as_text(ip_address, "inet_aton() argument"));
  if (bytes === null) throw new OSError("illegal IP address string passed to inet_aton");
  return Buffer.from(bytes);
}

/** The text of an IPv4 address of four bytes. OSError for more or fewer. inet_ntoa(3) */
export function inet_ntoa(packed_ip: Uint8Array): string {
  const bytes = as_bytes(packed_ip);
  if (bytes.byteLength !== 4) throw new OSError("packed IP wrong length for inet_ntoa");
  return native.inet_ntop(AF_INET, bytes) as string;
}

/** The bytes of an AF_INET or AF_INET6 address. OSError for any other text or family. inet_pton(3) */
export function inet_pton(address_family: number, ip_string: string): Buffer {
  const bytes = native.inet_pton(
    as_int(address_family),
    as_text(ip_string, "inet_pton() argument 2"),
  );
  if (typeof bytes === "number") throw os_error(bytes);
  if (bytes === null) throw new OSError("illegal IP address string passed to inet_pton");
  return Buffer.from(bytes);
}

/**
 * The text of an AF_INET or AF_INET6 address. ValueError for a wrong number of bytes or any other
 * family. inet_ntop(3)
 */
export function inet_ntop(address_family: number, packed_ip: Uint8Array): string {
  const family = as_int(address_family);
  const bytes = as_bytes(packed_ip);
  if (family !== AF_INET && family !== AF_INET6) {
    throw new ValueError(`unknown address family ${family}`);
  }
  const text = native.inet_ntop(family, bytes);
  if (text === null) throw new ValueError("invalid length of packed IP address string");
  return text as string;
}

/** A 16-bit integer in the network's byte order. OverflowError when it has more bits. byteorder(3) */
export function htons(x: number): number {
  return swapped16(x, "htons");
}

/** A 16-bit integer out of the network's byte order. OverflowError when it has more bits. byteorder(3) */
export function ntohs(x: number): number {
  return swapped16(x, "ntohs");
}

/** A 32-bit integer in the network's byte order. OverflowError when it has more bits. byteorder(3) */
export function htonl(x: number): number {
  return swapped32(x);
}

/** A 32-bit integer out of the network's byte order. OverflowError when it has more bits. byteorder(3) */
export function ntohl(x: number): number {
  return swapped32(x);
}

const scratch = new DataView(new ArrayBuffer(4));
const IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swapped16(x: unknown, where: string): number {
  const number = as_c_int(x);
  if (number < 0) {
    throw new OverflowError(
      `${where}: can't convert negative Python int to C 16-bit unsigned integer`,
    );
  }
  if (number > 0xffff) {
    throw new OverflowError(
      `${where}: Python int too large to convert to C 16-bit unsigned integer`,
    );
  }
  scratch.setUint16(0, number);
  return scratch.getUint16(0, IS_LITTLE);
}

function swapped32(x: unknown): number {
  if (typeof x !== "bigint" && !Number.isInteger(x)) {
    throw new TypeError(`expected int, ${type_name(x)} found`);
  }
  const number = as_unsigned_long(x as bigint | number);
  if (number > UINT_MAX) throw new OverflowError("int larger than 32 bits");
  scratch.setUint32(0, number);
  return scratch.getUint32(0, IS_LITTLE);
}

const UINT_MAX = 2 ** 32 - 1;

/** An integer as a C unsigned long. */
function as_unsigned_long(x: bigint | number): number {
  const number = Number(x);
  if (number < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (number < 2 ** 64) return number;
  throw new OverflowError("Python int too large to convert to C unsigned long");
}
