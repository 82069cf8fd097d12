/** Sends that took fewer bytes than they were given. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { amount } from "../../words.ts";
import { asked } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** The rest of a short send. */
interface Rest {
  readonly call: number;
  readonly bytes: number;
  readonly name: string;
}

/** Finds short writes, and whether the rest was sent after them. */
export class ShortWrites implements Finder {
  readonly #short = new Examples();
  readonly #lost = new Examples();
  readonly #rests = new Map<number, Rest>();
  #first = { given: 0, taken: 0 };
  #lost_bytes = 0;

  see(call: Call, process: ProcessState): void {
    if (call.ended !== undefined) this.#lose(call.ended, call.call);
    const { life } = call;
    if (life === undefined || act_of(call) !== "send") return;
    const given = asked(call);
    if (given === null) return;
    const rest = this.#rests.get(life);
    // The connection is gone, and so is the chance to send the rest.
    const gone = call.errno !== undefined && call.errno !== "EAGAIN" && call.errno !== "EINTR";
    if (gone || (rest !== undefined && given >= rest.bytes)) this.#rests.delete(life);
    else if (rest !== undefined) this.#lose(life, call.call);
    if (call.errno !== undefined) {
      // Nothing was sent: the rest is still left.
      if (!gone && rest !== undefined) this.#rests.set(life, rest);
      return;
    }
    if (typeof call.result !== "number" || call.result >= given) return;
    if (this.#short.count === 0) this.#first = { given, taken: call.result };
    const name = process.name(call.fd, life);
    this.#short.add(name, call.call);
    this.#rests.set(life, { call: call.call, bytes: given - call.result, name });
  }

  #lose(life: number, at: number): void {
    const rest = this.#rests.get(life);
    if (rest === undefined) return;
    this.#rests.delete(life);
    this.#lost_bytes += rest.bytes;
    this.#lost.add(rest.name, rest.call, at);
  }

  finish(): Found[] {
    const { given, taken } = this.#first;
    const lost = this.#lost.found(
      "lost-write",
      `The rest of ${amount(this.#lost.count, "send")} was never sent: ${amount(this.#lost_bytes, "byte")}`,
      [
        `On ${this.#lost.list()} a send took fewer bytes than it was given, and the program then closed the connection,`,
        "or sent fewer bytes than were left. send does not keep what it does not take: the peer never gets it.",
      ],
      "Keep what send did not take (data.outb = data.outb[sent:]), and close only when nothing is left.",
    );
    const short = this.#short.found(
      "short-write",
      `${amount(this.#short.count, "send")} took fewer bytes than given`,
      [
        `The first one took ${amount(taken, "byte")} of ${amount(given, "byte")}, on ${this.#short.list()}.`,
        "send copies as many bytes as the socket's send buffer has room for, and returns that number; the buffer fills",
        "when the peer reads more slowly than the program writes (back-pressure). That is fine if the program keeps the",
        "rest and sends it later.",
        lost.length === 0 && this.#rests.size === 0 ? "Here it did." : null,
      ],
      "Use send's return value: keep the rest in a buffer, wait for EVENT_WRITE, and send again.",
    );
    return [...lost, ...short];
  }
}
