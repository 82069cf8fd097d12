/** Reads and prints bytes, addresses, masks and timeouts as strace does. */
import { mask_names } from "../masks.ts";
import { from_python, to_python } from "../python-bytes.ts";
import { bytes_of, field_of, parts_of } from "./log.ts";

/** A number as a number, a name as text. */
export function word(text: string): string | number {
  return /^-?(?:\d+|0x[\da-f]+)$/.test(text) ? Number(text) : text;
}

/** A number or a name from a recording, as strace prints it. */
export function word_text(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a pointer points to: [1] is a pointer to an int. */
export function pointed_at(text: string): unknown {
  const parts = text.startsWith("[") ? parts_of(text) : [];
  return word(parts.length === 1 ? parts[0] : text);
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
};

/** Quotes bytes as strace does: those that are not text in octal, as short as the next byte allows. */
export function quoted(bytes: Uint8Array): string {
  let text = "";
  bytes.forEach((byte, index) => {
    const character = String.fromCharCode(byte);
    const next = bytes[index + 1];
    const before_digit = next !== undefined && next >= 0x30 && next <= 0x37;
    if (character in escapes) text += escapes[character];
    else if (byte >= 0x20 && byte < 0x7f) text += character;
    else text += `\\${byte.toString(8).padStart(before_digit ? 3 : 1, "0")}`;
  });
  return `"${text}"`;
}

/** Prints an address, given as in Python: host and port, perhaps two more numbers, or a path. */
export function address_text(address: unknown): string {
  if (typeof address === "string") {
    const bytes = address.startsWith("\\x00")
      ? from_python(address.slice(4))
      : new TextEncoder().encode(address);
    if (bytes.length === 0) return "{sa_family=AF_UNIX}";
    const mark = address.startsWith("\\x00") ? "@" : "";
    return `{sa_family=AF_UNIX, sun_path=${mark}${quoted(bytes)}}`;
  }
  if (!Array.isArray(address)) return "NULL";
  const [host, port, flowinfo, scope_id] = address as [string, number, number?, number?];
  if (address.length === 2) {
    return `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${host}")}`;
  }
  return (
    `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(${flowinfo}), ` +
    `inet_pton(AF_INET6, "${host}", &sin6_addr), sin6_scope_id=${scope_id}}`
  );
}

/** Reads an address; null for none. */
export function address_of(text: string): unknown {
  const number = (name: string) => Number(/\d+/.exec(field_of(text, name) ?? "")?.[0] ?? 0);
  switch (field_of(text, "sa_family")) {
    case undefined:
      return null;
    case "AF_INET":
      return [inside_quotes(field_of(text, "sin_addr")), number("sin_port")];
    case "AF_INET6":
      return [
        inside_quotes(parts_of(text).find((part) => part.startsWith("inet_pton("))),
        number("sin6_port"),
        number("sin6_flowinfo"),
        number("sin6_scope_id"),
      ];
    case "AF_UNIX": {
      const path = field_of(text, "sun_path") ?? '""';
      // A name in the abstract namespace begins with a null byte. unix(7)
      if (path.startsWith("@")) return `\\x00${to_python(bytes_of(path.slice(1)))}`;
      return new TextDecoder().decode(bytes_of(path));
    }
    default:
      return text;
  }
}

function inside_quotes(text: string = ""): string {
  return /"([^"]*)"/.exec(text)?.[1] ?? "";
}

/** How many bytes an address has. */
export function address_size(address: unknown): string {
  if (typeof address === "string") {
    const family = 2;
    const size = address.startsWith("\\x00")
      ? from_python(address).length
      : new TextEncoder().encode(`${address}\0`).length;
    return String(family + (address === "" ? 0 : size));
  }
  if (!Array.isArray(address)) return "0";
  return address.length === 2 ? "16" : "28";
}

/** A mask of poll(2) or epoll(7) by its names, which have this prefix. */
export function mask_text(mask: number, prefix: "POLL" | "EPOLL"): string {
  return mask_names(mask).replaceAll("POLL", prefix);
}

/** Prints a timeout in milliseconds, null for ever, as a struct timespec or timeval. */
export function timeout_text(ms: number | null, unit: "nsec" | "usec"): string {
  if (ms === null || ms < 0) return "NULL";
  const seconds = Math.floor(ms / 1e3);
  const rest = Math.round((ms - seconds * 1e3) * (unit === "nsec" ? 1e6 : 1e3));
  return `{tv_sec=${seconds}, tv_${unit}=${rest}}`;
}

/** Reads a timeout: a struct timespec or timeval, or a number of milliseconds. */
export function timeout_of(text: string | undefined): number | null {
  if (text === undefined || text === "NULL") return null;
  const seconds = field_of(text, "tv_sec");
  if (seconds === undefined) return Number(text) < 0 ? null : Number(text);
  const rest = Number(field_of(text, "tv_nsec") ?? Number(field_of(text, "tv_usec")) * 1e3);
  return Number(seconds) * 1e3 + rest / 1e6;
}

/** The text of each errno. errno(3) */
export const error_texts: Readonly<Record<string, string>> = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  EINTR: "Interrupted system call",
  EIO: "Input/output error",
  EBADF: "Bad file descriptor",
  EAGAIN: "Resource temporarily unavailable",
  ENOMEM: "Cannot allocate memory",
  EACCES: "Permission denied",
  EFAULT: "Bad address",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  ENODEV: "No such device",
  EINVAL: "Invalid argument",
  ENFILE: "Too many open files in system",
  EMFILE: "Too many open files",
  ENOSPC: "No space left on device",
  EPIPE: "Broken pipe",
  ENOTSOCK: "Socket operation on non-socket",
  EDESTADDRREQ: "Destination address required",
  EMSGSIZE: "Message too long",
  EPROTOTYPE: "Protocol wrong type for socket",
  ENOPROTOOPT: "Protocol not available",
  EPROTONOSUPPORT: "Protocol not supported",
  ESOCKTNOSUPPORT: "Socket type not supported",
  EOPNOTSUPP: "Operation not supported",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ENETDOWN: "Network is down",
  ENETUNREACH: "Network is unreachable",
  ENETRESET: "Network dropped connection on reset",
  ECONNABORTED: "Software caused connection abort",
  ECONNRESET: "Connection reset by peer",
  ENOBUFS: "No buffer space available",
  EISCONN: "Transport endpoint is already connected",
  ENOTCONN: "Transport endpoint is not connected",
  ESHUTDOWN: "Cannot send after transport endpoint shutdown",
  ETIMEDOUT: "Connection timed out",
  ECONNREFUSED: "Connection refused",
  EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host",
  EALREADY: "Operation already in progress",
  EINPROGRESS: "Operation now in progress",
  ECANCELED: "Operation canceled",
};
