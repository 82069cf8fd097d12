/** What a recording says of a system call that strace has seen: its arguments by their names. */
import type { Life } from "../../../lib/trace/recording.ts";
import { to_python } from "../python-bytes.ts";
import { bytes_of, field_of, parts_of } from "./log.ts";
import type { SystemCall } from "./log.ts";

/** Arguments by their names, under those that iomux's own recordings have. */
export type Arguments = Record<string, unknown>;

/** How many bytes of what was moved a recording keeps. */
const PREVIEW = 64;

type Reader = (args: readonly string[]) => Arguments;

/** The calls on one descriptor, their first argument, and what their other arguments are. */
const readers: Readonly<Record<string, Reader>> = {
  bind: ([, address]) => ({ address: address_of(address) }),
  listen: ([, backlog]) => ({ backlog: Number(backlog) }),
  accept: ([, address]) => ({ address: address_of(address) }),
  accept4: ([, address, , flags]) => ({ flags: word(flags), address: address_of(address) }),
  connect: ([, address]) => ({ address: address_of(address) }),
  getsockname: ([, address]) => ({ address: address_of(address) }),
  getpeername: ([, address]) => ({ address: address_of(address) }),
  recvfrom: ([, , length, flags, address]) =>
    with_address(address, {
      length: Number(length),
      flags: word(flags),
    }),
  sendto: ([, , length, flags, address]) =>
    with_address(address, {
      length: Number(length),
      flags: word(flags),
    }),
  recvmsg: message,
  sendmsg: message,
  read: ([, , length]) => ({ length: Number(length) }),
  write: ([, , length]) => ({ length: Number(length) }),
  readv: ([, vector]) => ({ length: length_of(vector) }),
  writev: ([, vector]) => ({ length: length_of(vector) }),
  sendfile: ([, file, offset, count]) => ({
    file: Number(file),
    offset: word(offset),
    count: Number(count),
  }),
  shutdown: ([, how]) => ({ how }),
  getsockopt: option,
  setsockopt: option,
  fcntl: ([, command, argument]) => ({
    command,
    ...(argument !== undefined && { argument: word(argument) }),
  }),
  ioctl: ([, request, value]) => ({
    request,
    ...(value !== undefined && { on: value_of(value) }),
  }),
  dup: () => ({}),
  dup2: ([, other]) => ({ other: Number(other) }),
  dup3: ([, other, flags]) => ({ other: Number(other), flags: word(flags) }),
  close: () => ({}),
};

/** Whether a call is about the descriptor that is its first argument, and no readiness call. */
export function is_on_descriptor(name: string): boolean {
  return Object.hasOwn(readers, name);
}

/** The arguments of a call, readiness calls and those that only make descriptors included. */
export function arguments_of({ name, args }: SystemCall): Arguments {
  if (is_on_descriptor(name)) return { fd: Number(args[0]), ...readers[name](args) };
  switch (name) {
    case "socket":
    case "socketpair":
      return { family: args[0], type: args[1], protocol: protocols[args[2]] ?? word(args[2]) };
    case "epoll_ctl":
      return {
        epfd: Number(args[0]),
        op: args[1],
        fd: Number(args[2]),
        events: field_of(args[3], "events") ?? null,
      };
    case "epoll_wait":
    case "epoll_pwait":
    case "epoll_pwait2":
      return {
        epfd: Number(args[0]),
        max_events: Number(args[2]),
        timeout_ms: timeout_of(args[3]),
      };
    case "poll":
    case "ppoll":
      return { count: Number(args[1]), timeout_ms: timeout_of(args[2]) };
    case "select":
    case "pselect6":
      return { timeout_us: in_microseconds(timeout_of(args[4])) };
    default:
      return {};
  }
}

/** The descriptors that a call has made. */
export function made_by({ name, args, result }: SystemCall): Omit<Life, "life">[] {
  if (result === null) return [];
  switch (name) {
    case "socket":
    case "dup":
    case "dup2":
    case "dup3":
      return [{ fd: result, what: "socket" }];
    case "fcntl":
      return args[1].startsWith("F_DUPFD") ? [{ fd: result, what: "socket" }] : [];
    case "accept":
    case "accept4": {
      const peer = address_of(args[1]);
      return [{ fd: result, what: "socket", ...(peer !== null && { peer }) }];
    }
    case "socketpair":
      return parts_of(args[3]).map((fd) => ({ fd: Number(fd), what: "socket" }));
    case "epoll_create":
    case "epoll_create1":
      return [{ fd: result, what: "epoll" }];
    default:
      return [];
  }
}

const receives = new Set(["recvfrom", "recvmsg", "read", "readv"]);
const sends = new Set(["sendto", "sendmsg", "write", "writev"]);

/** How many bytes a call has moved, and the first of them; of a send that moved none, of what it was given. */
export function moved_by({ name, args, result }: SystemCall): { bytes?: number; data?: string } {
  const n = result ?? 0;
  if (name === "sendfile") return { bytes: n, data: "" };
  if (!receives.has(name) && !sends.has(name)) return {};
  const all = content_of(name, args);
  const shown = sends.has(name) && n === 0 ? all.length : n;
  return { bytes: n, data: to_python(all.subarray(0, Math.min(shown, PREVIEW))) };
}

/** The bytes that a call was given or has brought, as far as strace shows them. */
export function content_of(name: string, args: readonly string[]): Uint8Array {
  const vector = name.endsWith("v") ? args[1] : field_of(args[1], "msg_iov");
  if (vector === undefined) return bytes_of(args[1]);
  const pieces = parts_of(vector).map((part) => bytes_of(field_of(part, "iov_base") ?? ""));
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
}

/** How long a readiness call waits at most, in milliseconds; null for ever. */
export function timeout_of(text: string | undefined): number | null {
  if (text === undefined || text === "NULL") return null;
  // A struct timespec, or timeval.
  const seconds = field_of(text, "tv_sec");
  if (seconds === undefined) return Number(text) < 0 ? null : Number(text);
  const rest = Number(field_of(text, "tv_nsec") ?? Number(field_of(text, "tv_usec")) * 1e3);
  return Number(seconds) * 1e3 + rest / 1e6;
}

function in_microseconds(ms: number | null): number {
  return ms === null ? -1 : ms * 1e3;
}

const protocols: Readonly<Record<string, number>> = {
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
};

function option([, level, name, value]: readonly string[]): Arguments {
  // strace has the names of setsockopt(2), Python's programs those of the protocols.
  return {
    level: level.replace(/^SOL_(?!SOCKET)/, "IPPROTO_"),
    option: name,
    value: value_of(value),
  };
}

function message([, structure, flags]: readonly string[]): Arguments {
  const vector = field_of(structure, "msg_iov") ?? "[]";
  return with_address(field_of(structure, "msg_name") ?? "NULL", {
    length: length_of(vector),
    flags: word(flags),
  });
}

function length_of(vector: string): number {
  return parts_of(vector).reduce((sum, part) => sum + Number(field_of(part, "iov_len") ?? 0), 0);
}

function with_address(address: string, args: Arguments): Arguments {
  const read = address_of(address);
  return read === null ? args : { ...args, address: read };
}

/** A number as one, a name as it is. */
function word(text: string): unknown {
  return /^-?(?:\d+|0x[\da-f]+)$/.test(text) ? Number(text) : text;
}

/** What a pointer points to: [1] is an int. */
function value_of(text: string): unknown {
  const parts = text.startsWith("[") ? parts_of(text) : [];
  return parts.length === 1 ? word(parts[0]) : word(text);
}

/** An address as Python has it: a tuple as a list, a path as text; null for none. */
export function address_of(text: string): unknown {
  const number = (name: string) => Number(/\d+/.exec(field_of(text, name) ?? "")?.[0] ?? 0);
  switch (field_of(text, "sa_family")) {
    case undefined:
      return null;
    case "AF_INET":
      return [quoted(field_of(text, "sin_addr") ?? ""), number("sin_port")];
    case "AF_INET6":
      return [
        quoted(parts_of(text).find((part) => part.startsWith("inet_pton(")) ?? ""),
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

function quoted(text: string): string {
  return /"([^"]*)"/.exec(text)?.[1] ?? "";
}
