/** A ready connection that is not served while others are. */
import { act_of } from "../../../lib/trace/calls.ts";
import type { Call } from "../../../lib/trace/recording.ts";
import { amount, duration } from "../../words.ts";
import { EVENT_READ, to_events } from "../masks.ts";
import { control_of } from "../process-state.ts";
import type { ProcessState } from "../process-state.ts";
import { Examples, MILLISECOND } from "./finder.ts";
import type { Finder, Found } from "./finder.ts";

/** It starves after this many wake-ups while others were served this often, or after this long. */
const WAKE_UPS = 5;
const OTHERS = 3;
const LONG = 300 * MILLISECOND;

interface Waiting {
  /** When the wait that first reported it returned. */
  readonly since: number;
  /** That wait. */
  readonly call: number;
  /** How many calls had served descriptors by then. */
  readonly served: number;
  readonly name: string;
  wake_ups: number;
  /** The most bytes seen waiting. */
  bytes: number;
}

/** Finds descriptors that stay readable while others are read. */
export class Starving implements Finder {
  readonly #examples = new Examples();
  readonly #waiting = new Map<number, Waiting>();
  #served = 0;
  #last = 0;
  #worst: Waiting & { waited: number } = { ...none, waited: 0 };

  see(call: Call, process: ProcessState): void {
    const act = act_of(call);
    this.#last = call.t;
    if (act === "wait") {
      if (call.errno === undefined) this.#see_wait(call, process);
    } else if (act === "receive" || act === "accept") {
      if (call.life !== undefined) {
        const waiting = this.#waiting.get(call.life);
        if (waiting !== undefined) this.#judge(waiting, call);
        this.#waiting.delete(call.life);
      }
      if (call.errno === undefined) this.#served++;
    } else if (act === "control") {
      const target = control_of(call, process);
      // The program chose not to read for now.
      if (target !== null && (target.events & EVENT_READ) === 0) this.#waiting.delete(target.life);
    } else if (call.ended !== undefined) this.#waiting.delete(call.ended);
  }

  #see_wait(call: Call, process: ProcessState): void {
    const wake = call.wake!;
    if (wake.interest !== undefined && this.#waiting.size > 0) {
      const wanted = new Set<number>();
      for (const [, life, events] of wake.interest)
        if ((events & EVENT_READ) !== 0) wanted.add(life);
      for (const life of this.#waiting.keys()) if (!wanted.has(life)) this.#waiting.delete(life);
    }
    for (const [fd, life, mask] of wake.ready) {
      if ((to_events(mask) & EVENT_READ) === 0) continue;
      let waiting = this.#waiting.get(life);
      if (waiting === undefined) {
        waiting = {
          since: call.t + call.d,
          call: call.call,
          served: this.#served,
          name: process.name(fd, life),
          wake_ups: 0,
          bytes: 0,
        };
        this.#waiting.set(life, waiting);
      }
      waiting.wake_ups++;
    }
    for (const { life, receive } of wake.why ?? []) {
      const waiting = this.#waiting.get(life);
      if (waiting !== undefined) waiting.bytes = Math.max(waiting.bytes, receive ?? 0);
    }
  }

  /** Judges it at its turn, or at the end of the recording. */
  #judge(waiting: Waiting, until: { readonly t: number; readonly call?: number }): void {
    const others = this.#served - waiting.served;
    const waited = until.t - waiting.since;
    const often = waiting.wake_ups >= WAKE_UPS && others >= OTHERS;
    // A single wake-up is normal: another came first, and the machine may have been slow.
    const long = waiting.wake_ups > 1 && others > 0 && waited >= LONG;
    if (!often && !long) return;
    this.#examples.add(
      waiting.name,
      waiting.call,
      ...(until.call === undefined ? [] : [until.call]),
    );
    if (waited > this.#worst.waited) this.#worst = { ...waiting, served: others, waited };
  }

  finish(): Found[] {
    for (const waiting of this.#waiting.values()) this.#judge(waiting, { t: this.#last });
    const { name, waited, wake_ups, served, bytes } = this.#worst;
    return this.#examples.found(
      "starving",
      `${this.#examples.list()} was ready, but waited for up to ${duration(waited)}`,
      [
        `${name} was reported as ready in ${amount(wake_ups, "wake-up")} in ${duration(waited)}, and the program made no call`,
        `on it while it served others ${amount(served, "time")}.`,
        bytes > 0
          ? `Up to ${amount(bytes, "byte or connection", "bytes or connections")} were waiting for it.`
          : null,
        "The kernel only reports what is ready. The loop decides whose turn it is, and how much to do in one turn.",
      ],
      "Handle all events of a batch before the next wait, bound the work for each (one recv), and never block in a " +
        "handler.",
    );
  }
}

const none: Waiting = { since: 0, call: 0, served: 0, name: "", wake_ups: 0, bytes: 0 };
