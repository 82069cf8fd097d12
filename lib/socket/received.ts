/**
 * Memory to receive into. What receiving costs is this memory, not the boundary to C++: V8 takes as long
 * to make and to collect an ArrayBuffer as the system to receive some hundred bytes.
 *
 * So results are cut out of slabs. But a Buffer keeps its whole slab alive, and a program that keeps
 * small results would run out of memory. So results are copied into memory of their own as soon as
 * more memory is in use than results of their size leave behind until V8 collects them.
 */
import { allocate, copied, is_mostly_unused, trimmed } from "../core/memory.ts";
import { is_bun } from "../core/runtime.ts";
import { v8 } from "../native/on-demand.ts";

/** Node.js makes the global a getter, which V8 does not inline. */
const { Buffer } = globalThis;

/** Larger receives are not cut out of a slab. */
export const LARGEST_CUT: number = 64 * 1024;

const SLAB_SIZE = 256 * 1024;

/** Memory that is always there for slabs: Node.js uses one and a half MiB itself. */
const LITTLE_MEMORY = 8 * 1024 * 1024;

/** V8 collects its young objects every 10,000 to 20,000 results. */
const RESULTS = 32 * 1024;

/** But after 30 to 75 MiB at the latest. No program keeps more than this alive with less than half as many bytes. */
const MUCH_MEMORY = 64 * 1024 * 1024;

/** The memory to receive into, from `room` on. */
export let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
let memory: ArrayBuffer = slab.buffer as ArrayBuffer;
let slab_used = 0;
/** Whether a result was cut out of the slab, so that its memory must not be used again. */
let is_cut = false;

/** Bytes in use by ArrayBuffers, ours and the program's, when the slab was begun. */
let in_use = 0;

/**
 * Makes room for `size` bytes in the slab, and returns where. Called before each system call,
 * because a signal handler may have received into the slab meanwhile.
 */
export function room(size: number): number {
  if (SLAB_SIZE - slab_used < size) begin_slab();
  return slab_used;
}

function begin_slab(): void {
  if (is_cut) {
    slab = Buffer.allocUnsafeSlow(SLAB_SIZE);
    memory = slab.buffer as ArrayBuffer;
  }
  is_cut = false;
  slab_used = 0;
  // JavaScriptCore goes through its whole heap to find out.
  in_use = is_bun ? Infinity : v8().getHeapStatistics().external_memory;
}

/** The `n` bytes received at `start`, cut or copied out of the slab. */
export function cut(start: number, n: number): Buffer {
  const end = start + n;
  slab_used = (end + 7) & ~7;
  const most = Math.min(LITTLE_MEMORY + n * RESULTS, MUCH_MEMORY);
  if (in_use > most) return copied(slab, start, end);
  is_cut = true;
  // `slab.subarray` asks a Buffer for its memory, offset and length, which V8 does not inline.
  return Buffer.from(memory, start, n);
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
  if (is_mostly_unused(bytes, n) && bytes.length <= LARGEST_SPARE) spare = bytes;
  return result;
}
