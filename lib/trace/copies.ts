/** Which memory behind the arguments of a call is copied into the log, and what else is kept of them. */
import { repr } from "../core/repr.ts";
import type { Name } from "../native.ts";
import type { Arguments, ByFunction, FunctionName } from "./calls.ts";
import type { Log } from "./log.ts";

/** How many of the moved bytes a recording keeps. */
const PREVIEW = 64;

/** The first of the `n` bytes that were moved, or of the bytes offered if none were; then names and values. */
export const copies: ByFunction<(log: Log, args: never, n: number, is_failure: boolean) => void> = {
  recv: (log, [, bytes, offset], n) => moved(log, bytes, offset, n),
  recvfrom: (log, [, bytes, offset, , , , name], n, is_failure) => {
    moved(log, bytes, offset, n);
    written(log, name, is_failure);
  },
  recvmsg: (log, [, views, , , , , name], n, is_failure) => {
    moved_first(log, views, n);
    log.numbers([total(views)], 1);
    written(log, name, is_failure);
  },
  send: (log, [, bytes, offset, length], n) => moved(log, bytes, offset, n === 0 ? length : n),
  sendto: (log, [, bytes, offset, length], n) => moved(log, bytes, offset, n === 0 ? length : n),
  sendmsg: (log, [, views], n) => {
    moved_first(log, views, n);
    log.numbers([total(views)], 1);
  },
  recvmmsg: (log, [, bytes, , , , , lengths], n, is_failure) => {
    moved(log, bytes, 0, is_failure ? 0 : lengths[0]);
    log.numbers(lengths, is_failure ? 0 : n);
  },
  sendmmsg: (log, [, bytes, lengths], n, is_failure) => {
    moved(log, bytes, 0, lengths[0]);
    log.numbers(lengths, is_failure ? 0 : n);
  },
  accept4: (log, [, name], _, is_failure) => written(log, name, is_failure),
  getsockname: (log, [, name], _, is_failure) => written(log, name, is_failure),
  getpeername: (log, [, name], _, is_failure) => written(log, name, is_failure),
  getsockopt: (log, [, , , bytes]) => moved(log, bytes, 0, bytes.byteLength),
  setsockopt: (log, [, , , bytes]) => moved(log, bytes, 0, bytes.byteLength),
  socketpair: (log, [, , , fds]) => log.numbers(fds, 2),
  kevent: (log, [, changes]) => {
    const numbers: number[] = [];
    // Of each six integers, ident, filter and flags.
    for (let at = 0; at + 2 < changes.length; at += 6) {
      numbers.push(Number(changes[at]), Number(changes[at + 1]), Number(changes[at + 2]));
    }
    log.numbers(numbers, numbers.length);
  },
} satisfies {
  [Function in FunctionName]?: (
    log: Log,
    args: Arguments<Function>,
    n: number,
    is_failure: boolean,
  ) => void;
};

function moved(log: Log, view: ArrayBufferView, offset: number, length: number): void {
  const bytes = view instanceof Uint8Array ? view : bytes_of(view);
  log.bytes(bytes, offset, length, PREVIEW);
}

/** Any memory, as bytes. */
export function bytes_of({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function moved_first(log: Log, [first]: readonly ArrayBufferView[], n: number): void {
  if (first === undefined) log.bytes(NOTHING, 0, 0, 0);
  else moved(log, first, 0, Math.min(first.byteLength, n));
}

const NOTHING = new Uint8Array(0);

function total(views: readonly ArrayBufferView[]): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}

/** An address that the kernel has written. */
function written(log: Log, name: Name, is_failure: boolean): void {
  if (!is_failure) log.bytes(name, 0, name.byteLength, name.byteLength);
}

/** An argument or a result that is neither a number nor memory, as JSON can hold it: bytes as text. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return preview(bytes_of(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return String(value);
  return value === undefined ? null : value;
}

/** The first bytes, as Python prints bytes, without the quotes. */
export function preview(bytes: Uint8Array): string {
  const first = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, PREVIEW));
  return repr(first).slice(2, -1);
}

/** An address argument, as what it was made of. */
export function plain_address(value: unknown): unknown {
  return addresses.get(value as object) ?? plain(value);
}

const addresses = new WeakMap<object, unknown>();

/** Remembers what an address was made of, as nothing in lib/ can look into one. */
export function remember_address(
  name: FunctionName,
  args: readonly unknown[],
  result: unknown,
): void {
  if (typeof result !== "object" || result === null) return;
  const [first] = args;
  addresses.set(result, plain(name === "sockaddr_un" ? first : args));
}
