/** EAGAIN: a call on a non-blocking socket that would have had to wait. */
import type { Call } from "../../../lib/trace/recording.ts";
import { times } from "../../words.ts";
import { EVENT_READ, EVENT_WRITE } from "../masks.ts";
import { act_of } from "../process.ts";
import type { Act, Process } from "../process.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

const direction: Partial<Record<Act, number>> = {
  receive: EVENT_READ,
  accept: EVENT_READ,
  send: EVENT_WRITE,
};

/** Finds EAGAIN, and tells whether the loop had a reason to make the call. */
export class Again implements Finder {
  readonly #ready = new Examples();
  readonly #second = new Examples();
  readonly #unasked = new Examples();
  readonly #verbs = new Set<string>();

  see(call: Call, process: Process): void {
    // A socket with a timeout of its own asks first and waits then: only loops are meant.
    if (call.errno !== "EAGAIN" || process.wait === null || call.life === undefined) return;
    const act = act_of(call);
    const wanted = direction[act];
    if (wanted === undefined) return;
    const name = process.name(call.fd, call.life);
    const turn = process.batch.get(call.life);
    if (turn === undefined || (turn.events & wanted) === 0) {
      this.#verbs.add(act === "receive" ? "recv" : act);
      this.#unasked.add(name, process.wait.call, call.call);
    } else if (wanted === EVENT_READ ? turn.received > 0 : turn.sent > 0) {
      this.#second.add(name, call.call);
    } else this.#ready.add(name, process.wait.call, call.call);
  }

  finish({ header }: Process): Found[] {
    // libuv, on which node:net stands, accepts until EAGAIN by its own design.
    const second = header?.runs_on === "net" ? new Examples() : this.#second;
    return [
      ...this.#ready.found(
        "again-ready",
        `Ready, and yet EAGAIN, ${times(this.#ready.count)}`,
        [
          `The wait reported ${this.#ready.list()} as ready, and the first call on it failed with EAGAIN. Ready is a`,
          "hint about the moment of the wait: since then another process or thread may have taken the bytes or the",
          "connection, the client may have gone away, or the room was too small for this send.",
        ],
        "Keep sockets in a selector non-blocking, and take EAGAIN (BlockingIOError) as: not now, wait again.",
      ),
      ...this.#unasked.found(
        "again-unasked",
        `EAGAIN without having been ready, ${times(this.#unasked.count)}`,
        [
          `The program called ${[...this.#verbs].join(" and ")} on ${this.#unasked.list()}, although the last wait had not`,
          "reported it as ready for that. There was nothing to take, or no room, and the socket does not wait.",
          "No harm is done, but each such call costs a system call.",
        ],
        "Look at the mask that comes with the key: recv only with EVENT_READ. To try send first, and wait for " +
          "EVENT_WRITE when it says EAGAIN, is a good habit.",
      ),
      ...second.found(
        "again-drained",
        `Read or written until EAGAIN, ${times(second.count)}`,
        [
          `On ${second.list()} the program went on after a call that had worked, until the kernel said EAGAIN: the`,
          "buffer is empty (or full). With edge-triggered epoll that is the rule. The selectors module is",
          "level-triggered: there the last call only costs time, since what is left makes the next wait return at once.",
        ],
        "With a level-triggered selector, one recv for each EVENT_READ is enough, and fair to the other connections.",
      ),
    ];
  }
}
