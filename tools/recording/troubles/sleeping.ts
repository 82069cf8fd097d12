/** A loop that sleeps or is busy where it should not. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, duration } from "../../words.ts";
import type { ProcessState } from "../process-state.ts";
import { may_sleep } from "../sleep.ts";
import { Examples, MILLISECOND } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** A call on a ready socket takes microseconds, even on a loaded machine. */
const LONG_CALL = 50 * MILLISECOND;
/** A program that makes no call for this long is computing, or sleeping. */
const LONG_PAUSE = 150 * MILLISECOND;

/** Finds calls that blocked the whole loop, and handlers that were busy for long. */
export class Blocking implements Finder {
  readonly #calls = new Examples();
  readonly #pauses = new Examples();
  /** Since the last wait: they count if the loop goes on. */
  #pending: { call: Call; name: string; pause: number }[] = [];
  #longest = { ns: 0, what: "", ready: 0 };
  #longest_pause = { ns: 0, after: "" };

  see(call: Call, process: ProcessState): void {
    if (process.wait === null) return;
    const last = process.last!;
    const pause = call.t - (last.t + last.d);
    const waits = process.wait.wake!.timeout !== 0;
    // A loop that never waits sleeps in Node's event loop instead.
    const paused = pause >= LONG_PAUSE && waits && process.last_fault < last.t + last.d;
    if (paused) this.#pending.push({ call: last, name: last.name, pause });
    if (act_of(call) !== "wait") {
      const is_nonblocking = process.open.get(call.life ?? -1)?.nonblocking === true;
      if (call.d >= LONG_CALL && may_sleep(call, is_nonblocking)) {
        const on = call.life === undefined ? "" : ` on ${process.name(call.fd, call.life)}`;
        this.#pending.push({ call, name: call.name + on, pause: 0 });
      }
      return;
    }
    if (this.#pending.length > 0 && call.errno === undefined) this.#take(call);
  }

  #take(wait: Call): void {
    for (const { call, name, pause } of this.#pending) {
      if (pause > 0) {
        this.#pauses.add(name, call.call);
        if (pause > this.#longest_pause.ns) this.#longest_pause = { ns: pause, after: name };
        continue;
      }
      this.#calls.add(name, call.call);
      if (call.d > this.#longest.ns) {
        this.#longest = { ns: call.d, what: name, ready: wait.wake!.ready.length };
      }
    }
    this.#pending = [];
  }

  finish(): Found[] {
    const { ns, what, ready } = this.#longest;
    const pause = this.#longest_pause;
    return [
      ...this.#calls.found(
        "blocking-call",
        `A call blocked the whole loop for up to ${duration(ns)}`,
        [
          `Between two waits, ${what} took ${duration(ns)}. A single thread does all the work: while it sleeps in that call,`,
          "no other connection is served.",
          ready > 0 ? `The wait after it had ${amount(ready, "descriptor")} ready.` : null,
        ],
        "A loop must sleep only in select(): call setblocking(False) on every socket, including those that accept " +
          "returns, and wait for connect with EVENT_WRITE. Resolve host names before the loop.",
      ),
      ...this.#pauses.found(
        "busy-handler",
        `A handler kept the loop busy for up to ${duration(pause.ns)}`,
        [
          `After ${pause.after}, ${duration(pause.ns)} went by without any call: the program computed, printed or slept outside`,
          "the selector. Meanwhile no connection was served, whatever was ready.",
        ],
        "Split long work into pieces, one per turn of the loop, or hand it to another thread or process.",
      ),
    ];
  }
}

/** The fewest waits in a row that timed out. */
const IN_A_ROW = 5;

/** Finds timeouts that wake the program for nothing. */
export class IdleTimeouts implements Finder {
  readonly #examples = new Examples();
  #row: number[] = [];
  #timeout = 0;

  see(call: Call): void {
    if (act_of(call) !== "wait") {
      this.#row = [];
      return;
    }
    const { timeout, ready } = call.wake!;
    if (call.errno !== undefined || timeout === null || timeout <= 0 || ready.length > 0) {
      this.#row = [];
      return;
    }
    this.#timeout = timeout;
    if (this.#row.length < IN_A_ROW) this.#row.push(call.call);
    else this.#examples.add("", call.call);
    if (this.#row.length === IN_A_ROW && this.#examples.calls.at(-1) !== call.call) {
      for (const number of this.#row) this.#examples.add("", number);
    }
  }

  finish(): Found[] {
    return this.#examples.found(
      "idle-timeout",
      `${amount(this.#examples.count, "wait")} ended by the timeout, with nothing ready`,
      [
        `select() kept returning an empty list after its timeout of ${duration(this.#timeout * MILLISECOND)}, and the program did`,
        "nothing with its sockets in between.",
      ],
      "Use a timeout for work that is due at some time, or to check whether to exit. Otherwise wait with None (null): " +
        "the kernel wakes the program when there is something to do.",
    );
  }
}
