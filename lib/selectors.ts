/**
 * Python's `selectors` module: which of many sockets are ready, by the best call that the system has.
 *
 * https://docs.python.org/3/library/selectors.html
 */
import type { FileDescriptorLike } from "./core/arguments.ts";
import { OSError, ValueError } from "./core/exceptions.ts";
import { ceil, exact_milliseconds, nanoseconds } from "./core/timeouts.ts";
import { native } from "./native.ts";
import * as select from "./select.ts";
import {
  as_timeout,
  BaseSelectorImpl,
  EVENT_READ,
  EVENT_WRITE,
  not_registered,
} from "./selectors/base.ts";
import type { Ready, SelectorKey } from "./selectors/base.ts";
import { KqueueSelector } from "./selectors/kqueue.ts";

export type { FileDescriptorLike } from "./core/arguments.ts";
export { BaseSelector, EVENT_READ, EVENT_WRITE, SelectorKey } from "./selectors/base.ts";
export type { Ready, SelectorMap } from "./selectors/base.ts";
export { KqueueSelector } from "./selectors/kqueue.ts";

const { POLLIN, POLLOUT } = select;

/**
 * select(2): on every system, for descriptors below 1024, and slower the more there are.
 *
 * Python: `selectors.SelectSelector`.
 */
export class SelectSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends BaseSelectorImpl<Data, File> {
  readonly #readers = new Set<number>();
  readonly #writers = new Set<number>();

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    if ((events & EVENT_READ) !== 0) this.#readers.add(key.fd);
    if ((events & EVENT_WRITE) !== 0) this.#writers.add(key.fd);
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = super.unregister(fileobj);
    this.#readers.delete(key.fd);
    this.#writers.delete(key.fd);
    return key;
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    const seconds = timeout === null ? null : Math.max(as_timeout(timeout), 0);
    const [readers, writers] = select.select(this.#readers, this.#writers, [], seconds);
    const masks = new Map<number, number>();
    for (const fd of readers) masks.set(fd, EVENT_READ);
    for (const fd of writers) masks.set(fd, (masks.get(fd) ?? 0) | EVENT_WRITE);
    const ready: Ready<Data, File>[] = [];
    for (const [fd, mask] of masks) {
      const key = this._keys.by_fd.get(fd);
      if (key !== undefined) ready.push(key._with_mask(mask & key.events));
    }
    return ready;
  }
}

/** The system's object that poll and epoll selectors tell what to watch. */
interface Poller {
  register(fd: number, eventmask: number): void;
  modify(fd: number, eventmask: number): void;
  unregister(fd: number): void;
}

/** What poll and epoll share: they have the same events, by the same numbers. */
abstract class PollLikeSelector<Data, File extends FileDescriptorLike> extends BaseSelectorImpl<
  Data,
  File
> {
  /** @internal */
  protected abstract readonly _poller: Poller;

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    try {
      this._poller.register(key.fd, to_poll_events(events));
    } catch (error) {
      super.unregister(fileobj);
      throw error;
    }
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = super.unregister(fileobj);
    try {
      this._poller.unregister(key.fd);
    } catch (error) {
      // The descriptor was closed since, and the system has forgotten it already.
      if (!(error instanceof OSError)) throw error;
    }
    return key;
  }

  override modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = this._keys.get(fileobj) ?? not_registered(fileobj);
    if (events !== key.events) {
      try {
        this._poller.modify(key.fd, to_poll_events(events));
      } catch (error) {
        super.unregister(fileobj);
        throw error;
      }
    }
    return this._replace(key, events, data);
  }

  /** @internal The first `n` pairs of descriptor and poll events in `pairs`, as select() returns them. */
  protected _ready(pairs: Int32Array, n: number): Ready<Data, File>[] {
    // An array that grows by push has room for seventeen from the first on.
    // oxlint-disable-next-line unicorn/no-new-array -- and Array.from would fill it twice
    const ready = new Array<Ready<Data, File>>(n);
    let count = 0;
    for (let i = 0; i < n; i++) {
      const key = this._keys.by_fd.get(pairs[2 * i]);
      if (key === undefined) continue;
      // Hang-up and error come back as whatever was asked for: the next recv or send says which.
      const happened = pairs[2 * i + 1];
      const mask =
        ((happened & ~POLLIN) !== 0 ? EVENT_WRITE : 0) |
        ((happened & ~POLLOUT) !== 0 ? EVENT_READ : 0);
      ready[count++] = key._with_mask(mask & key.events);
    }
    if (count < n) ready.length = count;
    return ready;
  }
}

function to_poll_events(events: number): number {
  return ((events & EVENT_READ) !== 0 ? POLLIN : 0) | ((events & EVENT_WRITE) !== 0 ? POLLOUT : 0);
}

/**
 * poll(2): for any descriptor, and slower the more there are.
 *
 * Python: `selectors.PollSelector`.
 */
export class PollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends PollLikeSelector<Data, File> {
  /** @internal */
  protected override readonly _poller: select.poll_object = select.poll();

  override select(timeout: number | null = null): Ready<Data, File>[] {
    let milliseconds = -1;
    if (timeout !== null) {
      const seconds = as_timeout(timeout);
      milliseconds = seconds <= 0 ? 0 : exact_milliseconds(ceil(seconds * 1e3));
    }
    const n = this._poller._wait(milliseconds);
    return this._ready(this._poller._ready, n);
  }
}

/**
 * epoll(7): Linux's own, as fast with thousands of descriptors as with one.
 *
 * Python: `selectors.EpollSelector`.
 */
export class EpollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends PollLikeSelector<Data, File> {
  /** @internal */
  protected override readonly _poller: select.epoll = new select.epoll();

  /** The epoll descriptor: itself ready to be read when something is ready in it. */
  fileno(): number {
    return this._poller.fileno();
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    let milliseconds = -1;
    if (timeout !== null) {
      const seconds = as_timeout(timeout);
      // By way of seconds, as Python's goes: 9 ms become 10 on the way, there and here.
      milliseconds =
        seconds <= 0 ? 0 : exact_milliseconds(nanoseconds(ceil(seconds * 1e3) * 1e-3) / 1e6);
    }
    const n = this._poller._wait(milliseconds, this._keys.size || 1);
    return this._ready(this._poller._ready, n);
  }

  override close(): void {
    super.close();
    this._poller.close();
  }
}

/**
 * The best selector of this system: epoll on Linux, kqueue on macOS and the BSDs, else poll. To
 * compare them under one program, the environment variable `IOMUX_SELECTOR` names another: "epoll",
 * "kqueue", "poll" or "select".
 */
export const DefaultSelector: typeof EpollSelector = chosen_selector();
export type DefaultSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> = EpollSelector<Data, File>;

function chosen_selector(): typeof EpollSelector {
  // The best first. To a program the classes are the same.
  const selectors = {
    ...("epoll_create1" in native && { epoll: EpollSelector }),
    ...("kqueue" in native && { kqueue: KqueueSelector }),
    poll: PollSelector,
    select: SelectSelector,
  } as unknown as Record<string, typeof EpollSelector>;
  const name = process.env.IOMUX_SELECTOR ?? Object.keys(selectors)[0];
  if (Object.hasOwn(selectors, name)) return selectors[name];
  const known = Object.keys(selectors).join(", ");
  throw new ValueError(`IOMUX_SELECTOR is '${name}'; this system has ${known}`);
}
