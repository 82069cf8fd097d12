/** What a recording says about a call: its arguments in words, and the contents of its memory. */
import { native } from "../native.ts";
import { new_name, read_name } from "../socket/address.ts";
import { MEMORY, native_calls } from "./calls.ts";
import type { ByFunction, FunctionName } from "./calls.ts";
import { preview } from "./copies.ts";

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

/** Memory that a call was given, as far as the log has it. */
export interface Copied {
  /** First bytes, and how many there were: of what was moved, then a name that the kernel wrote. */
  readonly bytes: readonly { readonly first: Buffer; readonly length: number }[];
  readonly numbers: readonly (readonly number[])[];
}

/** What a recording says besides the arguments: about the memory that a call was given, and what the addon adds. */
const besides: ByFunction<(copied: Copied) => Described> = {
  accept4: () => ({ flags: some_of("SOCK_", CLOSE_ON_EXEC) }),
  sendmsg: ({ numbers: [[length]] }) => ({ length }),
  recvmsg: ({ numbers: [[length]] }) => ({ length }),
  recvmmsg: ({ numbers: [lengths] }) => ({ lengths }),
  sendmmsg: ({ numbers: [lengths] }) => ({ lengths }),
  getsockopt: (copied) => ({ value: option_value(copied) }),
  setsockopt: (copied) => ({ value: option_value(copied) }),
};

/** Functions that write an address where they succeed, and which of the copies it is. */
const written_names: ByFunction<0 | 1> = {
  accept4: 0,
  getsockname: 0,
  getpeername: 0,
  recvfrom: 1,
  recvmsg: 1,
};

/** Makes a function that describes the arguments of each call by their names, after the call. */
export function describer(
  name: FunctionName,
): (args: readonly Value[], copied: Copied, is_failure: boolean) => Described {
  const parameters = native_calls[name].parameters.flatMap((parameter: string, index) =>
    MEMORY.has(parameter) ? [] : [{ parameter, index, tell: in_words[parameter] ?? as_it_is }],
  );
  const more = besides[name];
  const written = written_names[name];
  return (args, copied, is_failure) => {
    const all: Described = {};
    for (const { parameter, index, tell } of parameters) {
      all[parameter] = tell(args[index], name, all);
    }
    if (more !== undefined) Object.assign(all, more(copied));
    if (written !== undefined && !is_failure) all.address = address_in(copied, written);
    return all;
  };
}

function as_it_is(value: Value): Value {
  return value;
}

const name_read = new_name();

function address_in({ bytes }: Copied, index: number): Value {
  name_read.set(bytes[index].first);
  return read_name(name_read);
}

/** How many bytes a call moved; one with several messages returns how many these are instead. */
export function bytes_moved(name: FunctionName, result: number, { numbers }: Copied): number {
  if (name !== "recvmmsg" && name !== "sendmmsg") return Math.max(result, 0);
  return numbers[0].reduce((sum, length) => sum + length, 0);
}

/** The first of the bytes that a call moved. */
export function data_of({ bytes: [moved] }: Copied): string {
  return moved === undefined ? "" : preview(moved.first);
}

/** An option's value is nearly always an int. */
function option_value({ bytes: [{ first, length }] }: Copied): Value {
  return length === 4 ? first.readInt32LE() : preview(first);
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
