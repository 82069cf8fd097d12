/**
 * Signals that have nothing to do with sockets do not end what a socket waits for. (Node's own
 * handlers for them run once the program is back in its event loop.)
 */
import { describe, expect, test } from "vitest";

import * as socket from "iomux/socket";

import { compiled } from "../support/commands.ts";
import { is_blocked } from "../support/proc.ts";
import { interrupt, start } from "../support/programs.ts";
import type { TestProgram } from "../support/programs.ts";
import { closing, full_listener, listener } from "../support/sockets.ts";
import { trace } from "../support/strace.ts";
import { meanwhile, until } from "../support/waiting.ts";

const SIGNALS = ["SIGUSR1", "SIGCHLD", "SIGWINCH", "SIGUSR2"] as const;
/** How many the program is to hear of. */
const ALL = String(SIGNALS.length);

/** All of them, each while the call waits. */
async function interrupt_often(program: TestProgram): Promise<void> {
  for (const signal of SIGNALS) await interrupt(program, signal);
}

/** The outcome of the program's call, which has heard of all the signals in the end. */
async function outcome(program: TestProgram): Promise<unknown> {
  const { value, error } = JSON.parse(await program.line());
  expect(JSON.parse(await program.line())).toBe(SIGNALS.length);
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  return value ?? error;
}

describe.each(["null", "300"])("with the timeout %s a signal does not end", (timeout) => {
  test.each(["recv", "recv_into"])("%s", async (call) => {
    const [lsock, [, port]] = listener();
    const program = start("socket-calls.ts", [call, String(port), timeout, ALL]);
    const conn = closing(lsock.accept()[0]);
    expect(await program.line()).toBe('"ready"');
    await interrupt_often(program);
    conn.sendall(Buffer.from("after the signals"));
    expect(await outcome(program)).toBe("after the signals");
  });

  test("accept", async () => {
    const program = start("socket-calls.ts", ["accept", "0", timeout, ALL]);
    const address = JSON.parse(await program.line()) as socket.InetAddress;
    expect(await program.line()).toBe('"ready"');
    await interrupt_often(program);
    closing(new socket.socket()).connect(address);
    expect(await outcome(program)).toBe(true);
  });

  test.each(["connect", "connect_ex"])("%s", async (call) => {
    const [lsock, address] = full_listener();
    const program = start("socket-calls.ts", [call, String(address[1]), timeout, ALL]);
    expect(await program.line()).toBe('"ready"');
    await interrupt_often(program);
    closing(lsock.accept()[0]);
    closing(lsock.accept()[0]);
    expect(await outcome(program)).toEqual(call === "connect" ? address : 0);
  });

  test("sendall, of which every byte arrives", async () => {
    const [lsock, [, port]] = listener();
    const program = start("socket-calls.ts", ["sendall", String(port), timeout, ALL]);
    const conn = closing(lsock.accept()[0]);
    conn.settimeout(30);
    expect(await program.line()).toBe('"ready"');
    await interrupt_often(program);
    let place = 0;
    let wrong = 0;
    for (let part; (part = conn.recv(1024 * 1024)).length > 0;) {
      for (const byte of part) if (byte !== place++ % 251) wrong++;
    }
    expect([place, wrong]).toEqual([32 * 1024 * 1024, 0]);
    expect(await outcome(program)).toBe(undefined);
  });
});

/** Signals without end: should each begin the timeout anew, the call would never end. */
async function outcome_under_signals(program: TestProgram): Promise<unknown> {
  expect(await program.line()).toBe('"ready"');
  await until(() => is_blocked(program.pid));
  const line = await meanwhile(program.line(), () => program.kill("SIGUSR1"));
  const { value, error, seconds } = JSON.parse(line);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(JSON.parse(await program.line())).toBeGreaterThan(0);
  return value ?? error;
}

describe("the timeout is not begun anew by a signal", () => {
  const timed_out = ["TimeoutError", "timed out", null];

  test.each(["recv", "recv_into"])("%s", async (call) => {
    const [lsock, [, port]] = listener();
    const program = start("socket-calls.ts", [call, String(port), "1", "1"]);
    closing(lsock.accept()[0]);
    expect(await outcome_under_signals(program)).toEqual(timed_out);
  });

  test("accept", async () => {
    const program = start("socket-calls.ts", ["accept", "0", "1", "1"]);
    await program.line();
    expect(await outcome_under_signals(program)).toEqual(timed_out);
  });

  test("connect", async () => {
    const [, [, port]] = full_listener();
    const program = start("socket-calls.ts", ["connect", String(port), "1", "1"]);
    expect(await outcome_under_signals(program)).toEqual(timed_out);
  });

  test("connect_ex", async () => {
    const [, [, port]] = full_listener();
    const program = start("socket-calls.ts", ["connect_ex", String(port), "1", "1"]);
    expect(await outcome_under_signals(program)).toBe(11);
  });

  test("sendall", async () => {
    const [lsock, [, port]] = listener();
    const program = start("socket-calls.ts", ["sendall", String(port), "1", "1"]);
    closing(lsock.accept()[0]);
    expect(await outcome_under_signals(program)).toEqual(timed_out);
  });
});

test("a connect that was interrupted is not called again, but waited for", async () => {
  const program = [...compiled("test/support/programs/signals.ts"), "connect"];
  const calls = await trace(program, ["connect", "write"]);
  const told = calls.filter(({ name, args }) =>
    name === "connect" ? args[1].includes("sin_port") : args[0] === "1",
  );
  const outcomes = told.map(({ name, args, result }) => [
    name === "connect" ? name : args[1],
    result,
  ]);
  expect(outcomes).toEqual([
    // The first client, then the one that has to wait.
    ["connect", "0"],
    ["connect", expect.stringMatching(/ERESTARTSYS|EINTR/)],
    ['"handled\\n"', "8"],
    ['"connected true\\n"', "15"],
  ]);
});
