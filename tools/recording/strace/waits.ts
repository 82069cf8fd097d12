/** What readiness calls were asked and what they said, as strace prints it. */
import {
  EVENT_READ,
  EVENT_WRITE,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
} from "../masks.ts";
import { field_of, parts_of } from "./log.ts";

/** A descriptor, and a mask of poll(2). */
type Pair = readonly [fd: number, mask: number];

/** What poll or select was asked: descriptors, and masks of poll(2). */
export function interest_of(name: string, args: readonly string[]): Pair[] {
  if (name.includes("poll")) {
    return parts_of(args[0]).map((part) => [
      Number(field_of(part, "fd")),
      mask_of(field_of(part, "events") ?? ""),
    ]);
  }
  return name.includes("select") ? in_sets(args[1], args[2], args[3]) : [];
}

/** What they said, which strace prints behind the result. */
export function ready_of(name: string, more: string): Pair[] {
  if (name.includes("poll")) {
    const list = /^\s*\((\[.*\])/.exec(more)?.[1] ?? "[]";
    return parts_of(list).flatMap((part): Pair[] => {
      const fd = field_of(part, "fd");
      return fd === undefined ? [] : [[Number(fd), mask_of(field_of(part, "revents") ?? "")]];
    });
  }
  const set = (word: string) => new RegExp(`\\b${word} (\\[[\\d ]*\\])`).exec(more)?.[1];
  return in_sets(set("in"), set("out"), set("except"));
}

/** The descriptors in the sets of select(2), "[3 5]". */
function in_sets(...sets: (string | undefined)[]): Pair[] {
  const masks = new Map<number, number>();
  [POLLIN, POLLOUT, POLLPRI].forEach((mask, index) => {
    for (const fd of (sets[index] ?? "").match(/\d+/g) ?? []) {
      masks.set(Number(fd), (masks.get(Number(fd)) ?? 0) | mask);
    }
  });
  return [...masks];
}

/** What epoll_wait(2) said. */
export function epoll_events(list: string): Pair[] {
  return parts_of(list).map((part) => [
    Number(/u32=(\d+)/.exec(part)?.[1]),
    mask_of(field_of(part, "events") ?? ""),
  ]);
}

/** poll(2)'s and epoll(7)'s names are the same but for their beginning, and so are the numbers. */
const bits: Readonly<Record<string, number>> = {
  IN: POLLIN,
  PRI: POLLPRI,
  OUT: POLLOUT,
  ERR: POLLERR,
  HUP: POLLHUP,
  NVAL: POLLNVAL,
  RDNORM: 0x40,
  RDBAND: 0x80,
  WRNORM: 0x100,
  WRBAND: 0x200,
  RDHUP: POLLRDHUP,
};

/** A mask of poll(2) by its names, joined by |. */
export function mask_of(names: string): number {
  return names
    .split("|")
    .map((name) => bits[name.replace(/^E?POLL/, "")] ?? 0)
    .reduce((mask, bit) => mask | bit, 0);
}

/** EVENT_READ and EVENT_WRITE of a mask of poll(2). */
export function events_of(mask: number): number {
  return ((mask & POLLIN) === 0 ? 0 : EVENT_READ) | ((mask & POLLOUT) === 0 ? 0 : EVENT_WRITE);
}
