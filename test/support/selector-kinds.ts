/** All the selectors that this system has, and what their tests share. */
import { expect } from "vitest";

import {
  BaseSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  KqueueSelector,
  PollSelector,
  SelectSelector,
} from "iomux/selectors";

// KqueueSelector is undefined where the system has no kqueue: see test/select/kqueue.test.ts.
const all: [name: string, Selector: (new () => BaseSelector) | undefined][] = [
  ["EpollSelector", EpollSelector],
  ["KqueueSelector", KqueueSelector],
  ["PollSelector", PollSelector],
  ["SelectSelector", SelectSelector],
];
export const kinds = all.filter(
  (kind): kind is [name: string, Selector: new () => BaseSelector] => kind[1] !== undefined,
);

export const BOTH: number = EVENT_READ | EVENT_WRITE;

/** What select() returned, in the shortest form. */
export function ready(sel: BaseSelector, timeout: number | null = 0): [unknown, number][] {
  return sel.select(timeout).map(([key, mask]) => [key.data, mask]);
}

export function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}
