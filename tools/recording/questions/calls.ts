import { act_of } from "../../../lib/trace/calls.ts";
/** Questions about calls on sockets, and about descriptor numbers. */
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, digits } from "../../words.ts";
import { asked as wanted, is_end } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { sentences } from "../troubles/finder.ts";
import { asked, mixed, short_name } from "./asked.ts";
import type { Ask, Asker, Level } from "./asked.ts";

/** The outcome of a receive. */
type Received = "bytes" | "end" | "EAGAIN" | "reset";

const LEVEL_OF_RECEIVED: Readonly<Record<Received, Level>> = {
  bytes: 1,
  end: 1,
  EAGAIN: 2,
  reset: 3,
};

function received(call: Call): Received | null {
  switch (call.errno) {
    case undefined:
      return is_end(call) ? "end" : "bytes";
    case "EAGAIN":
      return "EAGAIN";
    case "ECONNRESET":
      return "reset";
    default:
      return null;
  }
}

/** The outcome of a send. */
type Sent = "all" | "some" | "EAGAIN" | "gone";

const LEVEL_OF_SENT: Readonly<Record<Sent, Level>> = { all: 1, some: 2, EAGAIN: 3, gone: 3 };

function sent({ errno, result }: Call, given: number): Sent | null {
  switch (errno) {
    case undefined:
      return Number(result) < given ? "some" : "all";
    case "EAGAIN":
      return "EAGAIN";
    case "EPIPE":
    case "ECONNRESET":
      return "gone";
    default:
      return null;
  }
}

/** Asks before recv, send and connect. */
export class AboutCalls implements Asker {
  see(call: Call, process: ProcessState, ask: Ask): void {
    switch (act_of(call)) {
      case "receive":
        return this.#receive(call, process, ask);
      case "send":
        return this.#send(call, process, ask);
      case "connect":
        return this.#connect(call, process, ask);
      default:
    }
  }

  #receive(call: Call, process: ProcessState, ask: Ask): void {
    const room = wanted(call);
    const outcome = received(call);
    if (room === null || room === 0 || call.life === undefined || outcome === null) return;
    ask(`recv: ${outcome}`, LEVEL_OF_RECEIVED[outcome], call, () => {
      const held = process.wait?.wake?.why?.find(({ life }) => life === call.life)?.receive ?? 0;
      const is_first = process.batch.get(call.life!)?.served === 0;
      const choices: Readonly<Record<Received, string>> = {
        bytes: `Bytes: what has arrived so far, at most ${digits(room)}.`,
        end: "No bytes: the peer has closed its sending side.",
        EAGAIN: "EAGAIN: nothing to read now.",
        reset: "ECONNRESET: the peer reset the connection.",
      };
      const full = `${amount(room, "byte")}: it waits for all of them.`;
      const reasons: Readonly<Record<Received, string>> = {
        bytes: `It returned ${amount(call.bytes ?? 0, "byte")}. recv never waits for more when there is something to read: a stream has no message boundaries.`,
        end: "It returned 0 bytes, which always means end of stream. Otherwise recv returns at least one byte, or fails.",
        EAGAIN: is_first
          ? "It failed with EAGAIN, although the wait had reported the socket as ready: readiness is a hint, not a promise."
          : "It failed with EAGAIN: the socket is non-blocking, and nothing had arrived.",
        reset:
          "It failed with ECONNRESET. The peer's kernel sent a reset, and this recv reports it.",
      };
      return asked(
        `The program calls ${call.name} on ${short_name(process, call.fd, call.life)}, with room for ${amount(room, "byte")}. What does it return?`,
        [choices.bytes, choices.end, choices.EAGAIN, outcome === "reset" ? choices.reset : full],
        choices[outcome],
        sentences([
          reasons[outcome],
          held > 0 && is_first
            ? `When the wait returned, its receive buffer held ${amount(held, "byte")}.`
            : null,
          held > 0 && is_first && held < (call.bytes ?? 0) ? "More has arrived since." : null,
        ]),
      );
    });
  }

  #send(call: Call, process: ProcessState, ask: Ask): void {
    const given = wanted(call);
    if (given === null || given < 2 || call.life === undefined) return;
    const taken = Number(call.result ?? 0);
    const outcome = sent(call, given);
    if (outcome === null) return;
    ask(`send: ${outcome}`, LEVEL_OF_SENT[outcome], call, () => {
      const choices: Readonly<Record<Sent, string>> = {
        all: `All ${digits(given)}.`,
        some: "Some of them.",
        EAGAIN: "None now: EAGAIN.",
        gone: "None: it fails, because the connection is gone.",
      };
      const reasons: Readonly<Record<Sent, string>> = {
        all: "It took them all: send copies them into the socket's send buffer, which had room. That does not mean that they have arrived.",
        some: `It took ${digits(taken)} of ${digits(given)}: as many as there was room for. The program must keep the rest.`,
        EAGAIN:
          "It failed with EAGAIN: the send buffer was full, because the peer does not read fast enough.",
        gone: `It failed with ${call.errno}: the peer's kernel had sent a reset.`,
      };
      const { send = null, send_room = null } =
        process.wait?.wake?.why?.find(({ life }) => life === call.life) ?? {};
      return asked(
        `The program calls ${call.name} on ${short_name(process, call.fd, call.life)}, with ${amount(given, "byte")}. How many does it take?`,
        Object.values(choices),
        choices[outcome],
        sentences([
          reasons[outcome],
          send === null || send_room === null || taken > send_room
            ? null
            : `Its send buffer holds ${digits(send_room)} bytes, of which ${digits(send)} were in use when the wait returned.`,
        ]),
      );
    });
  }

  #connect(call: Call, process: ProcessState, ask: Ask): void {
    const open = call.life === undefined ? undefined : process.open.get(call.life);
    if (open?.nonblocking !== true || call.errno !== "EINPROGRESS") return;
    ask("connect", 2, call, () => {
      const right = "It fails with EINPROGRESS: the connection has only started.";
      return asked(
        `${short_name(process, call.fd, call.life)} is non-blocking, and the program calls connect on it. What happens?`,
        [
          "It waits until the peer answers, and returns 0.",
          right,
          "It fails with EAGAIN: the program must call connect again later.",
          "It returns 0: there is nothing to wait for.",
        ],
        right,
        "connect sent the first packet and failed with EINPROGRESS. When the peer answers, the socket becomes writable.",
      );
    });
  }
}

/** The descriptor that had a number before it was freed. */
interface Freed {
  readonly name: string;
  readonly call: number;
}

/** Asks about descriptor numbers, which the kernel reuses. */
export class AboutNumbers implements Asker {
  readonly #freed = new Map<number, Freed>();
  /** Connections with a reused number, until something is received on them. */
  readonly #again = new Map<number, Freed>();

  see(call: Call, process: ProcessState, ask: Ask): void {
    const act = act_of(call);
    if (act === "accept" && call.made?.length === 1) this.#accept(call, process, ask);
    for (const { fd, life } of call.made ?? []) {
      const freed = this.#freed.get(fd);
      if (freed !== undefined && act === "accept") this.#again.set(life, freed);
      this.#freed.delete(fd);
    }
    if (act === "receive" && call.life !== undefined) this.#receive(call, call.life, process, ask);
    if (call.ended === undefined) return;
    this.#again.delete(call.ended);
    const open = process.open.get(call.ended);
    if (open !== undefined) {
      this.#freed.set(open.fd, { name: process.name(open.fd, open.life), call: call.call });
    }
  }

  #accept(call: Call, process: ProcessState, ask: Ask): void {
    const [{ fd }] = call.made!;
    const freed = this.#freed.get(fd);
    if (freed === undefined) return;
    ask("number", 2, call, () => {
      const open = [...process.life_of.keys()];
      const highest = Math.max(...open, fd);
      return mixed(
        "The program accepts a connection. Which number does its descriptor get?",
        `fd ${fd}`,
        [`fd ${highest + 1}`, `fd ${call.fd ?? 0}`, `fd ${highest + 2}`],
        `It got fd ${fd}, which was free since call ${freed.call} closed ${freed.name}: the kernel always picks the lowest free number.`,
        call,
      );
    });
  }

  #receive(call: Call, life: number, process: ProcessState, ask: Ask): void {
    const freed = this.#again.get(life);
    if (freed === undefined) return;
    this.#again.delete(life);
    ask("life", 3, call, () => {
      const open = process.open.get(life);
      const right = "Another one, which got the same number.";
      return asked(
        `In call ${freed.call} the program closed ${freed.name}. Now it receives on fd ${call.fd}: which connection is that?`,
        [
          "The same as before: a number belongs to one connection forever.",
          right,
          "None: the call fails with EBADF, because fd is closed.".replace(
            "fd is",
            `fd ${call.fd} is`,
          ),
        ],
        right,
        `${process.name(call.fd, life)} was accepted in call ${open?.made_by ?? 0}. The kernel reuses free numbers, so a number (or a ` +
          "key from an old batch) that outlives its connection refers to the wrong one.",
      );
    });
  }
}
