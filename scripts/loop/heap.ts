/** Python's `heapq`, for what can say whether it comes before another. */

interface Ordered {
  is_before(other: this): boolean;
}

/** Adds an item; the smallest one stays at the front, and the rest nearly in order: a binary tree. */
export function heappush<T extends Ordered>(heap: T[], item: T): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!item.is_before(heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = item;
}

/** Removes the smallest item and returns it. */
export function heappop<T extends Ordered>(heap: T[]): T {
  const [first] = heap;
  const item = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child + 1 < heap.length && heap[child + 1].is_before(heap[child])) child++;
    if (child >= heap.length || !heap[child].is_before(item)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = item;
  return first;
}
