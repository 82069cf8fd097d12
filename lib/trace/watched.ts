/** Attributes of `key.data` whose changes are recorded. */
import { repr } from "../core/repr.ts";
import { bytes_of, preview } from "./copies.ts";
import type { Call, Watched } from "./recording.ts";

interface Key {
  readonly fd: number;
  readonly data: unknown;
}

export class WatchedAttributes {
  readonly names: readonly string[];
  /** The keys that the last select() returned, by descriptor. */
  keys: ReadonlyMap<number, Key> = new Map();
  readonly #told = new WeakMap<object, Map<string, unknown>>();

  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** What has changed in the attributes of a descriptor's key, or of all keys for null, by descriptor. */
  changes(fd: number | null | undefined): Call["watched"] {
    if (this.names.length === 0 || fd === undefined) return undefined;
    const keys = fd === null ? [...this.keys.values()] : [this.keys.get(fd)];
    const changes: Record<string, Record<string, Watched>> = {};
    for (const key of keys) {
      if (typeof key?.data !== "object" || key.data === null) continue;
      const changed = this.#changes_in(key.data as Record<string, unknown>);
      if (changed !== null) changes[key.fd] = changed;
    }
    return Object.keys(changes).length === 0 ? undefined : changes;
  }

  #changes_in(data: Record<string, unknown>): Record<string, Watched> | null {
    let told = this.#told.get(data);
    if (told === undefined) this.#told.set(data, (told = new Map()));
    let changes: Record<string, Watched> | null = null;
    for (const name of this.names) {
      if (!(name in data)) continue;
      const value = data[name];
      if (told.has(name) && told.get(name) === value) continue;
      told.set(name, value);
      changes ??= {};
      changes[name] = ArrayBuffer.isView(value)
        ? { bytes: value.byteLength, data: preview(bytes_of(value)) }
        : { value: repr(value).slice(0, 100) };
    }
    return changes;
  }
}
