/** `npx iomux trace`: what is run, recorded and made to fail. */
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Call, Fault, Header, Stack } from "iomux/trace";

import { Command } from "../support/commands.ts";
import {
  HOST,
  TOOL,
  SERVER,
  LIB,
  CLIENT,
  iomux,
  file,
  program,
  lines_in,
  end_of,
} from "../support/iomux-command.ts";
import { reserve } from "../support/ports.ts";
import { is_blocked } from "../support/proc.ts";
import { calls_of } from "../support/recorded-scenes.ts";
import { has_epoll, kinds, waiting_call } from "../support/system.ts";
import { needs } from "../support/tools.ts";
import { until } from "../support/waiting.ts";

describe("a script", () => {
  test("runs as it does without, and is recorded with the lines of its source", async () => {
    const output = file("run.jsonl");
    const port = String(await reserve());
    const { status, stdout, stderr } = await iomux(
      "trace",
      "-o",
      output,
      SERVER,
      HOST,
      port,
      "--",
      CLIENT,
      HOST,
      port,
      "2",
    );
    expect(status).toBe(0);
    expect(stdout).toContain("Listening on ");
    expect(stdout).toContain("Closing connection 2\n");
    expect(stdout).toContain("Caught keyboard interrupt, exiting.\n");
    expect(stderr).toMatch(
      /multiconn-server\.js: \d+ system calls, \d+ wake-ups; .* recording took [\d.]+ %/,
    );
    expect(stderr).toContain(`written to ${output}\n`);

    const lines = lines_in(output);
    const headers = lines.filter((line): line is Header => line.kind === "header");
    expect(headers.map((header) => header.process)).toEqual([0, 1]);
    expect(headers.map((header) => header.argv)).toEqual([
      [SERVER, HOST, port],
      [CLIENT, HOST, port, "2"],
    ]);
    // Where each call was made: the line says so.
    const source = readFileSync("scripts/multiconn-server.ts", "utf8").split("\n");
    const accept = calls_of(lines).find(({ name }) => name === "accept4")!;
    const stack = lines.find(
      (line) =>
        line.kind === "stack" && line.stack === accept.stack && line.process === accept.process,
    );
    expect(stack).toMatchObject({
      frames: [
        ["accept_wrapper", "scripts/multiconn-server.ts", expect.any(Number)],
        ["<module>", "scripts/multiconn-server.ts", expect.any(Number)],
      ],
    });
    const [[, , line]] = (stack as Stack).frames;
    expect(source[line - 1]).toContain("sock.accept()");
    const text = lines.find(
      (one) => one.kind === "source" && one.path === "scripts/multiconn-server.ts",
    );
    expect(text).toMatchObject({
      twin: {
        path: "scripts/multiconn-server.py",
        text: readFileSync("scripts/multiconn-server.py", "utf8"),
      },
    });
  });

  test("merged processes are on one clock: nobody accepts what was not yet connected", async () => {
    const output = file("run.jsonl");
    const port = String(await reserve());
    await iomux("trace", "-q", "-o", output, SERVER, HOST, port, "--", CLIENT, HOST, port, "5");
    const lines = lines_in(output);
    const times = lines.flatMap((line) => ("t" in line ? [line.t] : []));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const calls = calls_of(lines);
    const connects = calls.filter(({ name }) => name === "connect");
    const accepts = calls.filter(({ name, errno }) => name === "accept4" && errno === undefined);
    expect(accepts).toHaveLength(5);
    accepts.forEach((accept, index) => {
      expect(connects[index].t).toBeLessThan(accept.t + accept.d);
    });
  });

  test("that throws keeps what was recorded, its own message and its status", async () => {
    const script = program(
      "throws.mjs",
      `import * as socket from "${LIB}/socket.js";
      const sock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
      sock.connect(["127.0.0.1", 1]);`,
    );
    const output = file("run.jsonl");
    const { status, stderr } = await iomux("trace", "-o", output, script);
    expect(status).toBe(1);
    expect(stderr).toContain("[Errno 111] Connection refused");
    expect(stderr).toMatch(/throws\.mjs: \d+ system calls.* ended by ConnectionRefusedError/);
    const lines = lines_in(output);
    expect(calls_of(lines).at(-1)).toMatchObject({ name: "strerror" });
    expect(calls_of(lines).find(({ name }) => name === "connect")).toMatchObject({
      errno: "ECONNREFUSED",
    });
    expect(end_of(lines)).toMatchObject({
      status: 1,
      error: expect.stringContaining("Connection refused") as string,
    });
  });

  test("that is killed while it sleeps keeps all that was before", async () => {
    const script = program(
      "killed.mjs",
      `import * as select from "${LIB}/select.js";
      console.log(process.pid);
      const poller = select.poll();
      poller.poll(0);
      poller.poll();`,
    );
    const output = file("run.jsonl");
    const command = new Command([process.execPath, TOOL, "trace", "-o", output, script]);
    await until(() => command.stdout.endsWith("\n") && is_blocked(Number(command.stdout)));
    process.kill(Number(command.stdout), "SIGKILL");
    expect(await command.ended).toMatchObject({ status: 128 + 9 });
    const lines = lines_in(output);
    // The second has not come back.
    expect(calls_of(lines).filter(({ name }) => name === "poll")).toHaveLength(1);
    expect(end_of(lines)).toMatchObject({ status: null, signal: "SIGKILL" });
  });

  test("that ends by Ctrl-C is said to have", async () => {
    const script = program(
      "waits.mjs",
      `import * as select from "${LIB}/select.js";
      console.log(process.pid);
      select.poll().poll();`,
    );
    const output = file("run.jsonl");
    const command = new Command([process.execPath, TOOL, "trace", "-o", output, script]);
    await until(() => command.stdout.endsWith("\n") && is_blocked(Number(command.stdout)));
    // As a terminal does: to the whole group.
    process.kill(-command.pid, "SIGINT");
    const { status, stderr } = await command.ended;
    expect(status).toBe(128 + 2);
    expect(stderr).toContain("KeyboardInterrupt");
    expect(end_of(lines_in(output))).toMatchObject({ status: null, signal: "SIGINT" });
  });

  test("has the selector that was asked for", async () => {
    const script = program(
      "selector.mjs",
      `import { DefaultSelector } from "${LIB}/selectors.js";
      new DefaultSelector().select(0);`,
    );
    for (const by of kinds.map(([name]) => name.replace("Selector", "").toLowerCase())) {
      const output = file(`${by}.jsonl`);
      expect(await iomux("trace", "--selector", by, "-o", output, script)).toMatchObject({
        status: 0,
      });
      expect(calls_of(lines_in(output)).flatMap(({ wake }) => wake?.by ?? [])).toEqual([by]);
    }
  });
});

describe("a program on node:net, and one in Python", () => {
  const SCRIPTS = "build-test/scripts";
  const multiconn = [CLIENT, HOST, "PORT", "2"];
  const app = [`${SCRIPTS}/app-client.js`, HOST, "PORT", "search", "ring"];

  test.each([
    ["net", `${SCRIPTS}/net/multiconn-server.js`, multiconn, 2],
    // One of its files has parts on iomux/socket, of which it uses others.
    ["net", `${SCRIPTS}/net/app-server.js`, app, 1],
    ["python", "scripts/multiconn-server.py", multiconn, 2],
  ])("%s, %s: seen by strace(1)", async (runs_on, server, client, connections) => {
    needs("strace");
    if (runs_on === "python") needs("python3");
    const output = file("run.jsonl");
    const port = String(await reserve());
    const programs = [server, HOST, "PORT", "--", ...client].map((word) => {
      return word === "PORT" ? port : word;
    });
    const { status } = await iomux("trace", "-q", "-o", output, ...programs);
    expect(status).toBe(0);
    const lines = lines_in(output);
    expect(lines.find((line) => line.kind === "header" && line.runs_on === runs_on)).toMatchObject({
      seen_by: "strace",
    });
    const own = calls_of(lines).filter(({ process: number = 0 }) => number === 0);
    expect(
      own.filter(({ syscall, errno }) => syscall === "accept4" && errno === undefined),
    ).toHaveLength(connections);
  });
});

describe("faults", () => {
  test.each([
    [
      "slow-peer",
      (calls: Call[]) =>
        calls.filter(({ name, bytes = 0 }) => name === "recv" && bytes > 0).length > 10,
    ],
    ["rst", (calls: Call[]) => calls.some(({ errno }) => errno === "ECONNRESET")],
    [
      "half-close",
      (calls: Call[]) => calls.some(({ name, result }) => name === "recv" && result === 0),
    ],
    [
      "tiny-buffers",
      (calls: Call[]) =>
        calls.some(
          ({ name, args, result }) => name === "send" && Number(result) < Number(args.length),
        ),
    ],
    [
      "full-backlog",
      (calls: Call[]) => calls.some(({ name, args }) => name === "listen" && args.backlog === 0),
    ],
    [
      "signal",
      (calls: Call[]) =>
        calls.some(({ name, errno }) => name === waiting_call && errno === "EINTR"),
    ],
  ])("%s is made, written down, and seen in the calls", async (name, is_seen) => {
    const output = file("run.jsonl");
    const port = String(await reserve());
    await iomux("trace", "-q", "-o", output, "--fault", name, SERVER, HOST, port);
    const lines = lines_in(output);
    const faults = lines.filter((line): line is Fault => line.kind === "fault");
    expect(faults.map((fault) => fault.name)).toContain(name);
    expect(is_seen(calls_of(lines))).toBe(true);
    expect(end_of(lines)).toBeDefined();
  });

  test("a peer's are not made of a program that does not listen, and that is said", async () => {
    const script = program("nothing.mjs", `import "${LIB}/socket.js";`);
    const { status, stderr } = await iomux(
      "trace",
      "-o",
      file("a.jsonl"),
      "--fault",
      "rst",
      script,
    );
    expect(stderr).toContain("skipping fault rst: the program has exited");
    expect(status).toBe(1);
  });

  test("a program that is not on iomux cannot have the program's own", async () => {
    const { status, stderr } = await iomux(
      "trace",
      "--fault",
      "tiny-buffers",
      "scripts/multiconn-server.py",
      HOST,
      "1",
    );
    expect(stderr).toMatch(
      /^iomux: --fault tiny-buffers .*multiconn-server\.py runs on python\.\n$/,
    );
    expect(status).toBe(2);
  });
});

describe("side by side", () => {
  test.skipIf(!has_epoll)(
    "the same under select, poll, epoll and on net: one page, or a file each",
    async () => {
      needs("strace");
      const port = String(await reserve());
      const output = file("all.html");
      const compared = "select,poll,epoll,net";
      const { status } = await iomux(
        "trace",
        "-q",
        "--side-by-side",
        compared,
        "-o",
        output,
        SERVER,
        HOST,
        port,
        "--",
        CLIENT,
        HOST,
        port,
        "1",
      );
      expect(status).toBe(0);
      const page = readFileSync(output, "utf8");
      for (const kind of compared.split(",")) expect(page).toContain(kind);
    },
  );

  test("needs a program on iomux, and for net its twin there", async () => {
    expect(await iomux("trace", "--side-by-side", "net", "scripts/echo-server.py")).toMatchObject({
      status: 2,
      stderr:
        "iomux: --side-by-side needs a program on iomux, and scripts/echo-server.py is not one.\n",
    });
    const script = program("alone.mjs", `import "iomux/socket";`);
    expect(await iomux("trace", "--side-by-side", "net", script)).toMatchObject({
      status: 2,
      stderr: `iomux: net needs ${file("net/alone.mjs")}, the same program on node:net: no such file.\n`,
    });
  });
});
