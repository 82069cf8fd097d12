/** Workers: each may block in a loop of its own, and is ended all the same. */
import { describe, expect, test } from "vitest";

import { is_bun } from "../../lib/core/runtime.ts";
import { start } from "../support/programs.ts";
import { not_on } from "../support/runtime.ts";
import { has_poller } from "../support/system.ts";

describe("terminate() ends a worker that is blocked in", () => {
  const kinds =
    "accept recv recvfrom recvmsg sendall recv_with_timeout select_by_default poll select pause polling";

  test.each([...kinds.split(" "), ...(has_poller ? ["select_async"] : [])])(
    "%s, and closes its sockets",
    async (what) => {
      not_on(
        "Deno",
        "terminate() ends no worker that is not in its event loop, `while (true)` neither",
      );
      const program = start("blocked-workers.ts", [what]);
      const times = (JSON.parse(await program.line()) as number[]).toSorted((a, b) => a - b);
      // A machine with other things to do may delay some of them.
      expect(times[times.length / 2]).toBeLessThan(100);
      const left = JSON.parse(await program.line()) as number[];
      // Bun has some of its own, now and then; ten workers were ended.
      const few = left.map((count) => (is_bun && count < 5 ? 0 : count));
      expect(few, "descriptors and threads that are left").toEqual([0, 0]);
      expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
    },
  );
});

test("process.exit() ends it as well", async () => {
  const program = start("blocked-workers.ts", ["exit"]);
  expect(await program.ended).toEqual({ status: 7, signal: null, stderr: "" });
});

test("messages that come meanwhile do not end its wait, nor begin the time anew", async () => {
  const program = start("blocked-workers.ts", ["messages"]);
  const milliseconds = JSON.parse(await program.line()) as number;
  expect(milliseconds).toBeGreaterThanOrEqual(499);
  expect(milliseconds).toBeLessThan(5000);
});
