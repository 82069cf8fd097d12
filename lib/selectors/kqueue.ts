/** The selector of macOS and the BSDs. */
import type { FileDescriptorLike } from "../core/arguments.ts";
import { OSError } from "../core/exceptions.ts";
import { native } from "../native.ts";
import {
  kevent,
  kqueue,
  KQ_EV_ADD,
  KQ_EV_DELETE,
  KQ_FILTER_READ,
  KQ_FILTER_WRITE,
} from "../select/kqueue.ts";
import { as_timeout, BaseSelectorImpl, EVENT_READ, EVENT_WRITE } from "./base.ts";
import type { Ready, SelectorKey } from "./base.ts";

/**
 * kqueue(2): as fast with thousands of descriptors as with one. Undefined where the system has none.
 *
 * Python: `selectors.KqueueSelector`.
 */
class KqueueSelectorClass<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends BaseSelectorImpl<Data, File> {
  static override readonly name: string = "KqueueSelector";

  readonly #kqueue = new kqueue();
  /** How many filters there are: one descriptor may have two, and each is an event of its own. */
  #filters = 0;

  /** The kqueue descriptor: itself ready to be read when something is ready in it. */
  fileno(): number {
    return this.#kqueue.fileno();
  }

  override register(fileobj: File, events: number, data?: Data): SelectorKey<Data, File> {
    const key = super.register(fileobj, events, data);
    try {
      for (const filter of filters_of(events)) {
        this.#kqueue.control([new kevent(key.fd, filter, KQ_EV_ADD)], 0, 0);
        this.#filters++;
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
      this.#filters--;
      try {
        this.#kqueue.control([new kevent(key.fd, filter, KQ_EV_DELETE)], 0, 0);
      } catch (error) {
        // The descriptor was closed since, and the system has forgotten it already.
        if (!(error instanceof OSError)) throw error;
      }
    }
    return key;
  }

  override select(timeout: number | null = null): Ready<Data, File>[] {
    const seconds = timeout === null ? null : Math.max(as_timeout(timeout), 0);
    // Asked for no events at all, kevent(2) would not wait.
    const events = this.#kqueue.control(null, this.#filters || 1, seconds);
    const masks = new Map<number, number>();
    for (const { ident, filter } of events) {
      const event = filter === KQ_FILTER_READ ? EVENT_READ : EVENT_WRITE;
      masks.set(Number(ident), (masks.get(Number(ident)) ?? 0) | event);
    }
    const ready: Ready<Data, File>[] = [];
    for (const [fd, mask] of masks) {
      const key = this._keys.by_fd.get(fd);
      if (key !== undefined) ready.push(key._with_mask(mask & key.events));
    }
    return ready;
  }

  override close(): void {
    super.close();
    this.#kqueue.close();
  }
}

function filters_of(events: number): number[] {
  const filters: number[] = [];
  if ((events & EVENT_READ) !== 0) filters.push(KQ_FILTER_READ);
  if ((events & EVENT_WRITE) !== 0) filters.push(KQ_FILTER_WRITE);
  return filters;
}

/** kqueue(2)'s selector; undefined where the system has no kqueue. Python: `selectors.KqueueSelector`. */
export const KqueueSelector: typeof KqueueSelectorClass = (
  "kqueue" in native ? KqueueSelectorClass : undefined
) as typeof KqueueSelectorClass;
export type KqueueSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> = KqueueSelectorClass<Data, File>;
