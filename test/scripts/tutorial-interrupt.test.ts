/**
 * Ctrl-C: a call that blocks raises KeyboardInterrupt, whatever the moment; everywhere else SIGINT
 * means what it means to Node.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { has_signals_pending, is_blocked } from "../support/proc.ts";
import { start as start_program } from "../support/programs.ts";
import { serve, start } from "../support/tutorial.ts";
import type { Language } from "../support/tutorial.ts";
import { until } from "../support/waiting.ts";

const HOST = "127.0.0.1";
const GOODBYE = "Caught keyboard interrupt, exiting.\n";

/** A clean end, its good-bye being the last that was printed. */
const clean: unknown = {
  status: 0,
  signal: null,
  stdout: expect.stringMatching(new RegExp(`${GOODBYE}$`)),
  stderr: "",
};

/** Some moment within so many milliseconds. */
async function sometime(most: number): Promise<void> {
  const begin = performance.now();
  const wait = Math.random() * most;
  // A timer knows whole milliseconds only.
  while (performance.now() - begin < wait) await new Promise(setImmediate);
}

/** Makes the server work all the time, until the end of the test. */
function load(port: number): void {
  for (let connections = 0; connections < 5; connections++) {
    const client = connect(port, HOST);
    client.on("error", () => {});
    client.on("data", (data: Buffer) => client.write(data));
    client.write("some bytes that go to and fro");
    onTestFinished(() => void client.destroy());
  }
}

async function in_parallel(count: number, run: () => Promise<Ending>): Promise<Ending[]> {
  const endings: Ending[] = [];
  const worker = async (): Promise<void> => {
    while (endings.length < count) endings.push(await run());
  };
  await Promise.all([worker(), worker(), worker()]);
  return endings.slice(0, count);
}

/** A server that takes connections and says nothing. */
async function silent_server(port: number): Promise<number> {
  const server = createServer((client: Socket) => {
    client.on("error", () => {}).resume();
    onTestFinished(() => void client.destroy());
  });
  server.listen(port, HOST);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Sends Ctrl-C to a program once it blocks. */
async function interrupted(program: Command): Promise<Ending> {
  await until(() => is_blocked(program.pid));
  return program.interrupt();
}

const TSX = ["node_modules/.bin/tsx", "--conditions=iomux-source"];

/** A multiconn-server that listens, and tsx in front of it. */
async function server_of_tsx(): Promise<Command> {
  const port = await reserve();
  const program = new Command([...TSX, "scripts/multiconn-server.ts", HOST, String(port)]);
  await program.printed("Listening on");
  return program;
}

/** A program by tsx, once it is ready; and its process, which is a child of tsx. */
async function child_of_tsx(...args: string[]): Promise<readonly [tsx: Command, pid: number]> {
  const program = new Command([...TSX, "test/support/programs/signals.ts", ...args]);
  await program.printed("ready");
  return [program, Number(program.stdout.slice("ready ".length))];
}

/** A file that tells the program to go on. */
function signpost(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "go");
}

test("100 times at random moments of an idle multiconn-server", async () => {
  const endings = await in_parallel(100, async () => {
    const [server] = await serve("multiconn-server", "TypeScript");
    await sometime(20);
    return server.interrupt();
  });
  expect(endings).toEqual(endings.map(() => clean));
}, 300_000);

test("100 times at random moments of a busy multiconn-server", async () => {
  const endings = await in_parallel(100, async () => {
    const [server, port] = await serve("multiconn-server", "TypeScript");
    load(port);
    await server.printed("Echoing");
    await sometime(50);
    return server.interrupt();
  });
  expect(endings).toEqual(endings.map(() => clean));
}, 300_000);

test.each([
  ["idle, in waits of all kinds", "again_and_again"],
  ["under load", "busy"],
])(
  "500 times one process, %s: each signal is one KeyboardInterrupt, and soon",
  async (_, what) => {
    const program = start_program("interrupts.ts", [what]);
    expect(await program.line()).toBe("ready");
    let late = 0;
    for (let turn = 0; turn < 500; turn++) {
      await sometime(3);
      const sent = performance.now();
      program.kill("SIGINT");
      expect(await program.line()).toBe("interrupted");
      if (performance.now() - sent > 100) late++;
    }
    // A machine with other things to do may keep this process from looking, now and then.
    expect(late).toBeLessThan(5);
    // None was told twice.
    program.kill("SIGINT");
    expect(await program.line()).toBe("interrupted");
    program.kill("SIGKILL");
    await expect(program.line()).rejects.toThrow("ended too early");
  },
  60_000,
);

test("a program that only looks and never waits is interrupted as well", async () => {
  const program = start_program("interrupts.ts", ["polling"]);
  expect(await program.line()).toBe("ready");
  program.kill("SIGINT");
  expect(await program.line()).toBe("interrupted");
  expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
});

describe.each<Language>(["TypeScript", "Python"])("in %s", (language) => {
  const died = {
    status: null,
    signal: "SIGINT",
    // Bun shows the line that has thrown it before, and a colon after its name.
    stderr: expect.stringMatching(
      /^(?:(?:Traceback| *\d+ \|)[^]*\n)?KeyboardInterrupt(?:: )?\n/,
    ) as string,
  };

  test.each(["multiconn-server", "app-server"])("%s says good-bye", async (name) => {
    const [server] = await serve(name, language);
    const { stdout, ...ending } = await interrupted(server);
    expect(ending).toEqual({ status: 0, signal: null, stderr: "" });
    expect(stdout).toMatch(
      /^Listening on \('127\.0\.0\.1', \d+\)\nCaught keyboard interrupt, exiting\.\n$/,
    );
  });

  test.each([
    // This one asks for room to write as well, and so never blocks.
    ["multiconn-client", ["1"], "Sending b'Message 2"],
    ["app-client", ["search", "x"], "Sending"],
  ])("%s says good-bye", async (name, args, said) => {
    const port = await silent_server(0);
    const client = start(name, language, [HOST, String(port), ...args]);
    await client.printed(said);
    await sometime(20);
    expect(await client.interrupt()).toEqual(clean);
  });

  test("echo-server, waiting for a connection, ends by KeyboardInterrupt", async () => {
    const port = await reserve(65_432);
    const server = start("echo-server", language);
    await server.listening(port);
    expect(await interrupted(server)).toEqual({ ...died, stdout: "" });
  });

  test("echo-server, waiting for bytes, ends by KeyboardInterrupt", async () => {
    const port = await reserve(65_432);
    const server = start("echo-server", language);
    await server.listening(port);
    const client = connect({ port, host: HOST, allowHalfOpen: true });
    // Reset in the end, so that the system need not remember the connection, and the port is free.
    client.resume().on("end", () => client.resetAndDestroy());
    await server.printed("Connected by");
    expect(await interrupted(server)).toEqual({ ...died, stdout: expect.any(String) });
    if (!client.closed) await once(client, "close");
  });

  test("echo-client, waiting for an answer, ends by KeyboardInterrupt", async () => {
    await silent_server(await reserve(65_432));
    const client = start("echo-client", language);
    expect(await interrupted(client)).toEqual({ ...died, stdout: "" });
  });
});

describe("through tsx, as the README starts a program", () => {
  test("Ctrl-C in a terminal goes to both processes", async () => {
    const program = await server_of_tsx();
    process.kill(-program.pid, "SIGINT");
    expect(await program.ended).toEqual(clean);
  });

  test("a signal to tsx alone is passed on", async () => {
    const program = await server_of_tsx();
    expect(await program.interrupt()).toEqual(clean);
  });

  test.each([
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const)("a program that handles %s goes on", async (signal, number) => {
    const program = new Command([...TSX, "test/support/programs/signals.ts", "interrupt"]);
    await program.printed("ready");
    program.kill(signal);
    const stdout = `ready\nhandled ${number}\nTimeoutError\n`;
    expect(await program.ended).toEqual({ status: 0, signal: null, stdout, stderr: "" });
  });

  test.each(["blocking", "looping"])("SIGTERM to a program alone ends it, %s", async (how) => {
    const [tsx, pid] = await child_of_tsx("unhandled", how);
    await sometime(20);
    process.kill(pid, "SIGTERM");
    expect(await tsx.ended).toMatchObject({ status: 143, stderr: "" });
  });

  test("a listener for SIGTERM that goes leaves its end to the system", async () => {
    const [tsx, pid] = await child_of_tsx("listener_goes");
    process.kill(pid, "SIGTERM");
    await tsx.printed("ready", 2);
    process.kill(pid, "SIGTERM");
    expect(await tsx.ended).toMatchObject({ status: 143, stderr: "" });
  });
});

describe("outside of a blocking call", () => {
  test("a signal between two blocking calls is raised by the second", async () => {
    const go = signpost();
    const program = start_program("interrupts.ts", ["between", go]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    await until(() => !has_signals_pending(program.pid));
    writeFileSync(go, "");
    expect(await program.line()).toBe("interrupted");
    expect(await program.line()).toBe("returned");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("in the event loop a listener hears it, and the next call does not raise it", async () => {
    const go = signpost();
    const program = start_program("interrupts.ts", ["listener", go]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    expect(await program.line()).toBe("heard");
    writeFileSync(go, "");
    expect(await program.line()).toBe("returned");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("in the event loop and without a listener, the process dies", async () => {
    const program = start_program("interrupts.ts", ["no_listener"]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    expect(await program.ended).toEqual({ status: null, signal: "SIGINT", stderr: "" });
  });

  test("a listener hears what comes in the event loop, the blocking call what comes there", async () => {
    const go = signpost();
    const program = start_program("interrupts.ts", ["both", go]);
    expect(await program.line()).toBe("ready");
    await until(() => is_blocked(program.pid));
    program.kill("SIGINT");
    expect(await program.line()).toBe("interrupted");
    expect(await program.line()).toBe("back");
    expect(await program.line()).toBe("heard");
    writeFileSync(go, "");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test.each(["computing", "sleeping"])("a program %s without end is ended by one", async (what) => {
    const program = start_program("interrupts.ts", [what]);
    expect(await program.line()).toBe("ready");
    // It waits a second for a call of iomux's that blocks.
    program.kill("SIGINT");
    expect(await program.ended).toEqual({ status: null, signal: "SIGINT", stderr: "" });
  });

  test("what KeyboardInterrupt's handler does is done in full", async () => {
    const program = start_program("interrupts.ts", ["cleanup"]);
    expect(await program.line()).toBe("ready");
    await until(() => is_blocked(program.pid));
    program.kill("SIGINT");
    expect(await program.line()).toBe("good-bye");
    expect(await program.ended).toEqual({
      status: null,
      signal: "SIGINT",
      stderr: expect.stringMatching(/^(?: *\d+ \|[^]*\n)?KeyboardInterrupt(?:: )?\n/),
    });
  });
});
