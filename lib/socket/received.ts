/** Memory to receive into: what receiving costs is allocation, not the boundary to C++. */
import { allocate, trimmed } from "../core/memory.ts";

/** Larger receives are not cut out of the slab, because a Buffer keeps its whole slab alive. */
export const LARGEST_CUT: number = 64 * 1024;

const SLAB_SIZE = 256 * 1024;
/** The memory to receive into, from `room` on. */
export let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
let slab_used = 0;

/**
 * Makes room for `size` bytes in the slab, and returns where. Called before each system call,
 * because a signal handler may have received into the slab meanwhile.
 */
export function room(size: number): number {
  if (SLAB_SIZE - slab_used < size) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    slab_used = 0;
  }
  return slab_used;
}

/** Cuts the `n` bytes received at `start` out of the slab. */
export function cut(start: number, n: number): Buffer {
  const end = start + n;
  slab_used = (end + 7) & ~7;
  return slab.subarray(start, end);
}

/** Memory of a larger receive that was hardly filled, for the next one. */
let spare: Buffer | null = null;
const LARGEST_SPARE = 1024 * 1024;

/** Memory for a receive that is too large for the slab: at least `size` bytes. */
export function take(size: number): Buffer {
  const bytes = spare !== null && spare.length >= size ? spare : allocate(size);
  // Taken away, because a signal handler may receive meanwhile.
  spare = null;
  return bytes;
}

/** The first `n` bytes of memory for one call. If they are copied, the memory becomes the spare. */
export function received(bytes: Buffer, n: number): Buffer {
  const result = trimmed(bytes, n);
  if (result.buffer !== bytes.buffer && bytes.length <= LARGEST_SPARE) spare = bytes;
  return result;
}
