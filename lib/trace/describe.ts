/**
 * What a recording says of a call: which system call it makes, and its arguments in words.
 */
import { repr } from "../core/repr.ts";
import { native } from "../native.ts";
import type { Name, Native } from "../native.ts";
import { read_name } from "../socket/address.ts";

/** A function of the native table. */
export type FunctionName = Exclude<keyof Native, "constants" | "errors">;

type Value = unknown;

/** The system call that a function makes, null for one that only computes, and its parameters. */
const signatures: Readonly<
  Record<FunctionName, readonly [syscall: string | null, parameters: string]>
> = {
  socket: ["socket", "family type protocol"],
  socketpair: ["socketpair", "family type protocol fds"],
  bind: ["bind", "fd address"],
  listen: ["listen", "fd backlog"],
  accept4: ["accept4", "fd name size flags may_block"],
  connect: ["connect", "fd address may_block"],
  getsockname: ["getsockname", "fd name size"],
  getpeername: ["getpeername", "fd name size"],
  recv: ["recvfrom", "fd bytes offset length flags may_block"],
  send: ["sendto", "fd bytes offset length flags may_block"],
  recvfrom: ["recvfrom", "fd bytes offset length flags may_block name size"],
  sendto: ["sendto", "fd bytes flags address may_block"],
  recvmsg: ["recvmsg", "fd views control flags may_block results name size"],
  sendmsg: ["sendmsg", "fd views control flags address may_block"],
  sendfile: ["sendfile", "out file offset count may_block"],
  cmsg_len: [null, "length"],
  cmsg_space: [null, "length"],
  cmsg_encode: [null, "kinds datas"],
  cmsg_decode: [null, "control length"],
  shutdown: ["shutdown", "fd how"],
  get_nonblocking: ["fcntl", "fd"],
  set_nonblocking: ["ioctl", "fd on"],
  close: ["close", "fd"],
  dup: ["fcntl", "fd"],
  get_inheritable: ["fcntl", "fd"],
  set_inheritable: ["ioctl", "fd on"],
  own: [null, "fd"],
  disown: [null, "fd"],
  getsockopt: ["getsockopt", "fd level option bytes"],
  setsockopt: ["setsockopt", "fd level option bytes"],
  setsockopt_null: ["setsockopt", "fd level option length"],
  sockaddr_in: [null, "host port"],
  sockaddr_in6: [null, "host port flowinfo scope_id"],
  sockaddr_un: [null, "path"],
  sockaddr_other: [null, "family data"],
  sockaddr_size: [null, "family"],
  sockaddr_decode: [null, "name results"],
  getaddrinfo: [null, "host service family type protocol flags error"],
  gai_strerror: [null, "code"],
  gethostbyname: [null, "host family error"],
  gethostbyaddr: [null, "family data error"],
  hstrerror: [null, "code"],
  getnameinfo: [null, "address flags error"],
  getservbyname: [null, "service protocol"],
  getservbyport: [null, "port protocol"],
  getprotobyname: [null, "protocol"],
  gethostname: [null, ""],
  sethostname: ["sethostname", "data"],
  if_nameindex: [null, ""],
  if_nametoindex: [null, "interface"],
  if_indextoname: [null, "index"],
  inet_aton: [null, "text"],
  inet_pton: [null, "family text"],
  inet_ntop: [null, "family data"],
  poll: ["poll", "wanted count ready timeout_ms"],
  poll_one: ["poll", "fd events timeout_ms"],
  select: [
    "pselect6",
    "readers reader_count writers writer_count exceptional exceptional_count timeout_us",
  ],
  interrupt_watch: ["rt_sigaction", ""],
  interrupt_defer: [null, "deferring"],
  interrupt_die: ["tgkill", ""],
  signal_take: [null, ""],
  signal_set: ["rt_sigaction", "signo disposition"],
  signal_get: ["rt_sigaction", "signo"],
  signal_wake: ["eventfd2", ""],
  signal_wakeup_fd: [null, "fd full_is_error"],
  wakeup_errno: [null, ""],
  raise: ["tgkill", "signo"],
  alarm: ["alarm", "seconds"],
  setitimer: ["setitimer", "which timer before"],
  getitimer: ["getitimer", "which timer"],
  pause: ["pause", ""],
  strsignal: [null, "signo"],
  watch_start: ["epoll_ctl", "fd keeps_alive callback"],
  watch_stop: ["epoll_ctl", "number"],
  strerror: [null, "errno"],
  sockaddr_nl: [null, "pid groups"],
  sockaddr_ll: [null, "ifindex protocol pkttype hatype data"],
  sockaddr_vm: [null, "cid port"],
  epoll_create1: ["epoll_create1", ""],
  epoll_ctl: ["epoll_ctl", "epfd op fd events"],
  epoll_wait: ["epoll_wait", "epfd ready max_events timeout_ms"],
  receive_queue: ["ioctl", "fd"],
  send_queue: ["ioctl", "fd"],
  tcp_state: ["getsockopt", "fd state"],
  kqueue: ["kqueue", ""],
  kevent: ["kevent", "kq changes ready max_events timeout_ns"],
};

/** Memory that a call reads or writes: of that, a recording says what was in it, not that it was given. */
const MEMORY = new Set(
  (
    "bytes views control name size fds ready results state error timer before callback wanted " +
    "readers writers exceptional changes"
  ).split(" "),
);

/** A function as a recording tells of its calls. */
export interface Shape {
  readonly syscall: string | null;
  readonly parameters: readonly string[];
  /** Which argument is the descriptor that a call is about; -1 for none. */
  readonly fd: number;
}

/** The shape of each function. */
export const shapes: Readonly<Record<FunctionName, Shape>> = Object.fromEntries(
  Object.entries(signatures).map(([name, [syscall, text]]) => {
    const parameters = text === "" ? [] : text.split(" ");
    const fd = parameters.findIndex((one) => ["fd", "epfd", "kq", "out"].includes(one));
    return [name, { syscall, parameters, fd: name === "epoll_ctl" ? 2 : fd }];
  }),
) as unknown as Record<FunctionName, Shape>;

/** The arguments of a call by their names, as a recording has them, after the call was made. */
export function describe(
  name: FunctionName,
  args: readonly Value[],
  result: Value,
): Record<string, Value> {
  const described: Record<string, Value> = {};
  shapes[name].parameters.forEach((parameter, index) => {
    if (!MEMORY.has(parameter)) described[parameter] = in_words(name, parameter, args, index);
  });
  if (name === "sendto") described.length = (args[1] as ArrayBufferView).byteLength;
  if (name === "sendmsg" || name === "recvmsg") described.length = total(args[1]);
  if (name === "setsockopt" || name === "getsockopt") described.value = option_value(args[3]);
  const has_written = typeof result === "number" && result >= 0;
  const at = shapes[name].parameters.indexOf("name");
  if (at !== -1 && has_written) described.address = read_name(args[at] as Name);
  return described;
}

function in_words(
  name: FunctionName,
  parameter: string,
  args: readonly Value[],
  index: number,
): Value {
  const value = args[index];
  switch (parameter) {
    case "family":
      return one_of("AF_", value);
    case "type":
      return [one_of("SOCK_", Number(value) & 0xf), ...rest_of("SOCK_", Number(value) & ~0xf)].join(
        "|",
      );
    case "flags":
      if (name === "accept4") return some_of("SOCK_", value);
      return name === "getaddrinfo" || name === "getnameinfo" ? value : some_of("MSG_", value);
    case "level":
      return level_name(Number(value));
    case "option":
      return one_of(option_prefix(Number(args[1])), value);
    case "how":
      return one_of("SHUT_", value);
    case "op":
      return one_of("EPOLL_CTL_", value);
    case "events":
      return some_of(name === "epoll_ctl" ? "EPOLL" : "POLL", value);
    case "signo":
      return one_of("SIG", value);
    case "address":
      return value === null ? null : (addresses.get(value as object) ?? plain(value));
    default:
      return plain(value);
  }
}

/** A value as JSON can have it: bytes as the text that they look like. */
export function plain(value: Value): Value {
  if (ArrayBuffer.isView(value)) return preview(value, 0, value.byteLength);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return String(value);
  return value === undefined ? null : value;
}

/** How many bytes of what was moved a recording keeps. */
const PREVIEW = 64;

/** The first bytes, as Python prints bytes, without the quotes. */
export function preview(view: ArrayBufferView, offset: number, length: number): string {
  const size = Math.min(length, PREVIEW);
  return repr(Buffer.from(view.buffer, view.byteOffset + offset, size)).slice(2, -1);
}

/** What was moved by a call that moves bytes: how many, and the first of them. */
export function moved(
  name: FunctionName,
  args: readonly Value[],
  result: Value,
): { bytes: number; data: string } | null {
  const n = typeof result === "number" ? Math.max(result, 0) : 0;
  switch (name) {
    case "recv":
    case "recvfrom":
      return { bytes: n, data: preview(args[1] as ArrayBufferView, Number(args[2]), n) };
    case "send": {
      // What was offered, where nothing was taken.
      const shown = n === 0 ? Number(args[3]) : n;
      return { bytes: n, data: preview(args[1] as ArrayBufferView, Number(args[2]), shown) };
    }
    case "sendto": {
      const offered = args[1] as ArrayBufferView;
      return { bytes: n, data: preview(offered, 0, n === 0 ? offered.byteLength : n) };
    }
    case "recvmsg":
    case "sendmsg": {
      const [first] = args[1] as readonly ArrayBufferView[];
      const shown = first === undefined ? 0 : Math.min(first.byteLength, n);
      return { bytes: n, data: first === undefined ? "" : preview(first, 0, shown) };
    }
    case "sendfile":
      return { bytes: n, data: "" };
    default:
      return null;
  }
}

function total(views: Value): number {
  return (views as readonly ArrayBufferView[]).reduce((sum, view) => sum + view.byteLength, 0);
}

/** An option's value is nearly always an int. */
function option_value(value: Value): Value {
  const view = value as ArrayBufferView;
  if (view.byteLength !== 4) return preview(view, 0, view.byteLength);
  return new DataView(view.buffer, view.byteOffset, 4).getInt32(0, true);
}

const addresses = new WeakMap<object, Value>();

/** Remembers what an address was made of: nothing in lib/ can look into one. */
export function remember_address(name: FunctionName, args: readonly Value[], result: Value): void {
  if (typeof result !== "object" || result === null) return;
  const [first] = args;
  addresses.set(result, plain(name === "sockaddr_un" ? first : args));
}

/** The name of an errno, "EAGAIN". */
export function errno_name(errno: number): string {
  return errors.get(errno) ?? String(errno);
}

const errors = new Map<number, string>();
for (const [name, value] of Object.entries(native.errors)) {
  // Of names that mean the same, the shortest: EAGAIN and not EWOULDBLOCK.
  const known = errors.get(value);
  if (known === undefined || name.length < known.length) errors.set(value, name);
}

const families = new Map<string, Map<number, string>>();

/** The constants that begin so, by value. */
function named(prefix: string): Map<number, string> {
  let names = families.get(prefix);
  if (names === undefined) {
    names = new Map();
    for (const [name, value] of Object.entries(native.constants)) {
      if (!name.startsWith(prefix) || (prefix === "EPOLL" && name.startsWith("EPOLL_"))) continue;
      if (!names.has(value)) names.set(value, name);
    }
    families.set(prefix, names);
  }
  return names;
}

function one_of(prefix: string, value: Value): Value {
  return named(prefix).get(Number(value)) ?? value;
}

function some_of(prefix: string, value: Value): Value {
  return value === 0 ? 0 : rest_of(prefix, Number(value)).join("|");
}

/** The names of the bits that are set; what has no name is a number. */
function rest_of(prefix: string, value: number): string[] {
  const names: string[] = [];
  let left = value;
  for (const [bit, name] of named(prefix)) {
    const is_bit = bit > 0 && (bit & (bit - 1)) === 0;
    if (is_bit && (left & bit) !== 0) {
      names.push(name);
      left &= ~bit;
    }
  }
  return left === 0 ? names : [...names, `0x${(left >>> 0).toString(16)}`];
}

function option_prefix(level: number): string {
  const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IPV6, IPPROTO_IP } = native.constants;
  const prefixes = new Map([
    [SOL_SOCKET, "SO_"],
    [IPPROTO_TCP, "TCP_"],
    [IPPROTO_IPV6, "IPV6_"],
    [IPPROTO_IP, "IP_"],
  ]);
  return prefixes.get(level) ?? "none";
}

function level_name(level: number): Value {
  return level === native.constants.SOL_SOCKET ? "SOL_SOCKET" : one_of("IPPROTO_", level);
}
