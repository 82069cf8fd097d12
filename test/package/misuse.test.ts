/** The public surface, called with whatever JavaScript can pass, on objects in every state. */
import { expect, test } from "vitest";

import { start } from "../support/programs.ts";

test("no function or method crashes, leaks a descriptor, or throws what Python would not", async () => {
  const program = start("misuse.ts", ["300"]);
  const checked: string[] = [];
  for (let label = await program.line(); label !== "end"; label = await program.line()) {
    expect.soft(await program.line(), label).toBe("null");
    checked.push(label);
  }
  expect(checked.length).toBeGreaterThan(120);
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
}, 600_000);

test("arguments that act in the middle of a call do no more harm", async () => {
  const program = start("reentrant.ts", ["300"]);
  const checked: string[] = [];
  for (let label = await program.line(); label !== "end"; label = await program.line()) {
    expect.soft(await program.line(), label).toBe("null");
    checked.push(label);
  }
  expect(checked.length).toBeGreaterThan(40);
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
}, 600_000);
