/** What the tests of selectors share. */
import { expect } from "vitest";

import { EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import type { BaseSelector } from "iomux/selectors";

export const BOTH: number = EVENT_READ | EVENT_WRITE;

/** What select() returned, in the shortest form. */
export function ready(sel: BaseSelector, timeout: number | null = 0): [unknown, number][] {
  return sel.select(timeout).map(([key, mask]) => [key.data, mask]);
}

export function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}
