/** What a recording says about a call: its arguments in words, and the contents of its memory. */
import { repr } from "../core/repr.ts";
import { native } from "../native.ts";
import type { Name } from "../native.ts";
import { read_name } from "../socket/address.ts";
import { MEMORY, native_calls } from "./calls.ts";
import type { Arguments, ByFunction, FunctionName, FunctionThat } from "./calls.ts";

type Value = unknown;
type Described = Record<string, Value>;

/** How to write the arguments that are more than plain values, by name. */
const in_words: Readonly<
  Record<string, (value: Value, name: FunctionName, args: Described) => Value>
> = {
  family: (value) => one_of("AF_", value),
  type: (value) => {
    const flags = rest_of("SOCK_", (Number(value) & ~0xf) | CLOSE_ON_EXEC);
    return [one_of("SOCK_", Number(value) & 0xf), ...flags].join("|");
  },
  flags: (value, name) => {
    if (native_calls[name].act === "lookup") return value;
    return some_of("MSG_", value);
  },
  level: (value) => (value === SOL_SOCKET ? "SOL_SOCKET" : one_of("IPPROTO_", value)),
  option: (value, _, { level }) => one_of(option_prefixes[String(level)] ?? "none", value),
  how: (value) => one_of("SHUT_", value),
  op: (value) => one_of("EPOLL_CTL_", value),
  events: (value, name) => some_of(name === "epoll_ctl" ? "EPOLL" : "POLL", value),
  signo: (value) => one_of("SIG", value),
  address: (value) => (value === null ? null : (addresses.get(value as object) ?? plain(value))),
};

const { SOL_SOCKET } = native.constants;

/** What the addon adds by itself, where the system has it. */
const CLOSE_ON_EXEC: number = native.constants.SOCK_CLOEXEC ?? 0;

const option_prefixes: Readonly<Record<string, string>> = {
  SOL_SOCKET: "SO_",
  IPPROTO_TCP: "TCP_",
  IPPROTO_IPV6: "IPV6_",
  IPPROTO_IP: "IP_",
};

/** What a recording says besides the arguments: about the memory that a call was given, and what the addon adds. */
const besides: ByFunction<(args: never) => Described> = {
  accept4: () => ({ flags: some_of("SOCK_", CLOSE_ON_EXEC) }),
  sendmsg: ([, views]) => ({ length: total(views) }),
  recvmsg: ([, views]) => ({ length: total(views) }),
  getsockopt: ([, , , bytes]) => ({ value: option_value(bytes) }),
  setsockopt: ([, , , bytes]) => ({ value: option_value(bytes) }),
} satisfies { [Function in FunctionName]?: (args: Arguments<Function>) => Described };

/** Where a call that succeeded has written an address. */
const written_names: ByFunction<(args: never) => Name> = {
  accept4: ([, name]) => name,
  getsockname: ([, name]) => name,
  getpeername: ([, name]) => name,
  recvfrom: ([, , , , , , name]) => name,
  recvmsg: ([, , , , , , name]) => name,
} satisfies { [Function in FunctionName]?: (args: Arguments<Function>) => Name };

/** Makes a function that describes the arguments of each call by their names, after the call. */
export function describer(
  name: FunctionName,
): (args: readonly Value[], result: Value) => Described {
  const parameters = native_calls[name].parameters.flatMap((parameter: string, index) =>
    MEMORY.has(parameter) ? [] : [{ parameter, index, tell: in_words[parameter] ?? plain }],
  );
  const more = besides[name];
  const written = written_names[name];
  return (args, result) => {
    const all: Described = {};
    for (const { parameter, index, tell } of parameters) {
      all[parameter] = tell(args[index], name, all);
    }
    if (more !== undefined) Object.assign(all, more(args as never));
    if (written !== undefined && typeof result === "number" && result >= 0) {
      all.address = read_name(written(args as never));
    }
    return all;
  };
}

/** A value as JSON can hold it: bytes as text. */
export function plain(value: Value): Value {
  if (ArrayBuffer.isView(value)) return preview(value, 0, value.byteLength);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return String(value);
  return value === undefined ? null : value;
}

/** How many of the moved bytes a recording keeps. */
const PREVIEW = 64;

/** The first bytes, as Python prints bytes, without the quotes. */
export function preview(view: ArrayBufferView, offset: number, length: number): string {
  const size = Math.min(length, PREVIEW);
  return repr(Buffer.from(view.buffer, view.byteOffset + offset, size)).slice(2, -1);
}

/** The first of the `n` bytes that were moved, or of the bytes offered if none were. */
export const movers: ByFunction<(args: never, n: number) => string> = {
  recv: ([, bytes, offset], n) => preview(bytes, offset, n),
  recvfrom: ([, bytes, offset], n) => preview(bytes, offset, n),
  recvmsg: ([, views], n) => preview_first(views, n),
  send: ([, bytes, offset, length], n) => preview(bytes, offset, n === 0 ? length : n),
  sendto: ([, bytes, offset, length], n) => preview(bytes, offset, n === 0 ? length : n),
  sendmsg: ([, views], n) => preview_first(views, n),
  sendfile: () => "",
} satisfies {
  [Function in FunctionThat<"receive" | "send">]: (args: Arguments<Function>, n: number) => string;
};

function preview_first([first]: readonly ArrayBufferView[], n: number): string {
  return first === undefined ? "" : preview(first, 0, Math.min(first.byteLength, n));
}

function total(views: readonly ArrayBufferView[]): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}

/** An option's value is nearly always an int. */
function option_value(view: ArrayBufferView): Value {
  if (view.byteLength !== 4) return preview(view, 0, view.byteLength);
  return new DataView(view.buffer, view.byteOffset, 4).getInt32(0, true);
}

const addresses = new WeakMap<object, Value>();

/** Remembers what an address was made of, as nothing in lib/ can look into one. */
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

/** The names of the bits that are set, and a number for those without a name. */
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
