/** Host names: checks arguments, and asks the system's resolver. */
import { domainToASCII } from "node:url";

import { argument_type } from "../core/arguments.ts";
import { gaierror, OSError, os_error, UnicodeEncodeError } from "../core/exceptions.ts";
import { type_name } from "../core/repr.ts";
import { native } from "../native.ts";
import type { AddressRow, DecodedAddress } from "../native.ts";

const { AF_INET, AF_INET6, AI_PASSIVE, EAI_SYSTEM, SOCK_DGRAM } = native.constants;

/**
 * A host argument as libc takes it: ASCII, other characters by IDNA. `where` names the function that
 * has it as its first argument; without one, it is part of an address.
 */
export function to_host(value: unknown, where?: string): string {
  let host: string;
  if (typeof value === "string") host = value;
  else if (value instanceof Uint8Array) host = Buffer.from(value).toString("latin1");
  else if (where === undefined) {
    throw new TypeError(`str, bytes or bytearray expected, not ${type_name(value)}`);
  } else {
    const what = `${where}() argument 1 must be str, bytes or bytearray`;
    throw new TypeError(`${what}, not ${argument_type(value)}`);
  }
  if (host.includes("\0")) {
    throw new TypeError(
      where === undefined
        ? "host name must not contain null character"
        : `${where}() argument 1 must be encoded string without null bytes, not ${type_name(value)}`,
    );
  }
  // oxlint-disable-next-line no-control-regex -- ASCII is just what is asked for
  if (/^[\x00-\x7f]*$/.test(host)) {
    if (where !== undefined && typeof value === "string") check_labels(host);
    return host;
  }
  const ascii = domainToASCII(host);
  if (ascii !== "") return ascii;
  if (where === undefined) throw new TypeError("encoding of hostname failed");
  throw new UnicodeEncodeError("'idna' codec can't encode the host name");
}

/** IDNA's rules for the parts of a name between dots. RFC 3490 */
function check_labels(host: string): void {
  let start = 0;
  for (const label of host.split(".")) {
    const is_last = start + label.length === host.length;
    if (label === "" && !is_last) {
      const what = `'idna' codec can't encode character '\\x2e' in position ${start}`;
      throw new UnicodeEncodeError(`${what}: label empty`);
    }
    if (label.length > 63) {
      const what = `'idna' codec can't encode characters in position ${start}-${start + label.length - 1}`;
      throw new UnicodeEncodeError(`${what}: label too long`);
    }
    start += label.length + 1;
  }
}

const BROADCAST = "255.255.255.255";

/** CPython's setipaddr: the address of a host, of one family or (AF_UNSPEC) any. */
export function resolve(host: string, family: number): DecodedAddress {
  const is_broadcast = host === "<broadcast>" || host === BROADCAST;
  if (is_broadcast && family === AF_INET6) throw new OSError("address family mismatched");
  if (is_broadcast) return [AF_INET, BROADCAST];
  if (family !== AF_INET6 && native.sockaddr_in(host, 0) !== null) return [AF_INET, host];
  // A scope in the text ("fe80::1%eth0") is for the resolver, and is lost as in CPython.
  if (family !== AF_INET && native.sockaddr_in6(host, 0, 0, 0) !== null) return [AF_INET6, host];
  return lookup(host, family);
}

/** The first address of a name; of `""`, the one that stands for every interface. */
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
  if (everywhere && rows.length > 1) throw new OSError("wildcard resolved to multiple address");
  return rows[0][4];
}

/** getaddrinfo(3), which raises Python's exceptions. */
export function getaddrinfo_rows(
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
