/** Deadlines of any number of owners, the next of which select() waits for. */

/** When something is due, in seconds of `now()`. */
type Entry<Owner> = { readonly at: number; readonly owner: Owner };

/** Seconds on a clock that nobody sets. */
export function now(): number {
  return performance.now() / 1000;
}

/** One heap, the earliest deadline first. An owner has one deadline at a time. */
export class Deadlines<Owner> {
  readonly #heap: Entry<Owner>[] = [];
  readonly #entries = new Map<Owner, Entry<Owner>>();

  /** The earliest deadline, or Infinity. */
  get next(): number {
    this.#discard();
    return this.#heap.length === 0 ? Infinity : this.#heap[0].at;
  }

  /** Sets an owner's deadline, instead of the one before. */
  set(owner: Owner, at: number): void {
    if (this.#entries.get(owner)?.at === at) return;
    const entry = { at, owner };
    this.#entries.set(owner, entry);
    this.#push(entry);
    // The one before stays in the heap until it comes to the top. Connections that come and go would
    // fill it with such entries. What is sorted is a heap.
    if (this.#heap.length > 2 * this.#entries.size + 64) {
      const valid = [...this.#entries.values()];
      this.#heap.splice(0, Infinity, ...valid.toSorted((one, other) => one.at - other.at));
    }
  }

  /** The owner has no deadline any more. */
  delete(owner: Owner): void {
    this.#entries.delete(owner);
  }

  /** Takes out an owner whose deadline has come; null when there is none. */
  expired(time: number): Owner | null {
    if (this.next > time) return null;
    const { owner } = this.#pop();
    this.#entries.delete(owner);
    return owner;
  }

  #discard(): void {
    while (this.#heap.length > 0 && this.#entries.get(this.#heap[0].owner) !== this.#heap[0]) {
      this.#pop();
    }
  }

  #push(entry: Entry<Owner>): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above].at <= entry.at) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): Entry<Owner> {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) below++;
      if (heap[below].at >= last.at) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = last;
    return top;
  }
}
