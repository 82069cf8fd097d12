/** What readiness calls were asked and what they said, as strace prints it. */
import { system_call } from "../../../lib/trace/calls.ts";
import type { Interest, Wake } from "../../../lib/trace/recording.ts";
import { events_of, mask_of, POLLIN, POLLOUT, POLLPRI } from "../masks.ts";
import type { ProcessState } from "../process-state.ts";
import { limit_of, text_of } from "./arguments.ts";
import { field_of, parts_of } from "./log.ts";
import type { StraceCall } from "./log.ts";

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

/** What a readiness call was asked and what it said; undefined for any other call. */
export function wake_of(
  call: StraceCall,
  life_of: (fd: number) => number,
  process: ProcessState,
): Wake | undefined {
  const { name, args, result, more } = call;
  if (system_call(name)?.act !== "wait") return undefined;
  const timeout = limit_of(call);
  const with_lives = (pairs: readonly Pair[]): Interest[] =>
    pairs.map(([fd, mask]) => [fd, life_of(fd), mask]);
  const list = text_of(call, "events");
  if (list !== undefined) {
    const poller = life_of(Number(args[0]));
    const watched = process.interest(poller);
    const interest = Array.from(watched, ([life, { fd, events }]): Interest => [fd, life, events]);
    const ready = with_lives((result ?? 0) > 0 ? epoll_events(list) : []);
    return { by: "epoll", poller, timeout, interest, ready };
  }
  const by = name.includes("poll") ? "poll" : "select";
  const asked = interest_of(name, args).map(([fd, mask]): Pair => [fd, events_of(mask)]);
  return { by, timeout, interest: with_lives(asked), ready: with_lives(ready_of(name, more)) };
}

/** What they said, which strace prints behind the result. */
function ready_of(name: string, more: string): Pair[] {
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
function epoll_events(list: string): Pair[] {
  return parts_of(list).map((part) => [
    Number(/u32=(\d+)/.exec(part)?.[1]),
    mask_of(field_of(part, "events") ?? ""),
  ]);
}
