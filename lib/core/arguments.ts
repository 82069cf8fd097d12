/** Converts arguments as CPython does, and raises what it raises for bad ones. */
import { OverflowError, ValueError } from "./exceptions.ts";
import { type_name } from "./repr.ts";

const INT_MAX = 2 ** 31 - 1;

/** A descriptor, or an object that has one: anything with `fileno()`. */
export type FileDescriptorLike = number | { fileno(): number };

/** Bytes: any view of memory, with its offset and length. */
export type BytesLike = ArrayBufferView;

/** Python's `operator.index()`: the value as an integer of any size. */
export function as_integer(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  const name = typeof value === "number" ? "float" : type_name(value);
  throw new TypeError(`'${name}' object cannot be interpreted as an integer`);
}

/** The value as a C int, as most of CPython's functions convert it. */
export function as_int(value: unknown): number {
  const integer = as_integer(value);
  if (integer > INT_MAX) throw new OverflowError("signed integer is greater than maximum");
  if (integer < -INT_MAX - 1) throw new OverflowError("signed integer is less than minimum");
  return integer;
}

/** The same by PyLong_AsInt, whose OverflowError has another message. */
export function as_c_int(value: unknown): number {
  const integer = as_integer(value);
  if (integer === (integer | 0)) return integer;
  throw new OverflowError("Python int too large to convert to C int");
}

/** A descriptor: `fd` itself, or what its `fileno()` returns. */
export function as_fd(fd: unknown): number {
  if (typeof fd === "number" && Number.isInteger(fd)) return checked_fd(fd);
  const fileno = (fd as { fileno?: unknown } | null | undefined)?.fileno;
  if (typeof fileno !== "function") {
    throw new TypeError("argument must be an int, or have a fileno() method.");
  }
  const number: unknown = fileno.call(fd);
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw new TypeError("fileno() returned a non-integer");
  }
  return checked_fd(number);
}

function checked_fd(fd: number): number {
  if (fd < 0) throw new ValueError(`file descriptor cannot be a negative integer (${fd})`);
  return as_c_int(fd);
}

/** A descriptor that is open already, for constructors whose public signature takes none. */
export class OpenFd {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }
}

/** The value as a C unsigned int, truncated as in CPython. */
export function as_unsigned_int(value: unknown): number {
  return as_integer(value) >>> 0;
}

/** A number of seconds, as `int` or `float`. */
export function as_seconds(value: unknown): number {
  if (typeof value === "number") return value;
  const seconds = as_integer(value);
  if (Math.abs(seconds * 1e9) < 2 ** 63) return seconds;
  throw new OverflowError("timestamp too large to convert to C PyTime_t");
}

/** The value as a C ssize_t. */
export function as_signed_size(value: unknown): number {
  const size = as_integer(value);
  const is_too_small = typeof value === "bigint" ? value < -(2n ** 63n) : size < -(2 ** 63);
  if (size < 2 ** 63 && !is_too_small) return size;
  throw new OverflowError("Python int too large to convert to C ssize_t");
}

/** The most bytes that a call receives; `where` names the call. */
export function as_size(value: unknown, where: string): number {
  const size = as_signed_size(value);
  if (size < 0) throw new ValueError(`negative buffersize in ${where}`);
  return size;
}

/** The type of a bad argument in CPython's messages, which say None, not NoneType. */
export function argument_type(value: unknown): string {
  return value === null || value === undefined ? "None" : type_name(value);
}

/** An argument that a call reads bytes from. */
export function as_bytes(value: unknown): BytesLike {
  if (ArrayBuffer.isView(value)) return value;
  throw new TypeError(`a bytes-like object is required, not '${type_name(value)}'`);
}

/** The same as a Buffer on the same memory; a Buffer is returned as it is. */
export function as_buffer(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  const view = as_bytes(value);
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
