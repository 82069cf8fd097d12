/** The loop of steps 2 to 5: it waits for sockets and for times, and calls what is due. */

import * as selectors from "iomux/selectors";
import type * as socket from "iomux/socket";

import { heappop, heappush } from "./heap.ts";

type Callback = () => void;

/** What to call at a time, unless it is cancelled before. */
export class Timer {
  readonly when: number;
  readonly number: number;
  callback: Callback | null;

  constructor(when: number, number: number, callback: Callback) {
    this.when = when;
    this.number = number;
    this.callback = callback;
  }

  cancel() {
    // It stays in the heap until its time, because there it is hard to find.
    this.callback = null;
  }

  is_before(other: Timer) {
    // Of two for the same time, the one that was made first.
    return this.when < other.when || (this.when === other.when && this.number < other.number);
  }
}

/** Seconds since some moment, by a clock that nobody sets. Python: `time.monotonic()`. */
const monotonic = () => performance.now() / 1000;

export class Loop {
  readonly sel = new selectors.DefaultSelector<Callback, socket.socket>();
  readonly timers: Timer[] = [];
  number = 0;

  /** Calls it once, when the socket is ready. */
  call_when_ready(sock: socket.socket, event: number, callback: Callback) {
    this.sel.register(sock, event, callback);
  }

  forget(sock: socket.socket) {
    this.sel.unregister(sock);
  }

  /** Calls it once, after so many seconds. */
  call_later(seconds: number, callback: Callback) {
    const timer = new Timer(monotonic() + seconds, this.number++, callback);
    heappush(this.timers, timer);
    return timer;
  }

  run_forever() {
    while (true) {
      this.turn();
    }
  }

  /** Waits until something is due, and calls all that is. */
  turn() {
    for (const [key] of this.sel.select(this.seconds_left())) {
      this.forget(key.fileobj);
      key.data();
    }
    const now = monotonic();
    while (this.timers.length > 0 && this.timers[0].when <= now) {
      const { callback } = heappop(this.timers);
      if (callback !== null) {
        callback();
      }
    }
  }

  /** Until the first timer; null if there is no timer. */
  seconds_left() {
    while (this.timers.length > 0 && this.timers[0].callback === null) {
      heappop(this.timers);
    }
    if (this.timers.length === 0) {
      return null;
    }
    return Math.max(0, this.timers[0].when - monotonic());
  }
}
