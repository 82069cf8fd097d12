/**
 * Python's `select` module: the system's readiness calls as they are. `iomux/selectors` is built on
 * them, and easier to use.
 *
 * https://docs.python.org/3/library/select.html
 */
import { as_fd } from "./core/arguments.ts";
import type { FileDescriptorLike } from "./core/arguments.ts";
import { os_error, ValueError } from "./core/exceptions.ts";
import { begin_wait, time_left, was_interrupted } from "./core/interrupt.ts";
import { tuple } from "./core/repr.ts";
import { native } from "./native.ts";
import { to_microseconds } from "./select/wait.ts";

export type { FileDescriptorLike } from "./core/arguments.ts";
export { OSError as error } from "./core/exceptions.ts";
export * from "./select/epoll.ts";
export * from "./select/kevent.ts";
export * from "./select/kqueue.ts";
export * from "./select/poll.ts";

/** The most bytes that a pipe takes atomically. pipe(7) */
export const PIPE_BUF: number = native.constants.PIPE_BUF;

const FD_SETSIZE: number = native.constants.FD_SETSIZE;

/**
 * Waits until some of the descriptors (or objects with `fileno()`) can be read, can be written, or
 * have an exceptional condition, and returns these as three lists. `timeout` is in seconds, null to
 * wait forever; ValueError if it is negative, and for descriptors from FD_SETSIZE (1024) on.
 * select(2)
 */
export function select<
  R extends FileDescriptorLike,
  W extends FileDescriptorLike,
  X extends FileDescriptorLike,
>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout: number | null = null,
): readonly [R[], W[], X[]] {
  const microseconds = to_microseconds(timeout);
  const [readers, writers, exceptional] = [as_set(rlist), as_set(wlist), as_set(xlist)];
  const [r, w, x] = [readers.fds.slice(), writers.fds.slice(), exceptional.fds.slice()];
  const deadline = begin_wait(microseconds < 0 ? -1 : microseconds / 1e3);
  let n = native.select(r, r.length, w, w.length, x, x.length, microseconds);
  while (was_interrupted(n)) {
    const left = time_left(deadline);
    n = native.select(r, r.length, w, w.length, x, x.length, left < 0 ? -1 : left * 1e3);
  }
  if (n < 0) throw os_error(n);
  return tuple([ready_of(readers, r), ready_of(writers, w), ready_of(exceptional, x)]);
}

/** One of select's lists, and the descriptors of its items. */
interface WatchedSet<T> {
  readonly items: readonly T[];
  readonly fds: Int32Array;
}

function as_set<T>(list: Iterable<T>): WatchedSet<T> {
  if (typeof (list as Iterable<T> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError("arguments 1-3 must be sequences");
  }
  const items: T[] = [];
  const fds: number[] = [];
  // Over the list itself: as in Python, a `fileno()` may remove what is not to be waited for.
  for (const item of list) {
    const fd = as_fd(item);
    if (fd >= FD_SETSIZE) throw new ValueError("filedescriptor out of range in select()");
    if (fds.length === FD_SETSIZE) throw new ValueError("too many file descriptors in select()");
    items.push(item);
    fds.push(fd);
  }
  return { items, fds: Int32Array.from(fds) };
}

/** The items whose descriptors the system has kept, in order. */
function ready_of<T>({ items, fds }: WatchedSet<T>, kept: Int32Array): T[] {
  let next = 0;
  return items.filter((_, index) => {
    const is_ready = next < kept.length && fds[index] === kept[next];
    if (is_ready) next++;
    return is_ready;
  });
}
