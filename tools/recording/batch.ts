/** What the last wait of a process returned, and what the program did about it since. */
import type { Call, Interest, Wake } from "../../lib/trace/recording.ts";
import { to_events } from "./masks.ts";

/** A ready descriptor. */
export interface Turn {
  readonly fd: number;
  readonly life: number;
  /** The kernel's mask. */
  mask: number;
  /** EVENT_READ and EVENT_WRITE. */
  events: number;
  /** Its place in the list, from 0: loops go through it in order. */
  readonly place: number;
  /** How often the program received, sent, accepted or connected on it since the wait. */
  served: number;
  /** How many of these calls received or accepted something, and how many sent something. */
  received: number;
  sent: number;
  /** The bytes received. */
  bytes: number;
}

/** The ready descriptors by life, in the order of the list. */
export class Batch extends Map<number, Turn> {
  /** Takes in what a wait returned. */
  fill({ ready, selected }: Wake): void {
    // The list is mostly the same as before, and refilling the map would take most of the time.
    if (!this.#is_of(ready)) {
      this.clear();
      for (const [place, [fd, life]] of ready.entries()) {
        const counts = { served: 0, received: 0, sent: 0, bytes: 0 };
        this.set(life, { fd, life, mask: 0, events: 0, place, ...counts });
      }
    }
    for (const turn of this.values()) {
      const { life, place } = turn;
      turn.mask = ready[place][2];
      turn.events = events_of_life(selected, life, place) ?? to_events(turn.mask);
      turn.served = turn.received = turn.sent = turn.bytes = 0;
    }
  }

  #is_of(ready: readonly Interest[]): boolean {
    if (ready.length !== this.size) return false;
    for (const { life, place } of this.values()) if (ready[place][1] !== life) return false;
    return true;
  }

  /** Counts a call that sends, receives, accepts or connects. */
  serve({ life, errno, bytes }: Call, is_send: boolean): void {
    const turn = life === undefined ? undefined : this.get(life);
    if (turn === undefined) return;
    turn.served++;
    if (errno !== undefined) return;
    if (is_send) turn.sent++;
    else {
      turn.received++;
      turn.bytes += bytes ?? 0;
    }
  }
}

/** What a selector made of a descriptor: mostly it is at the same place as in the kernel's list. */
function events_of_life(
  selected: readonly Interest[] | undefined,
  life: number,
  place: number,
): number | undefined {
  if (selected === undefined) return undefined;
  const guess = selected[place] as Interest | undefined;
  return (guess?.[1] === life ? guess : selected.find(([, other]) => other === life))?.[2];
}
