/**
 * The lives of descriptors: the kernel reuses the number of a closed one, and a recording tells the third
 * fd 7 from the first. Also what each poller was asked to watch.
 */
import { native } from "../native.ts";
import { EVENT_READ, EVENT_WRITE } from "../selectors.ts";
import type { Interest, Life, Wake } from "./recording.ts";

const { EPOLL_CTL_DEL, POLLIN, POLLOUT } = native.constants;
/** These numbers are the same on all systems with kqueue. kevent(2) */
const [EVFILT_READ, EV_DELETE] = [-1, 2];

/** READ and WRITE of the events of poll(2) and epoll(7). */
function as_selector_mask(events: number): number {
  return ((events & POLLIN) !== 0 ? EVENT_READ : 0) | ((events & POLLOUT) !== 0 ? EVENT_WRITE : 0);
}

export class Lives {
  readonly #living = new Map<number, number>();
  #last = 0;
  /** What epoll descriptors and kqueues watch: by their own life, then by descriptor. */
  readonly #watched = new Map<number, Map<number, Interest>>();
  /** The pollers whose watched set has changed since it was last written. */
  readonly #changed = new Set<number>();
  /** What poll or select was last asked. */
  #asked = "";

  /** A descriptor that has just been made. */
  begin(fd: number, what: Life["what"], peer?: unknown): Life {
    const life = ++this.#last;
    this.#living.set(fd, life);
    return { fd, life, what, ...(peer !== undefined && { peer }) };
  }

  /** The life of an open descriptor: a new one, if it is older than the recording. */
  of(fd: number): number {
    return this.#living.get(fd) ?? this.begin(fd, "other").life;
  }

  /** A descriptor was closed: which epoll then stops watching. */
  end(fd: number): number {
    const life = this.of(fd);
    this.#living.delete(fd);
    this.#watched.delete(life);
    for (const [poller, watched] of this.#watched) {
      if (watched.get(fd)?.[1] === life && watched.delete(fd)) this.#changed.add(poller);
    }
    return life;
  }

  /** An epoll_ctl(2) that succeeded. */
  control(epfd: number, operation: number, fd: number, events: number): void {
    this.#watch(epfd, fd, operation === EPOLL_CTL_DEL ? 0 : as_selector_mask(events));
  }

  /** The changes of a kevent(2): ident, filter and flags of each. */
  change(kq: number, changes: readonly number[]): void {
    for (let at = 0; at < changes.length; at += 3) {
      const fd = changes[at];
      const bit = changes[at + 1] === EVFILT_READ ? EVENT_READ : EVENT_WRITE;
      const before = this.#watched.get(this.of(kq))?.get(fd)?.[2] ?? 0;
      const is_delete = (changes[at + 2] & EV_DELETE) !== 0;
      this.#watch(kq, fd, is_delete ? before & ~bit : before | bit);
    }
  }

  #watch(by: number, fd: number, mask: number): void {
    const poller = this.of(by);
    let watched = this.#watched.get(poller);
    if (watched === undefined) this.#watched.set(poller, (watched = new Map()));
    if (mask === 0) watched.delete(fd);
    else watched.set(fd, [fd, this.of(fd), mask]);
    this.#changed.add(poller);
  }

  /** What an epoll descriptor or kqueue watches, if that has changed since it was last written. */
  watched_by(fd: number): Pick<Wake, "interest"> {
    const poller = this.of(fd);
    if (!this.#changed.delete(poller)) return {};
    return { interest: [...(this.#watched.get(poller)?.values() ?? [])] };
  }

  /** Adds lives to pairs of descriptor and events; `as_mask` turns the events into READ and WRITE. */
  interest(pairs: readonly number[], as_mask: boolean): Interest[] {
    return Array.from({ length: pairs.length / 2 }, (_, index) => {
      const fd = pairs[2 * index];
      const events = pairs[2 * index + 1];
      return [fd, this.of(fd), as_mask ? as_selector_mask(events) : events];
    });
  }

  /** What poll or select is asked, if it differs from the last time: lives may, where descriptors do not. */
  news(interest: readonly Interest[]): Pick<Wake, "interest"> {
    const text = JSON.stringify(interest);
    if (this.#asked === text) return {};
    this.#asked = text;
    return { interest };
  }
}
