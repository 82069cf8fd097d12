/** A descriptor that was closed while a selector still watched it. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { times } from "../../words.ts";
import { POLLNVAL } from "../masks.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

interface Closed {
  readonly call: number;
  readonly name: string;
  readonly poller: number;
}

/** Finds close before unregister, except after the last wait, where it does no harm. */
export class ClosedWhileRegistered implements Finder {
  readonly #epoll = new Examples();
  readonly #poll = new Examples();
  readonly #select = new Examples();
  /** Closed since the last wait, by descriptor. */
  readonly #closed = new Map<number, Closed>();

  see(call: Call, process: ProcessState): void {
    const act = act_of(call);
    if (act === "wait") {
      if (call.errno === "EBADF" && call.wake!.by === "select") this.#select.add("", call.call);
      if (call.errno === undefined) this.#see_wait(call);
    } else if (act === "control") {
      // Late, but harmless: a new descriptor is registered, or the old one is unregistered.
      const { fd } = call.args;
      if (typeof fd === "number") this.#closed.delete(fd);
    } else if (call.ended !== undefined) this.#see_close(call, call.ended, process);
  }

  #see_close(call: Call, life: number, process: ProcessState): void {
    for (const [fd, { poller }] of this.#closed) if (poller === life) this.#closed.delete(fd);
    const open = process.open.get(life);
    if (open === undefined) return;
    for (const poller of process.pollers_of(life)) {
      const name = process.name(open.fd, life);
      this.#closed.set(open.fd, { call: call.call, name, poller });
    }
  }

  #see_wait(call: Call): void {
    const { poller, ready } = call.wake!;
    for (const [fd, closed] of this.#closed) {
      if (closed.poller !== poller) continue;
      this.#closed.delete(fd);
      this.#epoll.add(closed.name, closed.call);
    }
    for (const [fd, , mask] of ready) {
      if ((mask & POLLNVAL) !== 0) this.#poll.add(`fd ${fd}`, call.call);
    }
  }

  finish({ header }: ProcessState): Found[] {
    // libuv, which node:net uses, relies on epoll to forget closed descriptors.
    if (header?.runs_on === "net") return [];
    const kind = "closed-while-registered";
    const advice = "Unregister first, then close: sel.unregister(sock), sock.close().";
    return [
      ...this.#epoll.found(
        kind,
        `Closed while still registered, ${times(this.#epoll.count)}`,
        [
          `The program closed ${this.#epoll.list()} without unregistering it. epoll forgets a descriptor when it is closed`,
          "(unless a duplicate, from dup or in another process, is still open: then epoll keeps reporting it). The",
          "selector's map does not: the next connection with the same number cannot be registered (KeyError), or",
          "comes with the previous one's data.",
        ],
        advice,
      ),
      ...this.#poll.found(
        kind,
        `poll was given a closed descriptor, ${times(this.#poll.count)}`,
        [
          `${this.#poll.list()} was closed, but is still in poll's list. The kernel returns POLLNVAL at once in every wait,`,
          "so the loop spins. Once the number is reused, poll watches another connection.",
        ],
        advice,
      ),
      ...this.#select.found(
        kind,
        `select failed with EBADF, ${times(this.#select.count)}`,
        [
          "One of the descriptors passed to select is closed. select does not say which: the whole call fails, and",
          "reports none of the others either.",
        ],
        advice,
      ),
    ];
  }
}
