/** EAGAIN: a call on a non-blocking socket that would have had to wait. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Act } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { times } from "../../words.ts";
import { EVENT_READ, EVENT_WRITE } from "../masks.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

const direction: Partial<Record<Act, number>> = {
  receive: EVENT_READ,
  accept: EVENT_READ,
  send: EVENT_WRITE,
};

/** Finds EAGAIN, and whether the loop had a reason to make the call. */
export class Again implements Finder {
  readonly #ready = new Examples();
  readonly #second = new Examples();
  readonly #unasked = new Examples();
  readonly #verbs = new Set<string>();

  see(call: Call, process: ProcessState): void {
    // A socket with a timeout tries first and then waits: only loops count here.
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

  finish({ header }: ProcessState): Found[] {
    // libuv, which node:net uses, accepts until EAGAIN by design.
    const second = header?.runs_on === "net" ? new Examples() : this.#second;
    return [
      ...this.#ready.found(
        "again-ready",
        `Ready, but EAGAIN, ${times(this.#ready.count)}`,
        [
          `The wait reported ${this.#ready.list()} as ready, but the first call on it failed with EAGAIN. Readiness is`,
          "only a hint about the moment of the wait: since then another process or thread may have taken the bytes or",
          "the connection, the client may have gone, or the buffer had too little room for this send.",
        ],
        "Keep sockets in a selector non-blocking, and treat EAGAIN (BlockingIOError) as: not now, wait again.",
      ),
      ...this.#unasked.found(
        "again-unasked",
        `EAGAIN on a descriptor that was not ready, ${times(this.#unasked.count)}`,
        [
          `The program called ${[...this.#verbs].join(" and ")} on ${this.#unasked.list()}, although the last wait had not`,
          "reported it as ready for that. There was nothing to receive, or no room to send, and the socket is",
          "non-blocking. This is harmless, but wastes a system call each time.",
        ],
        "Check the mask that comes with the key: call recv only for EVENT_READ. Trying send first, and waiting for " +
          "EVENT_WRITE after EAGAIN, is fine.",
      ),
      ...second.found(
        "again-drained",
        `Read or written until EAGAIN, ${times(second.count)}`,
        [
          `On ${second.list()} the program repeated a call that had succeeded until it failed with EAGAIN: the buffer was`,
          "empty (or full). Edge-triggered epoll requires that. The selectors module is level-triggered: there the",
          "last call is wasted, because leftover data makes the next wait return at once.",
        ],
        "With a level-triggered selector, one recv per EVENT_READ is enough, and fair to the other connections.",
      ),
    ];
  }
}
