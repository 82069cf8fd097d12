/**
 * Memory for bytes that are about to be received: allocation, not the boundary to C++, is what
 * receiving costs.
 */
import { allocate, trimmed } from "../core/memory.ts";

/** Smaller receives are cut out of a slab. A Buffer keeps its whole slab alive, so larger ones are not. */
export const LARGEST_CUT: number = 64 * 1024;

const SLAB_SIZE = 256 * 1024;
/** Where to receive to, from `room` on. */
export let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
let slab_used = 0;

/**
 * Makes sure that the slab has room for `size` bytes, and returns where. To be asked before each system
 * call: what a signal's handler receives meanwhile is cut out of the same slab.
 */
export function room(size: number): number {
  if (SLAB_SIZE - slab_used < size) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    slab_used = 0;
  }
  return slab_used;
}

/** The `n` bytes that were received to `start`: nobody else's from now on. */
export function cut(start: number, n: number): Buffer {
  const end = start + n;
  slab_used = (end + 7) & ~7;
  return slab.subarray(start, end);
}

/** Memory for larger receives that was hardly filled, and is not to be allocated again each time. */
let spare: Buffer | null = null;
const LARGEST_SPARE = 1024 * 1024;

/** Memory for a receive that is too large for the slab: at least `size` bytes. */
export function take(size: number): Buffer {
  const bytes = spare !== null && spare.length >= size ? spare : allocate(size);
  // Taken while its owner waits: a signal's handler may receive something as well.
  spare = null;
  return bytes;
}

/** The first `n` bytes of memory made for one call, which is spare when they were copied. */
export function received(bytes: Buffer, n: number): Buffer {
  const result = trimmed(bytes, n);
  if (result.buffer !== bytes.buffer && bytes.length <= LARGEST_SPARE) spare = bytes;
  return result;
}
