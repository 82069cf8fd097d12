/** Memory that a call is about to fill. */
import { MemoryError } from "./exceptions.ts";

/** A new Buffer, whose memory is not cleared. */
export function allocate(size: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(size);
  } catch {
    throw new MemoryError();
  }
}

/** The first `n` bytes of memory made for one call, copied when most of it is unused. */
export function trimmed(bytes: Buffer, n: number): Buffer {
  const used = bytes.subarray(0, n);
  return n * 2 < bytes.length ? Buffer.from(used) : used;
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
