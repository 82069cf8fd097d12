/** scripts/loop/: each step from select() to a loop of one's own does what its twin in Python does. */
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { expect, test } from "vitest";

import { Command, compiled } from "../support/commands.ts";
import { exchange } from "../support/exchanges.ts";
import { reserve } from "../support/ports.ts";
import { is_blocked } from "../support/proc.ts";
import { PYTHON } from "../support/python.ts";
import { has_poller } from "../support/system.ts";
import { needs, needs_linux } from "../support/tools.ts";
import { until } from "../support/waiting.ts";

const HOST = "127.0.0.1";

/** What each step's server prints last for a client that is silent; null: it waits for ever. */
const steps: Readonly<Record<string, string | null>> = {
  callbacks: null,
  timers: "Nothing from",
  generators: "Nothing from",
  futures: "Echoed 0 bytes",
  "async-await": "Echoed 0 bytes",
  "event-loop": "Echoed 0 bytes",
};
/** Those that count what they echo. */
const counting = ["futures", "async-await", "event-loop"];

test("every step is in both languages, and tested", () => {
  const files = readdirSync("scripts/loop");
  const shared = ["heap.ts", "loop.py", "loop.ts", "task.py", "task.ts"];
  const programs = Object.keys(steps).flatMap((step) => [`${step}.py`, `${step}.ts`]);
  expect(files.filter((file) => file !== "__pycache__").toSorted()).toEqual(
    [...programs, ...shared].toSorted(),
  );
});

/** A server's clients one after the other, and what it printed in the end, without ports. */
async function run(command: readonly string[], step: string): Promise<string> {
  const port = await reserve();
  const server = new Command([...command, HOST, String(port)]);
  await server.printed("Listening on");

  expect(await exchange(port, "Hello")).toBe("Hello");
  const last = steps[step];
  if (last !== null) expect(await text(connect(port, HOST))).toBe("");
  await server.printed(last ?? "Closing connection");

  // Between two turns of the fifth step's loop, Ctrl-C would have Node's meaning.
  if (step === "async-await") await until(() => is_blocked(server.pid));
  const { stdout, ...ending } = await server.interrupt();
  expect(ending).toEqual({ status: 0, signal: null, stderr: "" });
  return stdout.replaceAll(/(?<=', )\d+/g, "PORT");
}

const in_python = (step: string) => [PYTHON, "-u", `scripts/loop/${step}.py`];
const in_typescript = (step: string) => compiled(`scripts/loop/${step}.ts`);

test.for(Object.keys(steps))("%s prints what its twin prints", async (step, { skip }) => {
  needs_linux();
  needs("python3");
  if (step === "event-loop" && !has_poller) skip("select_async needs epoll or kqueue");
  const printed = await run(in_typescript(step), step);
  expect(printed).toContain("Accepted connection from ('127.0.0.1', PORT)");
  expect(printed).toBe(await run(in_python(step), step));
});

test.for(Object.keys(steps))("%s without arguments says what it wants", async (step) => {
  needs("python3");
  for (const command of [in_typescript(step), in_python(step)]) {
    const usage = { stdout: expect.stringMatching(/^Usage: .* <host> <port>\n$/), stderr: "" };
    expect(await new Command(command).ended).toMatchObject({ ...usage, status: 1 });
  }
});

test.for(counting)("%s waits for a client that does not read", async (step, { skip }) => {
  if (step === "event-loop" && !has_poller) skip("select_async needs epoll or kqueue");
  const port = await reserve();
  const server = new Command([...in_typescript(step), HOST, String(port)]);
  await server.printed("Listening on");
  // More than the system keeps for both sides.
  const sent = "x".repeat(16 * 1024 * 1024);
  const slow = connect({ port, host: HOST, allowHalfOpen: true });
  slow.end(sent);
  // Meanwhile it serves others.
  expect(await exchange(port, "Hello")).toBe("Hello");
  expect((await text(slow)).length).toBe(sent.length);
  await server.printed(`Echoed ${sent.length} bytes`);
});
