/**
 * Addresses: Python's tuples and paths on one side, the native table's bytes on the other. What a
 * host name means is the system's resolver's to say.
 */
import { domainToASCII } from "node:url";

import { as_int, as_unsigned_int, type_name } from "./arguments.ts";
import { encode_text } from "./codecs.ts";
import { gaierror, OSError, os_error, OverflowError, ValueError } from "./exceptions.ts";
import { native } from "./native.ts";
import type { AddressRow, Address as Sockaddr, DecodedAddress, Name } from "./native.ts";
import { tuple } from "./repr.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, AI_PASSIVE, EAI_SYSTEM } = native.constants;

/** AF_INET: `[host, port]`. */
export type InetAddress = readonly [host: string, port: number];

/** AF_INET6: `[host, port, flowinfo, scope_id]`. */
export type Inet6Address = readonly [
  host: string,
  port: number,
  flowinfo: number,
  scope_id: number,
];

/**
 * An address that a method takes: a pair for AF_INET, two to four elements for AF_INET6, a path for
 * AF_UNIX (bytes that begin with NUL are a name in Linux's abstract namespace).
 */
export type Address =
  | readonly [host: string | Uint8Array, port: number, flowinfo?: number, scope_id?: number]
  | string
  | Uint8Array;

/**
 * An address that a method returns: a frozen tuple for AF_INET and AF_INET6; for AF_UNIX the path,
 * `""` for none, bytes for an abstract name; `[family, bytes]` for any other family; null for none.
 */
export type SocketAddress =
  | InetAddress
  | Inet6Address
  | string
  | Buffer
  | readonly [family: number, bytes: Buffer]
  | null;

/** A place for the kernel to write an address to. */
export function new_name(): Name {
  return new Uint8Array(native.constants.NAME_SIZE);
}

/** What the kernel has written to a name, as Python returns it. */
export function read_name(name: Name): SocketAddress {
  const decoded = native.sockaddr_decode(name);
  return decoded === null ? null : to_python(decoded);
}

function to_python(decoded: DecodedAddress): SocketAddress {
  if (decoded[0] === AF_UNIX) {
    const path = Buffer.from(decoded[1] as Uint8Array);
    return path[0] === 0 ? path : fsdecode(path);
  }
  if (decoded.length === 3) return tuple([decoded[1], decoded[2]]);
  if (decoded.length === 5) return tuple([decoded[1], decoded[2], decoded[3], decoded[4]]);
  return tuple([decoded[0], Buffer.from(decoded[1])]);
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
    default:
      throw new OSError(`${where}(): bad family`);
  }
}

function to_sockaddr_in(address: unknown, where: string): Sockaddr {
  if (!Array.isArray(address)) {
    throw new TypeError(`${where}(): AF_INET address must be tuple, not ${type_name(address)}`);
  }
  if (address.length !== 2) throw new TypeError("AF_INET address must be a pair (host, port)");
  const host = to_host(address[0]);
  const port = to_int_port(address[1], where);
  // As in CPython, a host that cannot be is found out before a port that cannot.
  const quad = resolve_in(host);
  return native.sockaddr_in(quad, checked_port(port, where)) as Sockaddr;
}

function to_sockaddr_in6(address: unknown, where: string): Sockaddr {
  if (!Array.isArray(address)) {
    throw new TypeError(`${where}(): AF_INET6 address must be tuple, not ${type_name(address)}`);
  }
  if (address.length < 2 || address.length > 4) {
    throw new TypeError("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
  }
  const host = to_host(address[0]);
  const port = to_int_port(address[1], where);
  const flowinfo = as_int(address[2] === undefined ? 0 : address[2]);
  const scopeId = as_unsigned_int(address[3] === undefined ? 0 : address[3]);
  const text = resolve_in6(host);
  checked_port(port, where);
  if (flowinfo < 0 || flowinfo > 0xfffff) {
    throw new OverflowError(`${where}(): flowinfo must be 0-1048575.`);
  }
  return native.sockaddr_in6(text, port, flowinfo, scopeId) as Sockaddr;
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

function to_host(value: unknown): string {
  let host: string;
  if (typeof value === "string") host = value;
  else if (value instanceof Uint8Array) host = Buffer.from(value).toString("latin1");
  else throw new TypeError(`str, bytes or bytearray expected, not ${type_name(value)}`);
  if (host.includes("\0")) throw new TypeError("host name must not contain null character");
  // oxlint-disable-next-line no-control-regex -- ASCII is just what is asked for
  if (/^[\x00-\x7f]*$/.test(host)) return host;
  const ascii = domainToASCII(host);
  if (ascii === "") throw new ValueError("encoding with 'idna' codec failed");
  return ascii;
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

const BROADCAST = "255.255.255.255";

/** CPython's setipaddr for AF_INET: the dotted quad of a host. */
function resolve_in(host: string): string {
  if (host === "<broadcast>") return BROADCAST;
  if (native.sockaddr_in(host, 0) !== null) return host;
  return lookup(host, AF_INET)[1] as string;
}

/** The same for AF_INET6. A scope in the text ("fe80::1%eth0") is lost, in CPython as well. */
function resolve_in6(host: string): string {
  if (host === "<broadcast>" || host === BROADCAST) throw new OSError("address family mismatched");
  if (native.sockaddr_in6(host, 0, 0, 0) !== null) return host;
  return lookup(host, AF_INET6)[1] as string;
}

/** The first address of a name; of `""`, the one that means every interface. */
function lookup(host: string, family: number): DecodedAddress {
  const everywhere = host === "";
  const rows = getaddrinfo_rows(
    everywhere ? null : host,
    everywhere ? "0" : null,
    family,
    everywhere ? SOCK_DGRAM : 0,
    0,
    everywhere ? AI_PASSIVE : 0,
  );
  return rows[0][4];
}

/** getaddrinfo(3), with its error as the exception Python raises. */
function getaddrinfo_rows(
  host: string | null,
  service: string | null,
  family: number,
  type: number,
  protocol: number,
  flags: number,
): AddressRow[] {
  const error = new Int32Array(2);
  const rows = native.getaddrinfo(host, service, family, type, protocol, flags, error);
  if (rows !== null) return rows;
  const [code, errno] = error;
  if (code === EAI_SYSTEM) throw os_error(errno);
  throw new gaierror(code, native.gai_strerror(code));
}

/**
 * Python's os.fsencode: a lone surrogate U+DC80..U+DCFF stands for the byte 0x80..0xff of a path
 * that is not UTF-8.
 */
function fsencode(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path);
  // Other halves of surrogate pairs stand for nothing: encoding them says so.
  encode_text(path.replaceAll(/[\udc80-\udcff]/gu, "?"), "utf-8");
  const parts = Array.from(path, (character) => {
    const code = character.codePointAt(0)!;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Python's os.fsdecode: bytes that are no UTF-8 become lone surrogates, so that none is lost. */
function fsdecode(path: Buffer): string {
  try {
    return utf8.decode(path);
  } catch {
    return decodeEscaping(path);
  }
}

function decodeEscaping(path: Buffer): string {
  let text = "";
  for (let start = 0; start < path.length;) {
    const length = sequenceLength(path, start);
    if (length === 0) text += String.fromCharCode(0xdc00 + path[start]);
    else text += path.toString("utf8", start, start + length);
    start += length || 1;
  }
  return text;
}

/** How many bytes the UTF-8 sequence at `start` has, 0 when there is none. */
function sequenceLength(bytes: Buffer, start: number): number {
  for (let length = 1; length <= 4 && start + length <= bytes.length; length++) {
    try {
      utf8.decode(bytes.subarray(start, start + length));
      return length;
    } catch {
      // Not a whole sequence with this length.
    }
  }
  return 0;
}
