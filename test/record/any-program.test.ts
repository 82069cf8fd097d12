/** `npx iomux trace` of programs as people have them: each is recorded, or one is told why not. */
import { existsSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Header } from "iomux/trace";

import { Command } from "../support/commands.ts";
import {
  TOOL,
  end_of,
  file,
  iomux,
  lines_in,
  make_package,
  program,
} from "../support/iomux-command.ts";
import { calls_of } from "../support/recorded-scenes.ts";
import { needs } from "../support/tools.ts";

const REQUIRES = `
  const socket = require("iomux/socket");
  const { print } = require("iomux/builtins");`;
const IMPORTS = `
  import * as socket from "iomux/socket";
  import { print } from "iomux/builtins";`;
const ECHO = `
  const [a, b] = socket.socketpair();
  a.sendall(Buffer.from("hi"));
  print(b.recv(10).toString());
  a.close();
  b.close();`;

/** A program in a package of its own, which has iomux in its node_modules. */
function packaged(type: "commonjs" | "module" | undefined, name: string, text: string): string {
  make_package(type);
  return program(name, text);
}

describe("a program in a package", () => {
  test.each([
    [undefined, "echo.ts", IMPORTS],
    [undefined, "echo.js", REQUIRES],
    [undefined, "echo.cts", IMPORTS],
    [undefined, "echo.mts", IMPORTS],
    ["commonjs", "echo.ts", IMPORTS],
    ["commonjs", "echo.cjs", REQUIRES],
    ["module", "echo.ts", IMPORTS],
    ["module", "echo.js", IMPORTS],
    ["module", "echo.cjs", REQUIRES],
  ] as const)("of type %s, %s", async (type, name, imports) => {
    const script = packaged(type, name, imports + ECHO);
    const output = file("echo.jsonl");
    const { status, stdout, stderr } = await iomux("trace", "-o", output, script);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "hi\n" });
    expect(stderr).toMatch(/: \d\d? system calls, 0 wake-ups/);
    const calls = calls_of(lines_in(output)).map(({ name: call }) => call);
    expect(calls).toEqual(expect.arrayContaining(["socketpair", "send", "recv", "close"]));
    // The line that receives.
    const text = readFileSync(output, "utf8");
    expect(text).toContain(`"${name}",6]`.replace(name, script));
  });
});

describe("a program of several threads or processes", () => {
  const DESCRIBED = `${IMPORTS}
    import { fork } from "node:child_process";
    import { Worker, isMainThread, threadId } from "node:worker_threads";`;

  test("has a recording of each thread", async () => {
    const text = `${DESCRIBED}
      const [a, b] = socket.socketpair();
      a.sendall(Buffer.from("from " + threadId));
      b.recv(10);
      console.log(isMainThread ? "main" : "worker");
      a.close();
      b.close();
      const start = () => new Worker(new URL(import.meta.url));
      if (isMainThread) start().on("exit", () => start());`;
    const script = packaged("module", "threads.js", text);
    const output = file("it.jsonl");
    const { status, stdout, stderr } = await iomux("trace", "-o", output, script);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "main\nworker\nworker\n" });
    const lines = lines_in(output);
    const headers = lines.filter((line): line is Header => line.kind === "header");
    expect(headers.map(({ program: name }) => name)).toEqual([
      "threads.js",
      "threads.js (worker 1)",
      "threads.js (worker 2)",
    ]);
    for (const { program: name, process: number } of headers) {
      expect(stderr).toContain(`iomux: ${name}: `);
      const calls = calls_of(lines).filter((call) => (call.process ?? 0) === (number ?? 0));
      expect(calls.map(({ name: call }) => call)).toContain("socketpair");
      expect(calls.find(({ name: call }) => call === "send")?.data).toBe(`from ${number ?? 0}`);
    }
    const printed = lines.filter((line) => line.kind === "print").map(({ text: one }) => one);
    expect(printed).toEqual(["main\n", "worker\n", "worker\n"]);
  });

  test("leaves its child processes alone", async () => {
    const text = `${DESCRIBED}
      if (process.argv[2] === "child") {
        console.log("child");
      } else {
        socket.socketpair().forEach((sock) => sock.close());
        fork(process.argv[1], ["child"]);
      }`;
    const script = packaged("module", "parent.js", text);
    const output = file("it.jsonl");
    const { status, stdout } = await iomux("trace", "-o", output, script);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "child\n" });
    expect(lines_in(output).filter(({ kind }) => kind === "header")).toHaveLength(1);
  });
});

describe("a program that makes no call", () => {
  test("of iomux's: it says so, and what to do", async () => {
    const script = packaged(
      "module",
      "sum.ts",
      'import { print } from "iomux/builtins"; print(2);',
    );
    const { status, stderr } = await iomux("trace", "-o", file("sum.html"), script);
    expect(status).toBe(1);
    expect(stderr).toContain("sum.ts: no call was recorded, because it called nothing of iomux's;");
    expect(stderr).not.toContain("strace has seen");
  });

  test("and uses no iomux is recorded by strace", async () => {
    needs("strace");
    const text = 'import { createSocket } from "node:dgram"; createSocket("udp4").bind(0).unref();';
    const script = program("datagrams.mjs", text);
    const { status, stderr } = await iomux("trace", "-o", file("it.jsonl"), script);
    expect(stderr).toMatch(/datagrams\.mjs: \d+ system calls/);
    expect(status).toBe(0);
    const calls = calls_of(lines_in(file("it.jsonl"))).map(({ name }) => name);
    expect(calls).toContain("bind");
  });

  test("that strace could see: it says so", async () => {
    needs("strace", "python3");
    const script = program("sum.py", "print(1 + 1)\n");
    const { status, stdout, stderr } = await iomux("trace", "-o", file("it.jsonl"), script);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "2\n" });
    expect(stderr).toContain("sum.py: no call was recorded: strace(1) has seen none");
  });

  test("and its own exit status is kept", async () => {
    const script = packaged("module", "three.ts", 'import "iomux/builtins"; process.exit(3);');
    expect((await iomux("trace", "-o", file("it.jsonl"), script)).status).toBe(3);
  });

  test("because it computes until Ctrl-C: its recording can be read", async () => {
    const text = 'import "iomux/socket"; console.log("computing"); for (;;);';
    const script = packaged("module", "busy.ts", text);
    const output = file("busy.jsonl");
    const command = new Command([process.execPath, TOOL, "trace", "-o", output, script]);
    await command.printed("computing");
    // As a terminal does: to the whole group.
    process.kill(-command.pid, "SIGINT");
    await command.ended;
    const lines = lines_in(output);
    expect(lines.map(({ kind }) => kind)).toEqual(["header", "end"]);
    expect((lines[0] as Header).program).toBe("busy.ts");
    expect(end_of(lines)).toMatchObject({ signal: "SIGINT" });
  });
});

test.each(["/nowhere/it.html", "/nowhere/it.jsonl"])(
  "an output that cannot be written (%s) is refused before the program starts",
  async (output) => {
    const proof = file("proof");
    const text = `import "iomux/socket"; import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(proof)}, "");`;
    const script = packaged("module", "it.ts", text);
    const { status, stderr } = await iomux("trace", "-o", output, script);
    expect(status).toBe(2);
    expect(stderr).toContain(`Cannot write ${output}: ENOENT`);
    expect(existsSync(proof)).toBe(false);
  },
);

// A program that is not seen to be a server is waited for for 15 seconds: these wait for 10.
describe("the next program starts as soon as there is a server", () => {
  test.each([
    [
      "of UDP",
      () => `
        const server = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
        server.settimeout(10);
        server.bind(["127.0.0.1", 0]);
        writeFileSync(process.argv[2], String(server.getsockname()[1]));
        const [data, address] = server.recvfrom(100);
        server.sendto(data, address);`,
      () => `
        const client = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
        client.settimeout(5);
        client.sendto(Buffer.from("hi"), ["127.0.0.1", Number(readFileSync(process.argv[2], "utf8"))]);
        print(client.recv(100).toString());`,
    ],
    [
      "in the file system",
      () => `
        const server = new socket.socket(socket.AF_UNIX);
        server.settimeout(10);
        server.bind(process.argv[2]);
        server.listen();
        const [conn] = server.accept();
        conn.sendall(conn.recv(100));`,
      () => `
        const client = new socket.socket(socket.AF_UNIX);
        client.connect(process.argv[2]);
        client.sendall(Buffer.from("hi"));
        print(client.recv(100).toString());`,
    ],
  ])("%s", async (_, server, client) => {
    const head = `${IMPORTS}\nimport { readFileSync, writeFileSync } from "node:fs";`;
    const first = packaged("module", "server.ts", head + server());
    const second = program("client.ts", head + client());
    const place = file("meeting");
    const programs = [first, place, "--", second, place];
    const { status, stdout } = await iomux("trace", "-o", file("it.jsonl"), ...programs);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "hi\n" });
  });
});
