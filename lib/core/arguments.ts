/** Arguments as Python would take them: what is not right gets the exception CPython gives. */
import { OverflowError, ValueError } from "./exceptions.ts";
import { type_name } from "./repr.ts";

const INT_MAX = 2 ** 31 - 1;

/** Something that a descriptor can be got from: a number, or an object with `fileno()`. */
export type FileDescriptorLike = number | { fileno(): number };

/** What a call reads bytes from: any view of memory, its own offset and length honoured. */
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

/** The same where CPython calls PyLong_AsInt, which has other words for what does not fit. */
export function as_c_int(value: unknown): number {
  const integer = as_integer(value);
  if (integer === (integer | 0)) return integer;
  throw new OverflowError("Python int too large to convert to C int");
}

/** What `fd` stands for: itself, or what its `fileno()` says. */
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

/** The value as a C unsigned int; too large a one is cut off, as CPython does. */
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

/** How many bytes a call is to receive at most; `where` names the call. */
export function as_size(value: unknown, where: string): number {
  const size = as_signed_size(value);
  if (size < 0) throw new ValueError(`negative buffersize in ${where}`);
  return size;
}

/** What CPython calls the type of an argument that it does not take: of None, there is only one. */
export function argument_type(value: unknown): string {
  return value === null || value === undefined ? "None" : type_name(value);
}

/** Bytes to be read by a call. */
export function as_bytes(value: unknown): BytesLike {
  if (ArrayBuffer.isView(value)) return value;
  throw new TypeError(`a bytes-like object is required, not '${type_name(value)}'`);
}
