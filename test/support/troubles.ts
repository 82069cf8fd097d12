/** The troubles in recordings, for the tests of what finds them. */
import { expect } from "vitest";

import { BlockingIOError, OSError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import type { Line } from "iomux/trace";

import { troubles_of } from "../../tools/recording/troubles.ts";
import type { Trouble } from "../../tools/recording/troubles.ts";
import { calls_of } from "./recorded-scenes.ts";
import type { Selector } from "./recorded-scenes.ts";
import { has_epoll } from "./system.ts";

const { EpollSelector, PollSelector, SelectSelector } = selectors;

type Poller = readonly [by: "epoll" | "poll" | "select", make: () => Selector];

/** One selector for each call that waits. */
const every: readonly Poller[] = [
  ["epoll", () => new EpollSelector()],
  ["poll", () => new PollSelector()],
  ["select", () => new SelectSelector()],
];
export const pollers: readonly Poller[] = every.filter(([by]) => by !== "epoll" || has_epoll);

/**
 * Without what a machine under load does to every program: it is kept from running, and a client that
 * is played by the same program waits for what is still on the way.
 */
export function troubles(lines: readonly Line[]): Trouble[] {
  return troubles_of(lines).filter(
    ({ kind }) => kind !== "busy-handler" && kind !== "blocking-call",
  );
}

/** The one trouble that there is. */
export function only(lines: readonly Line[]): Trouble {
  const found = troubles(lines);
  expect(found.map(({ title }) => title)).toHaveLength(1);
  return found[0];
}

export function failing(work: () => void): void {
  expect(work).toThrow(OSError);
}

export function again(work: () => void): void {
  expect(work).toThrow(BlockingIOError);
}

/** The names of the calls that are given as examples. */
export function names(lines: readonly Line[], { calls }: Trouble): string[] {
  const all = calls_of(lines);
  return calls.map((number) => all.find(({ call }) => call === number)!.name);
}
