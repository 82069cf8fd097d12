/** The native table, called with whatever JavaScript can pass. */
import { expect, test } from "vitest";

import { start } from "../support/programs.ts";

test("memory that another thread changes meanwhile is read once, and what it says is checked", async () => {
  const program = start("shared-memory.ts");
  expect(await program.line()).toBe("waited");
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
});

test("no argument makes the addon crash, or do anything but return or throw a TypeError that names it", async () => {
  const program = start("boundary.ts");
  let last = "";
  const checked: string[] = [];
  while (last !== "memory around") {
    last = await program.line();
    const problem = await program.line().catch((error: Error) => error.message);
    expect.soft(problem, last).toBe("null");
    checked.push(last);
  }
  expect(checked).toContain("poll");
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
});
