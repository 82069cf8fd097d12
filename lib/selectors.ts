/**
 * Python's `selectors` module: waits for many sockets by the best call that the system has.
 *
 * This file is long because it reads beside CPython's Lib/selectors.py: the same classes and methods
 * in the same order, under the same internal names. What CPython's has not is in selectors/async.ts.
 *
 * https://docs.python.org/3/library/selectors.html
 */
import type { FileDescriptorLike } from "./core/arguments.ts";
import { KeyError, OSError, RuntimeError, ValueError } from "./core/exceptions.ts";
import { inspect_custom, repr, tuple } from "./core/repr.ts";
import { ceil, exact_milliseconds, nanoseconds } from "./core/timeouts.ts";
import { native } from "./native.ts";
import * as select from "./select.ts";
import { as_timeout, invalid_events, not_registered } from "./selectors/arguments.ts";
import { end_wait, wait } from "./selectors/async.ts";

export type { FileDescriptorLike } from "./core/arguments.ts";

/** Ready to be read: bytes, a connection to accept, the end of the stream, or an error. */
export const EVENT_READ = 1;
/** Ready to be written: room for bytes, a connection made, or an error. */
export const EVENT_WRITE = 2;

/** The descriptor of a file object: a number, or what its `fileno()` returns. ValueError for anything else. */
function _fileobj_to_fd(fileobj: unknown): number {
  let fd: unknown = fileobj;
  if (typeof fileobj !== "number" || !Number.isInteger(fileobj)) {
    const fileno = (fileobj as { fileno?: unknown } | null | undefined)?.fileno;
    if (typeof fileno !== "function") throw new ValueError(`Invalid file object: ${repr(fileobj)}`);
    fd = fileno.call(fileobj);
  }
  if (typeof fd !== "number" || !Number.isInteger(fd)) {
    throw new ValueError(`Invalid file object: ${repr(fileobj)}`);
  }
  if (fd < 0) throw new ValueError(`Invalid file descriptor: ${fd}`);
  return fd;
}

/**
 * What is registered for one descriptor. Like Python's named tuple, it is immutable and iterates over
 * fileobj, fd, events and data.
 */
export class SelectorKey<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> {
  /** The object that was registered. */
  readonly fileobj: File;
  /** Its descriptor when it was registered. */
  readonly fd: number;
  /** What it waits for: EVENT_READ, EVENT_WRITE or both. */
  readonly events: number;
  /** The data given to `register`, null by default. */
  readonly data: Data;
  /** The tuples that `select` has returned, by mask: they are immutable, so it returns them again. */
  #ready: (Ready<Data, File> | undefined)[] | undefined;

  /** A key with these fields. */
  constructor(fileobj: File, fd: number, events: number, data: Data) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
    Object.freeze(this);
  }

  /** @internal The tuple of this key and a mask, for `select` to return. */
  _with_mask(mask: number): Ready<Data, File> {
    // With room for each mask: an array that grows to its index takes three times the memory.
    const ready = (this.#ready ??= [undefined, undefined, undefined, undefined]);
    return (ready[mask] ??= Object.freeze([this, mask] as const));
  }

  /** The names of the fields, in their order. Python: `SelectorKey._fields`. */
  static readonly _fields: readonly ["fileobj", "fd", "events", "data"] = tuple([
    "fileobj",
    "fd",
    "events",
    "data",
  ]);

  /** The fields by their names, as a plain object. Python: `SelectorKey._asdict()`. */
  _asdict(): { fileobj: File; fd: number; events: number; data: Data } {
    return { fileobj: this.fileobj, fd: this.fd, events: this.events, data: this.data };
  }

  /**
   * A new key with some fields changed: `key._replace({ events: EVENT_READ })`. TypeError for an
   * unknown field. Python: `SelectorKey._replace()`.
   */
  _replace(fields: Partial<ReturnType<this["_asdict"]>>): SelectorKey<Data, File> {
    const known: readonly string[] = SelectorKey._fields;
    const unknown = Object.keys(fields).filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new TypeError(`Got unexpected field names: ${repr(unknown)}`);
    const { fileobj, fd, events, data } = { ...this._asdict(), ...fields };
    return new SelectorKey(fileobj, fd, events, data);
  }

  /** How many fields are `===` this value. Python: `tuple.count()`. */
  count(value: unknown): number {
    return [...this].filter((field) => field === value).length;
  }

  /** The index of the first field that is this value; ValueError if there is none. Python: `tuple.index()`. */
  index(value: unknown, start: number = 0, stop: number = 4): number {
    const found = [...this].slice(0, stop).indexOf(value, start);
    if (found < 0) throw new ValueError("tuple.index(x): x not in tuple");
    return found;
  }

  /** The fields, in their order: `const [fileobj, fd, events, data] = key`. */
  *[Symbol.iterator](): Generator<unknown, void, undefined> {
    yield this.fileobj;
    yield this.fd;
    yield this.events;
    yield this.data;
  }

  /** `SelectorKey(fileobj=3, fd=3, events=1, data=None)` */
  __repr__(): string {
    const [fileobj, data] = [repr(this.fileobj), repr(this.data)];
    return `SelectorKey(fileobj=${fileobj}, fd=${this.fd}, events=${this.events}, data=${data})`;
  }

  /** The same as `__repr__()`. */
  toString(): string {
    return this.__repr__();
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect_custom](): string {
    return this.__repr__();
  }
}

/** What `select()` returns for each ready descriptor: its key and the events it is ready for. */
export type Ready<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> = readonly [
  key: SelectorKey<Data, File>,
  mask: number,
];

/** A live, read-only view of a selector's keys. `size` and `has` are Python's `len()` and `in`. */
export interface SelectorMap<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> {
  /** How many are registered. An object is always truthy: write `while (sel.get_map().size > 0)`. */
  readonly size: number;
  /** The key of an object or descriptor, undefined if it is not registered. ValueError as in `register`. */
  get(fileobj: FileDescriptorLike): SelectorKey<Data, File> | undefined;
  /** Whether an object or descriptor is registered. ValueError as in `register`. */
  has(fileobj: FileDescriptorLike): boolean;
  /** The descriptors. */
  keys(): IterableIterator<number>;
  /** The keys, in the order of `keys()`. */
  values(): IterableIterator<SelectorKey<Data, File>>;
  /** Pairs of descriptor and key. Python: `items()`. */
  entries(): IterableIterator<[number, SelectorKey<Data, File>]>;
  /** The descriptors, as `keys()`. */
  [Symbol.iterator](): IterableIterator<number>;
}

/** Maps file objects to selector keys, for `get_map()`. */
class _SelectorMapping<Data, File extends FileDescriptorLike> implements SelectorMap<Data, File> {
  readonly _selector: _BaseSelectorImpl<Data, File>;

  constructor(selector: _BaseSelectorImpl<Data, File>) {
    this._selector = selector;
  }

  get size(): number {
    return this._selector._fd_to_key.size;
  }

  get(fileobj: unknown): SelectorKey<Data, File> | undefined {
    return this._selector._fd_to_key.get(this._selector._fileobj_lookup(fileobj));
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this._selector._fd_to_key.keys();
  }

  has(fileobj: unknown): boolean {
    return this._selector._fd_to_key.has(this._selector._fileobj_lookup(fileobj));
  }

  keys(): IterableIterator<number> {
    return this._selector._fd_to_key.keys();
  }

  values(): IterableIterator<SelectorKey<Data, File>> {
    return this._selector._fd_to_key.values();
  }

  entries(): IterableIterator<[number, SelectorKey<Data, File>]> {
    return this._selector._fd_to_key.entries();
  }
}

/**
 * The base class of all selectors. A subclass needs `register`, `unregister`, `select` and `get_map`.
 *
 * Python: `selectors.BaseSelector`.
 */
export abstract class BaseSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> {
  /**
   * Watches a descriptor, or an object with `fileno()`, for EVENT_READ, EVENT_WRITE or both; `data`
   * comes back in its key. ValueError for other events or an object without a descriptor, KeyError
   * if the descriptor is already registered, OSError if the system refuses it.
   */
  abstract register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;

  /** Stops watching an object, which may be closed already, and returns its key. KeyError if it is unknown. */
  abstract unregister(fileobj: File): SelectorKey<Data, File>;

  /** Changes the events or the data of a registered object. KeyError if it is unknown. */
  modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    this.unregister(fileobj);
    return this.register(fileobj, events, data);
  }

  /**
   * Waits until something is ready, and returns a list of tuples `[key, mask]`; after a timeout, an
   * empty list. `timeout` is in seconds: null waits forever, 0 or less does not wait.
   */
  abstract select(timeout?: number | null): Ready<Data, File>[];

  /** Closes the selector; the registered objects stay open. */
  close(): void {
    end_wait(this);
  }

  /** The key of a registered object. KeyError if it is unknown, RuntimeError on a closed selector. */
  get_key(fileobj: File): SelectorKey<Data, File> {
    const map = this.get_map();
    if (map === null) throw new RuntimeError("Selector is closed");
    return map.get(fileobj) ?? not_registered(fileobj);
  }

  /** The keys by descriptor; null once the selector is closed. */
  abstract get_map(): SelectorMap<Data, File> | null;

  /** `using sel = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Like `select`, but Node's event loop waits: timers, promises and other connections go on. The
   * list may be empty before the timeout, if what was ready no longer is.
   *
   * RuntimeError for a selector without a descriptor (`fileno()`), which only epoll and kqueue have,
   * and for one that is already waiting. When `signal` is aborted, the promise is rejected with its
   * reason; when the selector is closed, with ValueError.
   */
  async select_async(
    timeout: number | null = null,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Ready<Data, File>[]> {
    return wait(this, timeout, signal, this instanceof _BaseSelectorImpl);
  }

  /** `for await (const events of sel)`: yields what is ready, until the selector is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Ready<Data, File>[], void, undefined> {
    while (this.get_map() !== null) {
      let ready: Ready<Data, File>[];
      try {
        ready = await this.select_async();
      } catch (error) {
        if (this.get_map() === null) return;
        throw error;
      }
      yield ready;
    }
  }
}

/** The bookkeeping that all selectors of this module share. */
abstract class _BaseSelectorImpl<Data, File extends FileDescriptorLike> extends BaseSelector<
  Data,
  File
> {
  /** @internal */
  readonly _fd_to_key: Map<number, SelectorKey<Data, File>> = new Map();
  /** @internal What `get_map()` returns. */
  protected _map: SelectorMap<Data, File> | null = new _SelectorMapping(this);

  /** @internal The descriptor of an object; of a closed one, as long as it is registered. */
  _fileobj_lookup(fileobj: unknown): number {
    try {
      return _fileobj_to_fd(fileobj);
    } catch (error) {
      for (const key of this._fd_to_key.values()) if (key.fileobj === fileobj) return key.fd;
      throw error;
    }
  }

  override register(
    fileobj: File,
    events: number,
    data: Data = null as Data,
  ): SelectorKey<Data, File> {
    if (events !== EVENT_READ && events !== EVENT_WRITE && events !== (EVENT_READ | EVENT_WRITE)) {
      throw invalid_events(events);
    }
    const key = new SelectorKey(fileobj, this._fileobj_lookup(fileobj), events, data);
    if (this._fd_to_key.has(key.fd)) {
      throw new KeyError(`${repr(fileobj)} (FD ${key.fd}) is already registered`);
    }
    this._fd_to_key.set(key.fd, key);
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = this._fd_to_key.get(this._fileobj_lookup(fileobj)) ?? not_registered(fileobj);
    this._fd_to_key.delete(key.fd);
    return key;
  }

  override modify(
    fileobj: File,
    events: number,
    data: Data = null as Data,
  ): SelectorKey<Data, File> {
    let key = this._fd_to_key.get(this._fileobj_lookup(fileobj)) ?? not_registered(fileobj);
    if (events !== key.events) {
      this.unregister(fileobj);
      key = this.register(fileobj, events, data);
    } else if (data !== key.data) {
      key = new SelectorKey(key.fileobj, key.fd, events, data);
      this._fd_to_key.set(key.fd, key);
    }
    return key;
  }

  override close(): void {
    super.close();
    this._fd_to_key.clear();
    this._map = null;
  }

  override get_map(): SelectorMap<Data, File> | null {
    return this._map;
  }

  /** @internal */
  protected _key_from_fd(fd: number): SelectorKey<Data, File> | undefined {
    return this._fd_to_key.get(fd);
  }

  /** `<selectors.EpollSelector object>` */
  __repr__(): string {
    return `<selectors.${this.constructor.name} object>`;
  }
}

/**
 * select(2): on every system, but only for descriptors below 1024; slower the more there are.
 *
 * Python: `selectors.SelectSelector`.
 */
export class SelectSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends _BaseSelectorImpl<Data, File> {
  /** @internal */
  protected readonly _readers: Set<number> = new Set();
  /** @internal */
  protected readonly _writers: Set<number> = new Set();

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    if ((events & EVENT_READ) !== 0) this._readers.add(key.fd);
    if ((events & EVENT_WRITE) !== 0) this._writers.add(key.fd);
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = super.unregister(fileobj);
    this._readers.delete(key.fd);
    this._writers.delete(key.fd);
    return key;
  }

  /** @internal */
  protected readonly _select: typeof select.select = select.select;

  override select(timeout: number | null = null): Ready<Data, File>[] {
    const seconds = timeout === null ? null : Math.max(as_timeout(timeout), 0);
    const [r, w] = this._select(this._readers, this._writers, [], seconds);
    const masks = new Map<number, number>();
    for (const fd of r) masks.set(fd, EVENT_READ);
    for (const fd of w) masks.set(fd, (masks.get(fd) ?? 0) | EVENT_WRITE);
    const ready: Ready<Data, File>[] = [];
    for (const [fd, events] of masks) {
      const key = this._key_from_fd(fd);
      if (key !== undefined) ready.push(key._with_mask(events & key.events));
    }
    return ready;
  }
}

/** What poll and epoll share. */
abstract class _PollLikeSelector<Data, File extends FileDescriptorLike> extends _BaseSelectorImpl<
  Data,
  File
> {
  /** @internal */
  protected abstract readonly _selector: select.poll_object | select.epoll;
  /** @internal */
  protected abstract readonly _EVENT_READ: number;
  /** @internal */
  protected abstract readonly _EVENT_WRITE: number;

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    const poller_events =
      (events & EVENT_READ && this._EVENT_READ) | (events & EVENT_WRITE && this._EVENT_WRITE);
    try {
      this._selector.register(key.fd, poller_events);
    } catch (error) {
      super.unregister(fileobj);
      throw error;
    }
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = super.unregister(fileobj);
    try {
      this._selector.unregister(key.fd);
    } catch (error) {
      // The descriptor has been closed since it was registered.
      if (!(error instanceof OSError)) throw error;
    }
    return key;
  }

  override modify(
    fileobj: File,
    events: number,
    data: Data = null as Data,
  ): SelectorKey<Data, File> {
    let key = this._fd_to_key.get(this._fileobj_lookup(fileobj)) ?? not_registered(fileobj);
    if (events !== key.events) {
      const selector_events =
        (events & EVENT_READ && this._EVENT_READ) | (events & EVENT_WRITE && this._EVENT_WRITE);
      try {
        this._selector.modify(key.fd, selector_events);
      } catch (error) {
        super.unregister(fileobj);
        throw error;
      }
    }
    if (events !== key.events || data !== key.data) {
      key = new SelectorKey(key.fileobj, key.fd, events, data);
      this._fd_to_key.set(key.fd, key);
    }
    return key;
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    let milliseconds = -1;
    if (timeout !== null) {
      const seconds = as_timeout(timeout);
      milliseconds = seconds <= 0 ? 0 : exact_milliseconds(ceil(seconds * 1e3));
    }
    const n = this._selector._wait(milliseconds);
    return this._ready(this._selector._ready, n);
  }

  /** @internal The loop in which `select` ends: over the first `n` pairs of descriptor and events. */
  protected _ready(fd_events: Int32Array, n: number): Ready<Data, File>[] {
    const not_read = ~this._EVENT_READ;
    const not_write = ~this._EVENT_WRITE;
    // An array that grows by push starts with room for seventeen.
    // oxlint-disable-next-line unicorn/no-new-array -- and Array.from would fill it twice
    const ready = new Array<Ready<Data, File>>(n);
    let count = 0;
    for (let i = 0; i < n; i++) {
      const key = this._key_from_fd(fd_events[2 * i]);
      if (key === undefined) continue;
      const event = fd_events[2 * i + 1];
      // Hang-up and error count as whatever was asked for: the next recv or send says which.
      const events = (event & not_read && EVENT_WRITE) | (event & not_write && EVENT_READ);
      ready[count++] = key._with_mask(events & key.events);
    }
    if (count < n) ready.length = count;
    return ready;
  }
}

/**
 * poll(2): for any descriptor; slower the more there are.
 *
 * Python: `selectors.PollSelector`.
 */
export class PollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends _PollLikeSelector<Data, File> {
  /** @internal */
  protected override readonly _selector: select.poll_object = select.poll();
  /** @internal */
  protected override readonly _EVENT_READ: number = select.POLLIN;
  /** @internal */
  protected override readonly _EVENT_WRITE: number = select.POLLOUT;
}

/** epoll(7): as fast with thousands of descriptors as with one. */
class EpollSelectorClass<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends _PollLikeSelector<Data, File> {
  static override readonly name: string = "EpollSelector";

  /** @internal */
  protected override readonly _selector: select.epoll = new select.epoll();
  /** @internal */
  protected override readonly _EVENT_READ: number = select.EPOLLIN;
  /** @internal */
  protected override readonly _EVENT_WRITE: number = select.EPOLLOUT;

  /** The epoll descriptor, which can be read when something is ready in it. */
  fileno(): number {
    return this._selector.fileno();
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    let milliseconds = -1;
    if (timeout !== null) {
      const seconds = as_timeout(timeout);
      // By way of seconds, as in CPython: both make 10 ms out of 9.
      milliseconds =
        seconds <= 0 ? 0 : exact_milliseconds(nanoseconds(ceil(seconds * 1e3) * 1e-3) / 1e6);
    }
    // epoll_wait(2) wants room for an event, even if nothing is registered.
    const max_ev = this._fd_to_key.size || 1;
    const n = this._selector._wait(milliseconds, max_ev);
    return this._ready(this._selector._ready, n);
  }

  override close(): void {
    super.close();
    this._selector.close();
  }
}

/** epoll(7)'s selector; undefined where the system has no epoll. Python: `selectors.EpollSelector`. */
export const EpollSelector: typeof EpollSelectorClass = (
  _can_use("epoll") ? EpollSelectorClass : undefined
) as typeof EpollSelectorClass;
export type EpollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> = EpollSelectorClass<Data, File>;

// DevpollSelector is missing: Node does not run on Solaris.

/** kqueue(2): as fast with thousands of descriptors as with one. */
class KqueueSelectorClass<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends _BaseSelectorImpl<Data, File> {
  static override readonly name: string = "KqueueSelector";

  /** @internal */
  protected readonly _selector: select.kqueue = new select.kqueue();
  /** @internal How many filters there are: up to two for a descriptor. */
  protected _max_events = 0;

  /** The kqueue descriptor, which can be read when something is ready in it. */
  fileno(): number {
    return this._selector.fileno();
  }

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    try {
      for (const filter of filters_of(events)) {
        const kev = new select.kevent(key.fd, filter, select.KQ_EV_ADD);
        this._selector.control([kev], 0, 0);
        this._max_events++;
      }
    } catch (error) {
      super.unregister(fileobj);
      throw error;
    }
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = super.unregister(fileobj);
    for (const filter of filters_of(key.events)) {
      const kev = new select.kevent(key.fd, filter, select.KQ_EV_DELETE);
      this._max_events--;
      try {
        this._selector.control([kev], 0, 0);
      } catch (error) {
        // The descriptor has been closed since it was registered.
        if (!(error instanceof OSError)) throw error;
      }
    }
    return key;
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    const seconds = timeout === null ? null : Math.max(as_timeout(timeout), 0);
    // Without room for an event, kevent(2) would not wait.
    const max_ev = this._max_events || 1;
    const kev_list = this._selector.control(null, max_ev, seconds);
    const masks = new Map<number, number>();
    for (const { ident, filter } of kev_list) {
      const event = filter === select.KQ_FILTER_READ ? EVENT_READ : EVENT_WRITE;
      masks.set(Number(ident), (masks.get(Number(ident)) ?? 0) | event);
    }
    const ready: Ready<Data, File>[] = [];
    for (const [fd, events] of masks) {
      const key = this._key_from_fd(fd);
      if (key !== undefined) ready.push(key._with_mask(events & key.events));
    }
    return ready;
  }

  override close(): void {
    super.close();
    this._selector.close();
  }
}

function filters_of(events: number): number[] {
  const filters: number[] = [];
  if ((events & EVENT_READ) !== 0) filters.push(select.KQ_FILTER_READ);
  if ((events & EVENT_WRITE) !== 0) filters.push(select.KQ_FILTER_WRITE);
  return filters;
}

/** kqueue(2)'s selector; undefined where the system has no kqueue. Python: `selectors.KqueueSelector`. */
export const KqueueSelector: typeof KqueueSelectorClass = (
  _can_use("kqueue") ? KqueueSelectorClass : undefined
) as typeof KqueueSelectorClass;
export type KqueueSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> = KqueueSelectorClass<Data, File>;

/** Whether the system has a call: the addon has those that it found when it was built. */
function _can_use(method: string): boolean {
  return (method === "epoll" ? "epoll_create1" : method) in native;
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
  // The best first. A Linux with a kqueue library has both. To a program the classes are the same.
  const selectors = {
    epoll: EpollSelector,
    kqueue: KqueueSelector,
    poll: PollSelector,
    select: SelectSelector,
  } as unknown as Record<string, typeof EpollSelector>;
  const usable = Object.keys(selectors).filter(_can_use);
  const name = process.env.IOMUX_SELECTOR ?? usable[0];
  if (usable.includes(name)) return selectors[name];
  throw new ValueError(`IOMUX_SELECTOR is '${name}'; this system has ${usable.join(", ")}`);
}
