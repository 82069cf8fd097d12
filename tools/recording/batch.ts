/** What the last wait of a process returned, and what the program did about it since. */
import type { Call, Interest, Wake } from "../../lib/trace/recording.ts";
import { to_events } from "./masks.ts";

/** A descriptor in the list that the wait returned. */
export interface Turn {
  readonly fd: number;
  readonly life: number;
  /** As the kernel said it. */
  mask: number;
  /** As EVENT_READ and EVENT_WRITE. */
  events: number;
  /** Where it stands in the list: loops go through it from 0. */
  readonly place: number;
  /** How often the program has received, sent, accepted or connected on it since the wait. */
  served: number;
  /** How many of these received or accepted something, how many sent something. */
  received: number;
  sent: number;
  /** How many bytes it has received. */
  bytes: number;
}

/** The list, by life, in its order. */
export class Batch extends Map<number, Turn> {
  /** A wait has returned: the kernel's list, and what a selector made of it. */
  fill({ ready, selected }: Wake): void {
    // Mostly the list is as it was: filling the map again would take most of the time.
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

  /** The program has sent, received, accepted or connected. */
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

/** What a selector made of a descriptor, which is mostly at the same place as in the kernel's list. */
function events_of_life(
  selected: readonly Interest[] | undefined,
  life: number,
  place: number,
): number | undefined {
  if (selected === undefined) return undefined;
  const guess = selected[place] as Interest | undefined;
  return (guess?.[1] === life ? guess : selected.find(([, other]) => other === life))?.[2];
}
