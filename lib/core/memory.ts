/** Memory that a call is about to fill or has filled. */
import { MemoryError } from "./exceptions.ts";

/** V8 allocates arrays of at most so many bytes in its own heap, which costs next to nothing. */
const SMALL = 64;

/** A new Buffer, whose memory is not cleared. */
export function allocate(size: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(size);
  } catch {
    throw new MemoryError();
  }
}

/** A copy in memory of its own. `Buffer.from` would cut it out of a pool, which one kept byte keeps. */
export function copied(bytes: Buffer, start: number, end: number): Buffer {
  const copy = allocate(end - start);
  bytes.copy(copy, 0, start, end);
  return copy;
}

/** All the parts in memory of its own; of a single part, that of the part. */
export function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = allocate(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether most of the memory made for one call is unused. */
export function is_mostly_unused(bytes: Buffer, n: number): boolean {
  return n * 2 < bytes.length;
}

/** The first `n` bytes of memory made for one call, copied when most of it is unused. */
export function trimmed(bytes: Buffer, n: number): Buffer {
  return is_mostly_unused(bytes, n) ? copied(bytes, 0, n) : bytes.subarray(0, n);
}

const outside: Uint8Array = new Uint8Array(new ArrayBuffer(SMALL));

/**
 * `length` bytes for C++ to read, from where they are now. V8 gives an array in its own heap other
 * memory before C++ can see it, which takes as long as a system call; so few bytes are copied to
 * memory that is outside already.
 */
export function outside_heap(
  bytes: ArrayBufferView,
  offset: number,
  length: number,
): ArrayBufferView {
  const end = offset + length;
  if (length > SMALL || length === 0 || !(bytes instanceof Uint8Array)) return bytes;
  // Asked once, because V8 does not inline it.
  const whole = bytes.length;
  // A signal handler has made the memory smaller: C++ says so.
  if (end > whole) return bytes;
  outside.set(length === whole ? bytes : bytes.subarray(offset, end));
  return outside;
}

/** Room for `length` integers: `memory` itself, or more of the same type. */
export function with_room<T extends Int32Array | BigInt64Array>(memory: T, length: number): T {
  if (memory.length >= length) return memory;
  const Same = memory.constructor as new (length: number) => T;
  try {
    return new Same(Math.max(length, memory.length * 2));
  } catch {
    throw new MemoryError();
  }
}
