/** Programs end as they should, whatever their sockets are doing at that moment. */
import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { is_blocked } from "./support/proc.ts";
import { start } from "./support/programs.ts";
import type { TestProgram } from "./support/programs.ts";
import { has_poller } from "./support/system.ts";
import { until } from "./support/waiting.ts";

/** Their programs are in the event loop. */
const idle = [
  ..."open listening connected registered closed detached leaked written".split(" "),
  ...(has_poller ? ["select_async"] : []),
];
/** Their programs are blocked. */
const blocked =
  "accept recv recv_with_timeout recvfrom_into recvmsg sendall sendmsg sendfile readline connect select poll selector pause".split(
    " ",
  );
const stages = [...idle, ...blocked, "polling"];

/** Some leave their sockets to the garbage collector. */
const QUIET = ["--disable-warning=ResourceWarning"];

/** A program at its stage, or a moment before. */
async function at(stage: string, ...args: readonly string[]): Promise<TestProgram> {
  const program = start("lifecycle.ts", [stage, ...args], QUIET);
  expect(await program.line()).toBe("ready");
  if (!args.includes("worker") && blocked.includes(stage)) {
    await until(() => is_blocked(program.pid));
  } else await setTimeout(Math.random() * 20);
  return program;
}

const nothing = { stderr: "" };

describe.each(stages)("%s", (stage) => {
  test("process.exit() in a signal's handler", async () => {
    const program = await at(stage, "exit");
    program.kill("SIGUSR2");
    expect(await program.ended).toEqual({ status: 3, signal: null, ...nothing });
  });

  test("an exception in a signal's handler", async () => {
    const program = await at(stage, "throw");
    program.kill("SIGUSR2");
    const { status, stderr } = await program.ended;
    expect(status).toBe(1);
    expect(stderr).toContain("Error: on purpose");
  });

  test.each(["SIGTERM", "SIGKILL"] as const)("%s", async (signal) => {
    const program = await at(stage);
    program.kill(signal);
    expect(await program.ended).toEqual({ status: null, signal, ...nothing });
  });

  test("Ctrl-C", async () => {
    const program = await at(stage);
    program.kill("SIGINT");
    const { status, signal, stderr } = await program.ended;
    expect({ status, signal }).toEqual({ status: null, signal: "SIGINT" });
    if (!idle.includes(stage)) expect(stderr).toContain("KeyboardInterrupt");
  });

  describe("in a worker", () => {
    test("that is terminated", async () => {
      const program = await at(stage, "terminate", "worker");
      program.kill("SIGUSR2");
      expect(await program.ended).toEqual({ status: 0, signal: null, ...nothing });
    });

    test("process.exit() in the main thread", async () => {
      const program = await at(stage, "exit", "worker");
      program.kill("SIGUSR2");
      expect(await program.ended).toEqual({ status: 3, signal: null, ...nothing });
    });

    test("an exception in the main thread", async () => {
      const program = await at(stage, "throw", "worker");
      program.kill("SIGUSR2");
      const { status, stderr } = await program.ended;
      expect(status).toBe(1);
      expect(stderr).toContain("Error: on purpose");
    });
  });
});

test.each(idle.filter((stage) => !["registered", "select_async"].includes(stage)))(
  "%s: a program that has nothing to do ends",
  async (stage) => {
    const program = start("lifecycle.ts", [stage, "return"], QUIET);
    expect(await program.ended).toEqual({ status: 0, signal: null, ...nothing });
  },
);
