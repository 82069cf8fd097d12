/** Questions about calls on sockets, and about the numbers of descriptors. */
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, digits } from "../../words.ts";
import { act_of, asked as wanted, is_end } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { sentences } from "../troubles/finder.ts";
import { asked, mixed, short_name } from "./asked.ts";
import type { Ask, Asker } from "./asked.ts";

/** What is asked before recv, send and connect. */
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
    if (room === null || room === 0 || call.life === undefined) return;
    const bytes = `Bytes: what has arrived so far, at most ${digits(room)}.`;
    const end = "No bytes: the peer has closed its sending side.";
    const again = "EAGAIN: nothing to read now.";
    const reset = "ECONNRESET: the peer reset the connection.";
    const full = `${amount(room, "byte")}: it waits for all of them.`;
    const { right, topic, level } = ((): { right: string; topic: string; level: 1 | 2 | 3 } => {
      if (call.errno === "EAGAIN") return { right: again, topic: "recv: EAGAIN", level: 2 };
      if (call.errno === "ECONNRESET") return { right: reset, topic: "recv: reset", level: 3 };
      if (is_end(call)) return { right: end, topic: "recv: end", level: 1 };
      return { right: call.errno === undefined ? bytes : "", topic: "recv: bytes", level: 1 };
    })();
    if (right === "") return;
    ask(topic, level, call, () => {
      const name = short_name(process, call.fd, call.life);
      const held = process.wait?.wake?.why?.find(({ life }) => life === call.life)?.receive;
      const turn = process.batch.get(call.life!);
      const facts =
        held === undefined || held === null || held === 0 || turn?.served !== 0
          ? null
          : `When the wait returned, its receive buffer held ${amount(held, "byte")}.${held < (call.bytes ?? 0) ? " More has arrived since." : ""}`;
      const choices = [bytes, end, again, right === reset ? reset : full];
      const was_ready = turn !== undefined && turn.served === 0;
      const texts: Record<string, string> = {
        [bytes]: `It returned ${amount(call.bytes ?? 0, "byte")}. recv never waits for more when there is something to read: a stream has no message boundaries.`,
        [end]:
          "It returned 0 bytes, which always means end of stream. Otherwise recv returns at least one byte, or fails.",
        [again]: was_ready
          ? "It failed with EAGAIN, although the wait had reported the socket as ready: readiness is a hint, not a promise."
          : "It failed with EAGAIN: the socket is non-blocking, and nothing had arrived.",
        [reset]:
          "It failed with ECONNRESET. The peer's kernel sent a reset, and this recv reports it.",
      };
      return asked(
        `The program calls ${call.name} on ${name}, with room for ${amount(room, "byte")}. What does it return?`,
        choices,
        right,
        sentences([texts[right], facts]),
      );
    });
  }

  #send(call: Call, process: ProcessState, ask: Ask): void {
    const given = wanted(call);
    if (given === null || given < 2 || call.life === undefined) return;
    const all = `All ${digits(given)}.`;
    const some = "Some of them.";
    const again = "None now: EAGAIN.";
    const gone = "None: it fails, because the connection is gone.";
    const is_gone = call.errno === "EPIPE" || call.errno === "ECONNRESET";
    if (call.errno !== undefined && call.errno !== "EAGAIN" && !is_gone) return;
    const taken = typeof call.result === "number" ? call.result : 0;
    const room = process.wait?.wake?.why?.find(({ life }) => life === call.life);
    const buffer =
      room === undefined || room.send === null || room.send_room === null || taken > room.send_room
        ? null
        : `Its send buffer holds ${digits(room.send_room)} bytes, of which ${digits(room.send)} were in use when the wait returned.`;
    const offer = (topic: string, level: 1 | 2 | 3, right: string, text: string): void =>
      ask(topic, level, call, () =>
        asked(
          `The program calls ${call.name} on ${short_name(process, call.fd, call.life)}, with ${amount(given, "byte")}. How many does it take?`,
          [all, some, again, gone],
          right,
          sentences([text, buffer]),
        ),
      );
    if (is_gone) {
      offer(
        "send: gone",
        3,
        gone,
        `It failed with ${call.errno}: the peer's kernel had sent a reset.`,
      );
    } else if (call.errno === "EAGAIN") {
      offer(
        "send: EAGAIN",
        3,
        again,
        "It failed with EAGAIN: the send buffer was full, because the peer does not read fast enough.",
      );
    } else if (taken < given) {
      offer(
        "send: some",
        2,
        some,
        `It took ${digits(taken)} of ${digits(given)}: as many as there was room for. The program must keep the rest.`,
      );
    } else {
      offer(
        "send: all",
        1,
        all,
        "It took them all: send copies them into the socket's send buffer, which had room. That does not mean that they have arrived.",
      );
    }
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

/** What is known of a number that was free again. */
interface Freed {
  readonly name: string;
  readonly call: number;
}

/** What is asked about descriptors' numbers, which are used again. */
export class AboutNumbers implements Asker {
  readonly #freed = new Map<number, Freed>();
  /** Connections with the number of an earlier one, until something is received on them. */
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
