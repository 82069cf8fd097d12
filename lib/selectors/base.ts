/** What all selectors share: keys, events, and the bookkeeping of what is registered. */
import { inspect } from "node:util";

import type { FileDescriptorLike } from "../core/arguments.ts";
import { KeyError, RuntimeError, ValueError } from "../core/exceptions.ts";
import { repr, tuple, type_name } from "../core/repr.ts";
import { end_wait, wait } from "./async.ts";

/** Ready to be read: bytes, a connection to accept, the end of the stream, or an error. */
export const EVENT_READ = 1;
/** Ready to be written: room for bytes, a connection made, or an error. */
export const EVENT_WRITE = 2;

/** A descriptor number, checked: ValueError for what is none and has no usable `fileno()`. */
function fileobj_to_fd(fileobj: unknown): number {
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
 * What is registered for one descriptor. As Python's named tuple: immutable, and iterable in the
 * order fileobj, fd, events, data.
 */
export class SelectorKey<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> {
  /** What was registered. */
  readonly fileobj: File;
  /** Its descriptor, at the time. */
  readonly fd: number;
  /** What it waits for: EVENT_READ, EVENT_WRITE or both. */
  readonly events: number;
  /** What you gave with it, null when nothing. */
  readonly data: Data;
  /** Its tuples with each mask, once they have been wanted: they cannot be changed, so one is enough. */
  #ready: (Ready<Data, File> | undefined)[] | undefined;

  /** The fields, in their order. */
  constructor(fileobj: File, fd: number, events: number, data: Data) {
    this.fileobj = fileobj;
    this.fd = fd;
    this.events = events;
    this.data = data;
    Object.freeze(this);
  }

  /** @internal The tuple of this key and a mask that select() returns. */
  _with_mask(mask: number): Ready<Data, File> {
    // Room for each mask from the start: an array that grows to its index takes three times as much.
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
   * Another key with some fields changed: `key._replace({ events: EVENT_READ })`. TypeError for a
   * field that there is not. Python: `SelectorKey._replace()`.
   */
  _replace(fields: Partial<ReturnType<this["_asdict"]>>): SelectorKey<Data, File> {
    const known: readonly string[] = SelectorKey._fields;
    const unknown = Object.keys(fields).filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new TypeError(`Got unexpected field names: ${repr(unknown)}`);
    const { fileobj, fd, events, data } = { ...this._asdict(), ...fields };
    return new SelectorKey(fileobj, fd, events, data);
  }

  /** How many fields are this value, by `===`. Python: `tuple.count()`. */
  count(value: unknown): number {
    return [...this].filter((field) => field === value).length;
  }

  /** Which field is this value, from `start` and before `stop`; ValueError if none. Python: `tuple.index()`. */
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
  [inspect.custom](): string {
    return this.__repr__();
  }
}

/** What `select()` returns for each ready descriptor: its key, and the events that it is ready for. */
export type Ready<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> = readonly [
  key: SelectorKey<Data, File>,
  mask: number,
];

/**
 * A selector's keys, live and read-only. Python's mapping has a length and `in`: here they are
 * `size` and `has`.
 */
export interface SelectorMap<Data = unknown, File extends FileDescriptorLike = FileDescriptorLike> {
  /** How many are registered. An object is always true: `while (sel.get_map().size > 0)`. */
  readonly size: number;
  /** The key of an object or descriptor, undefined when it is not registered. ValueError as `register`. */
  get(fileobj: FileDescriptorLike): SelectorKey<Data, File> | undefined;
  /** Whether an object or descriptor is registered. ValueError as `register`. */
  has(fileobj: FileDescriptorLike): boolean;
  /** The descriptors. */
  keys(): IterableIterator<number>;
  /** The keys of all that is registered, in the order of `keys()`. */
  values(): IterableIterator<SelectorKey<Data, File>>;
  /** Pairs of descriptor and key. Python: `items()`. */
  entries(): IterableIterator<[number, SelectorKey<Data, File>]>;
  /** The descriptors, as `keys()`. */
  [Symbol.iterator](): IterableIterator<number>;
}

/**
 * What every selector can do. A class of your own may extend it: it needs `register`, `unregister`,
 * `select` and `get_map`.
 *
 * Python: `selectors.BaseSelector`.
 */
export abstract class BaseSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> {
  /**
   * Watches an object with `fileno()`, or a descriptor, for EVENT_READ, EVENT_WRITE or both; `data`
   * comes back in its key. ValueError for other events or an object without a descriptor, KeyError
   * when the descriptor is registered already, OSError when the system refuses it.
   */
  abstract register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File>;

  /** Watches it no more, and returns its key; it may be closed already. KeyError when unknown. */
  abstract unregister(fileobj: File): SelectorKey<Data, File>;

  /**
   * Waits until something is ready and returns it as a list of tuples `[key, mask]`; an empty list
   * when time ran out. `timeout` in seconds: null waits for ever, 0 or less not at all.
   */
  abstract select(timeout?: number | null): Ready<Data, File>[];

  /** The keys by descriptor; null once the selector is closed. */
  abstract get_map(): SelectorMap<Data, File> | null;

  /** Changes the events or the data of something registered. KeyError when it is unknown. */
  modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    this.unregister(fileobj);
    return this.register(fileobj, events, data);
  }

  /** Gives back what the selector holds; the objects registered stay open. */
  close(): void {
    end_wait(this);
  }

  /** The key of something registered. KeyError when unknown, RuntimeError on a closed selector. */
  get_key(fileobj: File): SelectorKey<Data, File> {
    const map = this.get_map();
    if (map === null) throw new RuntimeError("Selector is closed");
    return map.get(fileobj) ?? not_registered(fileobj);
  }

  /**
   * As `select`, but it is Node's event loop that waits: timers, promises and other connections go
   * on meanwhile. The list may be empty before time is out, when what was ready is so no more.
   *
   * Only for a selector with a descriptor of its own (`fileno()`), as epoll and kqueue have one:
   * RuntimeError for the others, and while it waits already. When `signal` is aborted, the promise
   * is rejected with its reason; when the selector is closed, with ValueError.
   */
  async select_async(
    timeout: number | null = null,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Ready<Data, File>[]> {
    return wait(this, timeout, signal);
  }

  /** `for await (const events of sel)`: what is ready, by `select_async`, until the selector is closed. */
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

  /** `using sel = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

export function not_registered(fileobj: unknown): never {
  throw new KeyError(`${repr(fileobj)} is not registered`);
}

/** The bookkeeping that all selectors share: which key stands for which descriptor. */
class Keys<Data, File extends FileDescriptorLike> implements SelectorMap<Data, File> {
  readonly by_fd: Map<number, SelectorKey<Data, File>> = new Map();

  /** The descriptor of an object, even of a closed one as long as it is registered. */
  fd_of(fileobj: unknown): number {
    try {
      return fileobj_to_fd(fileobj);
    } catch (error) {
      for (const key of this.by_fd.values()) if (key.fileobj === fileobj) return key.fd;
      throw error;
    }
  }

  get size(): number {
    return this.by_fd.size;
  }
  get(fileobj: unknown): SelectorKey<Data, File> | undefined {
    return this.by_fd.get(this.fd_of(fileobj));
  }
  has(fileobj: unknown): boolean {
    return this.by_fd.has(this.fd_of(fileobj));
  }
  keys(): IterableIterator<number> {
    return this.by_fd.keys();
  }
  values(): IterableIterator<SelectorKey<Data, File>> {
    return this.by_fd.values();
  }
  entries(): IterableIterator<[number, SelectorKey<Data, File>]> {
    return this.by_fd.entries();
  }
  [Symbol.iterator](): IterableIterator<number> {
    return this.by_fd.keys();
  }
}

/** What this package's own selectors have in common. */
export abstract class BaseSelectorImpl<Data, File extends FileDescriptorLike> extends BaseSelector<
  Data,
  File
> {
  /** @internal */
  protected readonly _keys: Keys<Data, File> = new Keys<Data, File>();
  #closed = false;

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    if (events !== EVENT_READ && events !== EVENT_WRITE && events !== (EVENT_READ | EVENT_WRITE)) {
      throw no_events(events);
    }
    const fd = this._keys.fd_of(fileobj);
    if (this._keys.by_fd.has(fd)) {
      throw new KeyError(`${repr(fileobj)} (FD ${fd}) is already registered`);
    }
    const key = new SelectorKey(fileobj, fd, events, data ?? (null as Data));
    this._keys.by_fd.set(fd, key);
    return key;
  }

  override unregister(fileobj: File): SelectorKey<Data, File> {
    const key = this._keys.get(fileobj) ?? not_registered(fileobj);
    this._keys.by_fd.delete(key.fd);
    return key;
  }

  override modify(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = this._keys.get(fileobj) ?? not_registered(fileobj);
    if (events === key.events) return this._replace(key, events, data);
    this.unregister(fileobj);
    return this.register(fileobj, events, data);
  }

  /** @internal The key with other events and data: the same one when nothing is different. */
  protected _replace(
    key: SelectorKey<Data, File>,
    events: number,
    data: Data = null as Data,
  ): SelectorKey<Data, File> {
    if (events === key.events && data === key.data) return key;
    const changed = new SelectorKey(key.fileobj, key.fd, events, data);
    this._keys.by_fd.set(key.fd, changed);
    return changed;
  }

  override close(): void {
    super.close();
    this._keys.by_fd.clear();
    this.#closed = true;
  }

  override get_map(): SelectorMap<Data, File> | null {
    return this.#closed ? null : this._keys;
  }

  /** `<selectors.EpollSelector object>` */
  __repr__(): string {
    return `<selectors.${this.constructor.name} object>`;
  }
}

/** What Python says of events that are none: `not events or events & ~(EVENT_READ | EVENT_WRITE)`. */
function no_events(events: unknown): Error {
  if (Boolean(events) && !Number.isInteger(events) && typeof events !== "bigint") {
    return new TypeError(`unsupported operand type(s) for &: '${type_name(events)}' and 'int'`);
  }
  return new ValueError(`Invalid events: ${repr(events)}`);
}

/** What Python's comparison with a number lets through; NaN and the infinities are for `ceil`. */
export function as_timeout(timeout: unknown): number {
  if (typeof timeout === "number") return timeout;
  if (typeof timeout === "bigint" || typeof timeout === "boolean") return Number(timeout);
  throw new TypeError(`'<=' not supported between instances of '${type_name(timeout)}' and 'int'`);
}
