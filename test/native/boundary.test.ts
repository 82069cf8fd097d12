/** The native table, called with whatever JavaScript can pass. */
import { expect, test } from "vitest";

import { start } from "../support/programs.ts";

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
  expect(checked).toContain("epoll_wait");
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
});
