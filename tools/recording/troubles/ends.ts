/** How connections end: by a reset, refused, or on one side only. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, times } from "../../words.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** Finds connections that were reset or refused. */
export class Resets implements Finder {
  readonly #reset = new Examples();
  readonly #pipe = new Examples();
  readonly #refused = new Examples();
  /** The last such call: its error may have ended the program. */
  #last: Call | null = null;

  see(call: Call, process: ProcessState): void {
    if (call.errno === undefined) return;
    const examples = this.#examples(call.errno);
    if (examples === null) return;
    examples.add(process.name(call.fd, call.life), call.call);
    this.#last = call;
  }

  #examples(errno: string): Examples | null {
    switch (errno) {
      case "ECONNRESET":
        return this.#reset;
      case "EPIPE":
        return this.#pipe;
      case "ECONNREFUSED":
        return this.#refused;
      default:
        return null;
    }
  }

  finish(process: ProcessState): Found[] {
    const error = process.end?.error;
    const name = this.#last === null ? undefined : exceptions[this.#last.errno ?? ""];
    const uncaught =
      error !== undefined && name !== undefined && error.includes(name)
        ? `Nothing caught the last one, and it ended the program: ${error}`
        : null;
    const ended = (errno: string): string | null => (this.#last?.errno === errno ? uncaught : null);
    const catching =
      process.header?.runs_on === "net"
        ? 'Listen for the "error" event of each socket: an "error" event without a listener ends the program.'
        : "Catch the error around recv and send, unregister and close that connection, and continue with the others.";
    return [
      ...this.#reset.found(
        "reset",
        `Connection reset by the peer, ${times(this.#reset.count)}`,
        [
          `A call on ${this.#reset.list()} failed with ECONNRESET: the peer's kernel sent a reset (RST) instead of an orderly`,
          "shutdown. It does so when the peer closes with unread bytes in its receive buffer, closes with SO_LINGER 0,",
          "gets bytes after it has closed, or restarts. Data in transit is lost.",
          ended("ECONNRESET"),
        ],
        catching,
      ),
      ...this.#pipe.found(
        "reset",
        `Sent on a broken connection, ${times(this.#pipe.count)}`,
        [
          `send on ${this.#pipe.list()} failed with EPIPE: this side's kernel already knows that nothing more can be sent,`,
          "because a reset arrived earlier, or this side was shut down for writing.",
          ended("EPIPE"),
        ],
        catching,
      ),
      ...this.#refused.found(
        "refused",
        `Connection refused, ${times(this.#refused.count)}`,
        [
          `${this.#refused.list()} was refused: nothing listens at that address, and its kernel answered with a reset. On a`,
          "non-blocking socket, connect only starts (EINPROGRESS). The first call after the wait reports the socket",
          "returns the outcome.",
          ended("ECONNREFUSED"),
        ],
        "Start the server first, or wait and retry with a new socket.",
      ),
    ];
  }
}

const exceptions: Readonly<Record<string, string>> = {
  ECONNRESET: "ConnectionResetError",
  EPIPE: "BrokenPipeError",
  ECONNREFUSED: "ConnectionRefusedError",
};

/** Finds connections on which the program sent after the peer closed its sending side. */
export class HalfClosed implements Finder {
  readonly #examples = new Examples();
  /** By life, while it is open. */
  readonly #sent = new Map<number, { name: string; call: number; bytes: number }>();
  #bytes = 0;

  see(call: Call, process: ProcessState): void {
    if (call.ended !== undefined) this.#take(call.ended);
    const { life } = call;
    if (life === undefined || act_of(call) !== "send") return;
    if (call.errno !== undefined && call.errno !== "EAGAIN") {
      // The peer had closed both sides: no half-close.
      this.#sent.delete(life);
      return;
    }
    const open = process.open.get(life);
    if (open?.ended_by_peer !== true || typeof call.result !== "number" || call.result === 0)
      return;
    const sent = this.#sent.get(life);
    if (sent !== undefined) sent.bytes += call.result;
    else {
      const name = process.name(open.fd, life);
      this.#sent.set(life, { name, call: call.call, bytes: call.result });
    }
  }

  #take(life: number): void {
    const sent = this.#sent.get(life);
    if (sent === undefined) return;
    this.#sent.delete(life);
    this.#bytes += sent.bytes;
    this.#examples.add(sent.name, sent.call);
  }

  finish(): Found[] {
    for (const life of this.#sent.keys()) this.#take(life);
    return this.#examples.found(
      "half-close",
      `Sent ${amount(this.#bytes, "byte")} after the peer's end of stream`,
      [
        `recv had returned 0 on ${this.#examples.list()}, and the program still sent. A connection has two directions: the 0`,
        "only means that the peer sends no more (shutdown with SHUT_WR, or close). After a shutdown it can still receive",
        "what was sent here. After a close, its kernel answers with a reset, which the next call here reports.",
      ],
      "Sending what is left after recv has returned 0 is right. Then close, and expect ConnectionResetError and " +
        "BrokenPipeError while sending.",
    );
  }
}
