/**
 * What the JavaScript that translate.py writes needs besides iomux: Python's calls with keywords,
 * classes without `new`, items and slices, and the names that run.py gives to the programs.
 */
import { once } from "node:events";
import { readSync, openSync, closeSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { Worker } from "node:worker_threads";

import * as builtins from "iomux/builtins";
import { OSError, repr, tuple } from "iomux/builtins";
import * as select from "iomux/select";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

type Call = (...args: unknown[]) => unknown;
type Keywords = Readonly<Record<string, unknown>>;
type Names = Record<string, unknown>;

/** The parameters of what is called with keywords; those behind `*` are in one trailing object. */
const PARAMETERS: Readonly<Record<string, string>> = {
  create_connection: "address timeout source_address * all_errors",
  create_server: "address * family backlog reuse_port dualstack_ipv6",
  getaddrinfo: "host port family type proto flags",
  makefile: "mode buffering * encoding errors newline",
  modify: "fileobj events data",
  poll: "timeout maxevents",
  recv_into: "buffer nbytes flags",
  recvfrom_into: "buffer nbytes flags",
  register: "fileobj events data",
  select: "timeout",
  sendfile: "file offset count",
  set_wakeup_fd: "fd * warn_on_full_buffer",
  socket: "family type proto fileno",
  epoll: "sizehint flags",
};

function positions(name: string, args: readonly unknown[], keywords: Keywords): unknown[] {
  if (Object.keys(keywords).length === 0) return [...args];
  const all = [...args];
  const [positional, options] = PARAMETERS[name].split(" * ").map((part) => part.split(" "));
  const rest: Names = {};
  for (const [key, value] of Object.entries(keywords)) {
    if (options?.includes(key)) rest[key] = value;
    else all[positional.indexOf(key)] = value;
  }
  if (Object.keys(rest).length > 0) all[positional.length] = rest;
  // A hole is no argument that was left out.
  return Array.from(all);
}

function is_class(value: unknown): value is new (...args: unknown[]) => unknown {
  return typeof value === "function" && /^class\b/.test(String(value));
}

function call_(called: unknown, args: readonly unknown[], keywords: Keywords): unknown {
  const { name } = called as { name: string };
  const all = positions(name, args, keywords);
  return is_class(called) ? Reflect.construct(called, all) : (called as Call)(...all);
}

function method_(owner: unknown, name: string, args: unknown[], keywords: Keywords): unknown {
  const found = attribute_(owner, name);
  if (is_class(found)) return call_(found, args, keywords);
  const all = positions(name, args, keywords);
  // `socket.socket.recv(other)` borrows the method.
  const is_borrowed = is_class(owner) && !Object.hasOwn(owner, name);
  if (is_borrowed) return Reflect.apply(found as Call, all[0], all.slice(1));
  return Reflect.apply(found as Call, owner, all);
}

/** Python's methods of values that are JavaScript's own here. */
const METHODS: Readonly<Record<string, (value: never) => Call>> = {
  append: (list: unknown[]) => (item) => void list.push(item),
  decode: (bytes: Buffer) => (encoding) => builtins.str(bytes, (encoding as string) ?? "utf-8"),
  encode: (text: string) => (encoding) => builtins.bytes(text, (encoding as string) ?? "utf-8"),
  hex: (bytes: Buffer) => () => bytes.toString("hex"),
  startswith: (text: string) => (start) => text.startsWith(start as string),
};

function attribute_(owner: unknown, name: string): unknown {
  const object = Object(owner) as Names;
  const methods = is_class(owner) ? (owner.prototype as Names) : {};
  if (name in methods && !Object.hasOwn(object, name)) return methods[name];
  if (name === "__name__" && typeof owner === "function") return owner.name;
  if (name in object && (name !== "name" || typeof owner !== "function")) {
    const value = object[name];
    // Python binds a method to its object.
    const is_method = typeof value === "function" && !is_class(value) && !is_module(owner);
    return is_method ? (value as Call).bind(owner) : value;
  }
  if (METHODS[name] !== undefined) return METHODS[name](owner as never);
  throw new AttributeError(`no attribute '${name}'`);
}

function is_module(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Module]";
}

class AttributeError extends Error {
  override readonly name: string = "AttributeError";
}

function iter_(values: unknown): unknown[] {
  return [...(values as Iterable<unknown>)];
}

interface Mapping {
  readonly size: number;
  get(key: unknown): unknown;
  has(key: unknown): boolean;
}

function is_mapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && "has" in value && "size" in value;
}

function item_of_(owner: unknown, index: unknown): unknown {
  if (is_mapping(owner)) {
    if (!owner.has(index)) throw new builtins.KeyError(index);
    return owner.get(index);
  }
  return iter_(owner).at(index as number);
}

function slice_(owner: unknown, from?: unknown, to?: unknown): unknown {
  const { length } = owner as Buffer;
  const ends = [Number(from ?? 0), Number(to ?? length)] as const;
  if (ArrayBuffer.isView(owner)) return (owner as Buffer).subarray(...ends);
  if (typeof owner === "string") return owner.slice(...ends);
  const items = iter_(owner).slice(...ends);
  return Object.isFrozen(owner) ? tuple(items) : items;
}

function in_(item: unknown, container: unknown): boolean {
  if (typeof container === "string") return container.includes(item as string);
  if (is_mapping(container)) return container.has(item);
  return iter_(container).some((one) => equal_(one, item));
}

function equal_(left: unknown, right: unknown): boolean {
  return left === right || repr(left) === repr(right);
}

function add_(left: unknown, right: unknown): unknown {
  if (ArrayBuffer.isView(left)) return Buffer.concat([left as Buffer, right as Buffer]);
  if (Array.isArray(left)) return [...left, ...(right as unknown[])];
  return (left as number) + (right as number);
}

function multiply_(left: unknown, right: unknown): unknown {
  const count = Number(right);
  if (ArrayBuffer.isView(left)) {
    return Buffer.concat(Array.from({ length: count }, () => left as Buffer));
  }
  if (Array.isArray(left)) return Array.from({ length: count }, () => left).flat();
  if (typeof left === "string") return left.repeat(count);
  return (left as number) * count;
}

function subtract_(left: number | bigint, right: number): number | bigint {
  return typeof left === "bigint" ? left - BigInt(right) : left - right;
}

function power_(left: number, right: number): number | bigint {
  const power = BigInt(left) ** BigInt(right);
  return Number.isSafeInteger(Number(power)) ? Number(power) : power;
}

function exit_(context: { [Symbol.dispose](): void }): void {
  context[Symbol.dispose]();
}

/** What Python has without an import, as far as iomux has not. */
const python = {
  True: true,
  False: false,
  None: null,
  bytes: (value: unknown) =>
    typeof value === "number" ? Buffer.alloc(value) : Buffer.from(value as Buffer),
  bytearray: (value: unknown = 0) => {
    return typeof value === "number" ? new ByteArray(value) : ByteArray.from(value as number[]);
  },
  memoryview: (value: Uint8Array) =>
    new ByteArray(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength),
  float: (text: string) => Number(text.replace("inf", "Infinity")),
  isinstance: (value: unknown, type: unknown) => {
    const types = Array.isArray(type) ? (type as unknown[]) : [type];
    return types.some((one) => value instanceof (one as new () => object));
  },
  len: (value: unknown) =>
    is_mapping(value) ? value.size : ((value as Buffer).length ?? iter_(value).length),
  list: iter_,
  open: (path: string) => new FileOnDisk(path),
  range: (end: number) => Array.from({ length: end }, (_, index) => index),
  sorted: (values: unknown) => iter_(values).toSorted((a, b) => (Number(a) < Number(b) ? -1 : 1)),
  type: (value: object) => value.constructor,
};

/** Bytes that may be written to: what Python has as a bytearray or memoryview. */
class ByteArray extends Uint8Array {
  __repr__(): string {
    return `bytearray(${repr(Buffer.from(this))})`;
  }
}

/** A file as Python's `open(path, "rb")` gives one. */
class FileOnDisk {
  readonly mode = "rb";
  readonly #fd: number;
  #at = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "r");
  }

  fileno(): number {
    return this.#fd;
  }

  read(size: number): Buffer {
    const bytes = Buffer.alloc(size);
    const n = readSync(this.#fd, bytes, 0, size, this.#at);
    this.#at += n;
    return bytes.subarray(0, n);
  }

  seek(offset: number): void {
    this.#at = offset;
  }

  tell(): number {
    return this.#at;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

class FileLike {
  readonly fd: unknown;

  constructor(fd: unknown) {
    this.fd = fd;
  }

  fileno(): unknown {
    return this.fd;
  }
}

class MySocket extends socket.socket {}

function elapsed(call: () => unknown, least: number, most: number): boolean {
  const begin = performance.now();
  call();
  const seconds = (performance.now() - begin) / 1e3;
  return least <= seconds && seconds < most;
}

/** As Python's `struct.pack`, for integers of the machine's own. */
function pack(format: string, ...values: number[]): Buffer {
  const sizes: Readonly<Record<string, number>> = { b: 1, B: 1, h: 2, H: 2, i: 4, I: 4, q: 8 };
  return Buffer.concat(
    values.map((value, index) => {
      const wide = Buffer.alloc(8);
      wide.writeBigInt64LE(BigInt(value));
      return wide.subarray(0, sizes[format[index]]);
    }),
  );
}

/** What an expression comes to in another thread. */
async function in_thread(source: string): Promise<unknown> {
  const file = import.meta.url.replace(/runtime(?=\.\w+$)/, "thread");
  const worker = new Worker(new URL(file), { workerData: source });
  const [[name, text, errno]] = (await once(worker, "message")) as [
    [string, string, number | null],
  ];
  if (name === "value") return { __repr__: () => text };
  throw Object.assign(new Error(text), { name, errno });
}

/** What translate.py calls. */
const operations = {
  add_,
  and_: (left: number, right: number) => left & right,
  attribute_,
  call_,
  equal_,
  exit_,
  in_,
  item_of_,
  iter_,
  method_,
  multiply_,
  or_: (left: number, right: number) => left | right,
  power_,
  slice_,
  subtract_,
};

/** The names that a program has, for itself. */
export function new_names(folder: string): Names {
  return {
    ...builtins,
    ...python,
    ...operations,
    select,
    selectors,
    signal,
    socket,
    errno: constants.errno,
    FileLike,
    MySocket,
    elapsed,
    folder,
    in_thread,
    interrupt_in: (seconds: number) => signal.setitimer(signal.ITIMER_REAL, seconds),
    pack,
    remove: (path: string) => rmSync(path),
    write_file: (path: string, data: Buffer) => writeFileSync(path, data),
  };
}

/** Runs one statement, and says what it came to in the form that run.py has. */
export async function outcome_of(source: string, names: Names): Promise<readonly unknown[]> {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- the text is translate.py's
    const run = new Function("names_", `with (names_) { ${source} }`) as (all: Names) => unknown;
    const value = run(names);
    // Only where there is something to wait for: the event loop is not to run in between.
    return ["value", shown(value instanceof Promise ? await value : value)];
  } catch (error) {
    const { name, message } = error as Error;
    const errno = (error as OSError).errno ?? null;
    return [name, without_numbers(message), errno];
  }
}

function shown(value: unknown): string {
  return without_numbers(repr(value ?? null));
}

/** A text without descriptors, as run.py has it. */
function without_numbers(text: string): string {
  return text.replaceAll(/(fd=|FD |fd |name=|')\d+(?= \(FD|\b)/g, "$1N");
}
