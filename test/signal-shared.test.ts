/** Signals that Node uses as well: for the ends of children, and for the listeners of process.on(). */
import { describe, expect, test } from "vitest";

import { start } from "./support/programs.ts";
import { not_on } from "./support/runtime.ts";

const ENDED = { status: 0, signal: null, stderr: "" };

/** Where the last listener takes the handler with it, and leaves the signal its default for a moment. */
function needs_libuv(): void {
  not_on("Bun", "the last listener of a signal takes the handler with it");
  not_on("Deno", "the last listener of a signal takes the handler with it");
}

/** What test/support/programs/shared-signals.ts tells, and how it ends. */
async function run(what: string): Promise<[told: unknown, ending: unknown]> {
  const program = start("shared-signals.ts", [what]);
  return [JSON.parse(await program.line()), await program.ended];
}

describe("a handler of SIGCHLD and node:child_process do not disturb each other", () => {
  test.each([
    ["the handler comes first", "handler_first", [3, 4, 5]],
    ["a child comes first, and another one runs", "child_first", [3, 4, 5]],
    ["the handler has gone while a child runs", "default_again", [0, 3, 4, 5]],
    ["the signal was ignored for a while", "ignored_before", [3, 4, 5]],
  ])("%s", async (_, what, statuses) => {
    expect(await run(what)).toEqual([statuses, ENDED]);
  });

  test("the handler is called once a child", async () => {
    expect(await run("once_a_child")).toEqual([[1, 2, 3, 4, 5], ENDED]);
  });

  test("the handler runs in the middle of a wait, and the child's exit is known afterwards", async () => {
    expect(await run("in_a_wait")).toEqual([[1, 0], ENDED]);
  });

  test("what was before the handler is SIG_DFL, as in Python, and can be put back", async () => {
    expect(await run("put_back")).toEqual([[0, 0, 0], ENDED]);
  });
});

describe("listeners of process.on()", () => {
  test("hear what the system ignores by default beside a handler", async () => {
    expect(await run("listener_too")).toEqual([["handler", "listener"], ENDED]);
  });

  test("take over a signal that was ignored, and leave it its default", async () => {
    const ending = { ...ENDED, status: null, signal: "SIGUSR2" };
    expect(await run("listener_after_ignored")).toEqual(["SIGUSR2", ending]);
  });

  test("come and go under a rain of signals, which are handled all the time", async () => {
    needs_libuv();
    expect(await run("on_and_off")).toEqual(["alive", ENDED]);
  });

  test("come and go under a rain of Ctrl-Cs, which are KeyboardInterrupts all the time", async () => {
    needs_libuv();
    expect(await run("on_and_off_of_interrupts")).toEqual([20, ENDED]);
  });

  test("hear of Ctrl-C in the event loop, which ends the program without them", async () => {
    not_on("Bun", "nothing tells when a listener of a signal goes");
    const ending = { ...ENDED, status: null, signal: "SIGINT" };
    expect(await run("interrupt_and_listeners")).toEqual(["SIGINT", ending]);
  });
});
