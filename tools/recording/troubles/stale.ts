/** Events that are stale when their turn comes, and calls on closed descriptors. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { times } from "../../words.ts";
import type { Turn } from "../batch.ts";
import { control_of } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** A descriptor that another event's handler closed or unregistered before its turn. */
interface Gone {
  readonly turn: Turn;
  readonly call: number;
  readonly closed: boolean;
  readonly name: string;
  /** Whether another connection was served since, so that its own handler must be running by now. */
  passed: boolean;
}

/** Finds events that were handled after their descriptor was closed, unregistered or reused in the same batch. */
export class StaleKeys implements Finder {
  readonly #stale = new Examples();
  readonly #reused = new Examples();
  readonly #used = new Examples();
  readonly #gone = new Map<number, Gone>();
  /** The place in the batch of the event being handled. */
  #at = -1;
  /** The last descriptor closed, to name it when it is used again. */
  #closed: { call: number; name: string } | null = null;

  see(call: Call, process: ProcessState): void {
    const act = act_of(call);
    switch (act) {
      case "wait":
        // Clearing even an empty map costs time.
        if (this.#gone.size > 0) this.#gone.clear();
        this.#at = -1;
        return;
      case "control": {
        const target = control_of(call, process);
        if (target?.op === "DEL" && call.errno === undefined) {
          this.#leave(target.life, call, process, false);
        }
        return;
      }
      case "close":
        if (call.ended === undefined) return;
        this.#closed = { call: call.call, name: process.name(call.fd, call.ended) };
        this.#leave(call.ended, call, process, true);
        return;
      case "receive":
      case "send":
      case "accept":
      case "connect":
        if (call.errno === "EBADF") this.#failed(call, process);
        else if (call.life !== undefined) this.#served(call, call.life, process);
        return;
      default:
    }
  }

  /** Notes a descriptor that another event's handler closes or unregisters. */
  #leave(life: number, call: Call, process: ProcessState, closed: boolean): void {
    const turn = process.batch.get(life);
    if (turn === undefined || turn.served > 0) return;
    const known = this.#gone.get(life);
    // Before any event was handled, or at its place, the handler is its own.
    if (known === undefined && (this.#at < 0 || turn.place <= this.#at)) return;
    const name = process.name(turn.fd, life);
    this.#gone.set(life, { turn, call: call.call, closed, name, passed: false });
  }

  #served(call: Call, life: number, process: ProcessState): void {
    const gone = this.#gone.get(life);
    if (gone !== undefined && gone.passed) {
      this.#gone.delete(life);
      this.#stale.add(gone.name, process.wait!.call, gone.call, call.call);
    }
    if (gone === undefined) this.#served_reused(call, life, process);
    const turn = process.batch.get(life);
    if (turn === undefined) return;
    this.#at = turn.place;
    for (const other of this.#gone.values()) if (other.turn.life !== life) other.passed = true;
  }

  /** Whether a call is meant for the number's previous descriptor. */
  #served_reused(call: Call, life: number, process: ProcessState): void {
    if (this.#gone.size === 0) return;
    for (const gone of this.#gone.values()) {
      if (!gone.closed || gone.turn.fd !== call.fd || gone.turn.place < this.#at) continue;
      // Until it is registered or fails, the call may be how the new connection starts.
      const begun = process.pollers_of(life).next().done !== true;
      if (!begun && call.errno !== "EAGAIN") continue;
      this.#gone.delete(gone.turn.life);
      this.#reused.add(gone.name, process.wait!.call, gone.call, call.call);
      return;
    }
  }

  /** EBADF: the object was closed and has no descriptor, or its descriptor is not open. */
  #failed(call: Call, process: ProcessState): void {
    for (const [life, gone] of this.#gone) {
      if (!gone.closed || (call.fd !== undefined && call.fd >= 0 && call.fd !== gone.turn.fd)) {
        continue;
      }
      this.#gone.delete(life);
      this.#stale.add(gone.name, process.wait!.call, gone.call, call.call);
      return;
    }
    if (this.#closed === null) return;
    this.#used.add(this.#closed.name, this.#closed.call, call.call);
  }

  finish(): Found[] {
    const advice =
      "Before you handle a key, check that it is current: sel.get_map().get(fd) must be the same key. Or collect what " +
      "you want to close in a list, and close it after the batch.";
    return [
      ...this.#stale.found(
        "stale-key",
        `A stale key was handled ${times(this.#stale.count)}`,
        [
          "The list that select() returns is a snapshot of the moment at which the wait ended. While the program",
          `iterated over it, an earlier event's handler closed or unregistered ${this.#stale.list()}, whose event came`,
          "later in the same list and was still handled.",
        ],
        advice,
      ),
      ...this.#reused.found(
        "stale-key",
        `A stale key met a new connection with the same number ${times(this.#reused.count)}`,
        [
          `In one batch, another event's handler closed ${this.#reused.list()}, accept returned the same number for a new`,
          "connection, because the kernel always picks the lowest free number, and then the old event was handled",
          "on the new connection.",
        ],
        advice,
      ),
      ...this.#used.found(
        "use-after-close",
        `A closed socket was used ${times(this.#used.count)}`,
        [
          `After ${this.#used.list()} was closed, a call on it failed with EBADF. A common cause: the handler closes the`,
          "socket on EVENT_READ, because recv returned 0, and then continues with EVENT_WRITE in the same mask.",
        ],
        "Return from the handler after close().",
      ),
    ];
  }
}
