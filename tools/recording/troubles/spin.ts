/** A loop that keeps waking up with nothing to do. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Act } from "../../../lib/trace/calls.ts";
import type { Call, Wake } from "../../../lib/trace/recording.ts";
import { amount, digits, duration } from "../../words.ts";
import { EVENT_READ, EVENT_WRITE, POLLERR, POLLHUP, POLLIN, to_events } from "../masks.ts";
import { is_end } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** Why the wait did not sleep, and led to no work. */
type Reason = "write" | "ended" | "refused" | "unread" | "hang-up" | "no-wait";

/** This many wake-ups in a row, or in all, are no accident. */
const IN_A_ROW = 3;
const IN_ALL = 10;
/** Libraries poll without waiting now and then, which alone is not a spin. */
const LOOKS_IN_A_ROW = 20;

class Idle {
  readonly examples = new Examples();
  /** Nanoseconds from each of these waits to the next wait. */
  time = 0;
  longest = 0;
  /** Where the program asked for it. */
  place: string | null = null;
  errno = "";
}

/** Calls that serve no connection, unless they make one. */
const prepares: ReadonlySet<Act> = new Set(["pause", "open", "bind", "listen", "lookup", "other"]);

/** Finds wake-ups without work between one wait and the next. */
export class Spin implements Finder {
  readonly #idle = new Map<Reason, Idle>();
  #wake_ups = 0;
  #worked = true;
  /** Whether a receive returned 0 for the second time; the error with which an accept failed. */
  #ended = false;
  #refused = "";
  #row: { reason: Reason; length: number } = { reason: "write", length: 0 };

  see(call: Call, process: ProcessState): void {
    const act = act_of(call);
    if (act === "wait") {
      if (process.wait !== null) this.#judge(process.wait, call, process);
      this.#worked = false;
      this.#ended = false;
      this.#refused = "";
      return;
    }
    if (call.errno !== undefined) {
      if (act === "accept" && call.errno !== "EAGAIN") this.#refused = call.errno;
      // A reset is news, EAGAIN is not.
      else if (call.errno !== "EAGAIN" && call.errno !== "EBADF") this.#worked = true;
    } else if (act === "receive" && is_end(call)) {
      const known = call.life === undefined ? undefined : process.open.get(call.life);
      if (known?.ended_by_peer === true) this.#ended = true;
      else this.#worked = true;
    } else if (!prepares.has(act) || call.made !== undefined) this.#worked = true;
  }

  #judge(wait: Call, next: Call, process: ProcessState): void {
    this.#wake_ups++;
    const wake = wait.wake!;
    // A wait by another poller says nothing about this one.
    const same = next.wake!.poller === wake.poller && next.wake!.by === wake.by;
    const reason = same && !this.#worked ? this.#reason(wake) : null;
    if (reason === null) {
      this.#row.length = 0;
      return;
    }
    if (this.#row.reason !== reason) this.#row = { reason, length: 0 };
    this.#row.length++;
    let idle = this.#idle.get(reason);
    if (idle === undefined) this.#idle.set(reason, (idle = new Idle()));
    idle.longest = Math.max(idle.longest, this.#row.length);
    idle.time += next.t - wait.t;
    idle.errno = this.#refused;
    const names = wake.ready.slice(0, 4).map(([fd, life]) => process.name(fd, life));
    const first = wake.ready.at(0)?.[1] ?? -1;
    idle.place ??= process.place(process.interest(wake.poller).get(first)?.stack);
    idle.examples.add(names, wait.call);
  }

  #reason({ ready, timeout }: Wake): Reason | null {
    if (ready.length === 0) return timeout === 0 ? "no-wait" : null;
    if (this.#ended) return "ended";
    if (this.#refused !== "") return "refused";
    if (ready.every(([, , mask]) => to_events(mask) === EVENT_WRITE)) return "write";
    if (ready.some(([, , mask]) => (mask & POLLIN) !== 0)) return "unread";
    if (ready.some(([, , mask]) => (mask & (POLLERR | POLLHUP)) !== 0)) return "hang-up";
    return ready.some(([, , mask]) => (to_events(mask) & EVENT_READ) !== 0) ? "unread" : null;
  }

  finish(): Found[] {
    const found: Found[] = [];
    for (const [reason, idle] of this.#idle) {
      const { count } = idle.examples;
      const enough =
        reason === "no-wait"
          ? idle.longest >= LOOKS_IN_A_ROW
          : idle.longest >= IN_A_ROW || count >= IN_ALL;
      if (!enough) continue;
      const title = `The loop spins: ${amount(count, "wake-up")} in ${duration(idle.time)}`;
      const counted =
        `${digits(count)} of ${amount(this.#wake_ups, "wake-up")} led to no work (up to ` +
        `${digits(idle.longest)} in a row, ${duration(idle.time)} in all).`;
      const { what, why, advice } = words[reason];
      const explanation = [counted, ...why(idle.examples.list(), idle)];
      found.push(...idle.examples.found("spin", `${title}, ${what}`, explanation, advice));
    }
    return found;
  }
}

/** Where the program asked for it, in a sentence. */
function registered({ place }: Idle): string | null {
  return place === null ? null : `The program registered it in ${place}.`;
}

/** The text about a spin. */
interface Words {
  /** At the end of its title. */
  readonly what: string;
  readonly why: (who: string, idle: Idle) => readonly (string | null)[];
  readonly advice: string;
}

const words: Readonly<Record<Reason, Words>> = {
  write: {
    what: "with nothing to send",
    why: (who, idle) => [
      `The only event was EVENT_WRITE, for ${who}. A socket is writable while its send buffer has room,`,
      "which is nearly always: so the wait returns at once, the handler finds nothing to send, and the loop",
      "starts over. The program does nothing, and uses a whole core for it.",
      registered(idle),
    ],
    advice:
      "Register only for EVENT_READ. Add EVENT_WRITE with sel.modify() when a send leaves bytes in your " +
      "buffer (outb), and remove it when the buffer is empty.",
  },
  ended: {
    what: "at the end of a stream",
    why: (who, idle) => [
      `recv had already returned 0 on ${who}: the peer has closed its sending side. End of stream stays`,
      "readable forever, so every wait returns at once, and every recv returns 0.",
      registered(idle),
    ],
    advice:
      "When recv returns no bytes, unregister and close the socket; or, if you still have data to send, " +
      "watch only for EVENT_WRITE.",
  },
  refused: {
    what: "because accept fails",
    why: (who, idle) => [
      `accept failed with ${idle.errno}. The connection stays in the backlog of ${who}, so the listener stays`,
      "ready, and the wait returns at once.",
    ],
    advice:
      "Unregister the listener until a connection is closed and its descriptor is free, or keep a spare " +
      "descriptor: close it, accept, and close the connection.",
  },
  unread: {
    what: "ignoring what is ready",
    why: (who, idle) => [
      `The kernel reported ${who} as readable, and the program did not read. Readiness is level-triggered:`,
      "while there are bytes in the receive buffer, every wait returns at once.",
      registered(idle),
    ],
    advice:
      "Call recv (or accept) when a key has EVENT_READ. If you do not want to read now, remove EVENT_READ " +
      "with sel.modify(), or unregister the socket.",
  },
  "hang-up": {
    what: "on an error or a hang-up",
    why: (who) => [
      `The kernel reported POLLERR or POLLHUP for ${who}. It reports these two whether or not they are`,
      "requested, until a call takes the error or the socket is closed.",
    ],
    advice: "Call recv: it returns what is left, then 0 or the error. Then unregister and close.",
  },
  "no-wait": {
    what: "with a timeout of 0",
    why: () => [
      "A timeout of 0 means: check, but do not wait. When nothing is ready, the loop starts over at once,",
      "and uses a whole core for it.",
    ],
    advice: "Wait with a timeout of None (null), or until the next work is due.",
  },
};
