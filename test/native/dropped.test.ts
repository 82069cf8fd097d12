/** Sockets that a program drops without closing them, in a loop that never ends a turn of the event loop. */
import { describe, expect, test } from "vitest";

import { native } from "../../lib/native.ts";
import { compiled, Command } from "../support/commands.ts";
import { not_on } from "../support/runtime.ts";

/** With at most so many descriptors open. */
async function with_descriptors(limit: number, ...args: readonly string[]): Promise<string> {
  const program = compiled("test/support/programs/dropped.ts");
  const shell = ["sh", "-c", `ulimit -n ${limit} && exec "$@"`, "sh"];
  const { status, stdout, stderr } = await new Command([...shell, ...program, ...args]).ended;
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

describe.each(["socket", "socketpair", "socket.dup", "dup", "accept"])("%s", (how) => {
  test("goes on with the descriptors of those that were dropped", async () => {
    not_on("Bun", "A weak reference is one, while the event loop does not turn.");
    expect(await with_descriptors(300, how)).toBe("all");
  });

  test("raises EMFILE if all are still in use", async () => {
    expect(await with_descriptors(300, how, "keep")).toBe(`OSError ${native.errors.EMFILE}`);
  });
});
