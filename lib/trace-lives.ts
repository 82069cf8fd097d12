/**
 * The lives of descriptors: a number that was closed is given again, and the recording tells the
 * third fd 7 from the first. Also what each poller was asked to watch.
 */
import { native } from "./native.ts";
import type { Interest, Life } from "./recording.ts";
import { EVENT_READ, EVENT_WRITE } from "./selectors-base.ts";

const { EPOLL_CTL_DEL, POLLIN, POLLOUT } = native.constants;

/** READ and WRITE of the events of poll(2) and epoll(7). */
function as_selector_mask(events: number): number {
  return ((events & POLLIN) !== 0 ? EVENT_READ : 0) | ((events & POLLOUT) !== 0 ? EVENT_WRITE : 0);
}

export class Lives {
  readonly #living = new Map<number, number>();
  #last = 0;
  /** What epoll descriptors watch: by their own life, then by descriptor. */
  readonly #watched = new Map<number, Map<number, Interest>>();
  /** The interest that was last told of, by poller; "" for poll and select. */
  readonly #told = new Map<number | "", string>();

  /** A descriptor that has just been made. */
  begin(fd: number, what: Life["what"], peer?: unknown): Life {
    const life = ++this.#last;
    this.#living.set(fd, life);
    return { fd, life, what, ...(peer !== undefined && { peer }) };
  }

  /** The life of a descriptor now: a new one, if it was there before the recording began. */
  of(fd: number): number {
    return this.#living.get(fd) ?? this.begin(fd, "other").life;
  }

  /** A descriptor was closed: which epoll forgets by itself. */
  end(fd: number): number {
    const life = this.of(fd);
    this.#living.delete(fd);
    this.#watched.delete(life);
    for (const watched of this.#watched.values()) {
      if (watched.get(fd)?.[1] === life) watched.delete(fd);
    }
    return life;
  }

  /** An epoll_ctl(2) that succeeded. */
  control(epfd: number, operation: number, fd: number, events: number): void {
    const poller = this.of(epfd);
    let watched = this.#watched.get(poller);
    if (watched === undefined) this.#watched.set(poller, (watched = new Map()));
    if (operation === EPOLL_CTL_DEL) watched.delete(fd);
    else watched.set(fd, [fd, this.of(fd), as_selector_mask(events)]);
  }

  /** What an epoll descriptor watches. */
  watched_by(epfd: number): Interest[] {
    return [...(this.#watched.get(this.of(epfd))?.values() ?? [])];
  }

  /** Pairs of descriptor and events, with the life between; `as_mask` makes READ and WRITE of the events. */
  interest(pairs: Int32Array, count: number, as_mask: boolean): Interest[] {
    return Array.from({ length: count }, (_, index) => {
      const fd = pairs[2 * index];
      const events = pairs[2 * index + 1];
      return [fd, this.of(fd), as_mask ? as_selector_mask(events) : events];
    });
  }

  /** The same interest, or undefined if it is what was told of this poller the last time. */
  news(poller: number | "", interest: readonly Interest[]): readonly Interest[] | undefined {
    const text = JSON.stringify(interest);
    if (this.#told.get(poller) === text) return undefined;
    this.#told.set(poller, text);
    return interest;
  }
}
