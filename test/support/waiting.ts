/** Waiting for what happens in the system, in other processes, or at the other end of a connection. */
import { setTimeout } from "node:timers/promises";

import { onTestFinished } from "vitest";

/** Waits until something has become so, in the system or in another process: until the test's end. */
export async function until(is_so: () => boolean): Promise<void> {
  const test = { is_over: false };
  onTestFinished(() => {
    test.is_over = true;
  });
  while (!is_so() && !test.is_over) await setTimeout(1);
}

/** Does something again and again until the outcome is there. */
export async function meanwhile<T>(outcome: Promise<T>, often: () => void): Promise<T> {
  const wait = { is_over: false };
  const ended = outcome.finally(() => {
    wait.is_over = true;
  });
  while (!wait.is_over) {
    often();
    await setTimeout(10);
  }
  return ended;
}
