/** A listener with as many connections waiting as it has room for. */
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, times } from "../../words.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** Finds full backlogs, in recordings made with `--why`. */
export class FullBacklog implements Finder {
  readonly #examples = new Examples();
  #most = { waiting: 0, room: 0 };

  see(call: Call, process: ProcessState): void {
    for (const { fd, life, state, receive, receive_room } of call.wake?.why ?? []) {
      if (state !== "LISTEN" && process.open.get(life)?.what !== "listener") continue;
      // A backlog of 0 has room for one connection.
      if (receive === null || receive_room === null || receive < Math.max(receive_room, 1))
        continue;
      this.#examples.add(process.name(fd, life), call.call);
      if (receive > this.#most.waiting) this.#most = { waiting: receive, room: receive_room };
    }
  }

  finish(): Found[] {
    const { waiting, room } = this.#most;
    return this.#examples.found(
      "backlog",
      `The backlog was full, ${times(this.#examples.count)}`,
      [
        `${amount(waiting, "connection")} waited to be accepted on ${this.#examples.list()}, and listen() was given a backlog of ${room}.`,
        room === 0 ? "That has room for one." : null,
        "The kernel completes connections before accept and queues them in the backlog. When it is full, the kernel",
        "drops new ones: those clients retry after a second or more, or give up.",
      ],
      "Call accept until EAGAIN, or on every wake-up without long work in between, and give listen() a larger backlog.",
    );
  }
}
