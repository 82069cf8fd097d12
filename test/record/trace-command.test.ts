/** `npx iomux trace` and `npx iomux merge`, as a user types them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { beforeEach, describe, expect, test } from "vitest";

import type { Call, End, Fault, Header, Line, Stack } from "iomux/trace";

import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { is_blocked } from "../support/proc.ts";
import { PYTHON } from "../support/python.ts";
import { until } from "../support/waiting.ts";

const HOST = "127.0.0.1";
const TOOL = "build-test/tools/iomux.js";
const SERVER = "build-test/scripts/multiconn-server.js";
/** For programs that are written anywhere. */
const LIB = `${process.cwd()}/build-test/lib`;
const CLIENT = "build-test/scripts/multiconn-client.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iomux-test-"));
  return () => {
    rmSync(folder, { recursive: true });
  };
});

/** The command, until it has ended. */
async function iomux(...args: string[]): Promise<Ending> {
  return new Command([process.execPath, TOOL, ...args]).ended;
}

function file(name: string): string {
  return join(folder, name);
}

function program(name: string, text: string): string {
  writeFileSync(file(name), text);
  return file(name);
}

function lines_in(path: string): Line[] {
  const texts = readFileSync(path, "utf8").trimEnd().split("\n");
  return texts.map((text) => JSON.parse(text) as Line);
}

function calls_in(lines: readonly Line[]): Call[] {
  return lines.filter((line): line is Call => line.kind === "call");
}

function end_of(lines: readonly Line[]): End | undefined {
  return lines.find((line): line is End => line.kind === "end");
}

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
    const accept = calls_in(lines).find(({ name }) => name === "accept4")!;
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
    const calls = calls_in(lines);
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
    expect(calls_in(lines).at(-1)).toMatchObject({ name: "strerror" });
    expect(calls_in(lines).find(({ name }) => name === "connect")).toMatchObject({
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
    expect(calls_in(lines).filter(({ name }) => name === "poll")).toHaveLength(1);
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
    for (const by of ["epoll", "poll", "select"]) {
      const output = file(`${by}.jsonl`);
      expect(await iomux("trace", "--selector", by, "-o", output, script)).toMatchObject({
        status: 0,
      });
      expect(calls_in(lines_in(output)).flatMap(({ wake }) => wake?.by ?? [])).toEqual([by]);
    }
  });
});

describe("a program on node:net, and one in Python", () => {
  test.each([
    ["net", "build-test/scripts/net/multiconn-server.js"],
    ["python", "scripts/multiconn-server.py"],
  ])("%s: seen by strace(1)", async (runs_on, server) => {
    const output = file("run.jsonl");
    const port = String(await reserve());
    const { status } = await iomux(
      "trace",
      "-q",
      "-o",
      output,
      server,
      HOST,
      port,
      "--",
      CLIENT,
      HOST,
      port,
      "2",
    );
    expect(status).toBe(0);
    const lines = lines_in(output);
    expect(lines.find((line) => line.kind === "header" && line.runs_on === runs_on)).toMatchObject({
      seen_by: "strace",
    });
    const own = calls_in(lines).filter(({ process: number = 0 }) => number === 0);
    expect(
      own.filter(({ syscall, errno }) => syscall === "accept4" && errno === undefined),
    ).toHaveLength(2);
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
        calls.some(({ name, errno }) => name === "epoll_wait" && errno === "EINTR"),
    ],
  ])("%s is made, written down, and seen in the calls", async (name, is_seen) => {
    const output = file("run.jsonl");
    const port = String(await reserve());
    await iomux("trace", "-q", "-o", output, "--fault", name, SERVER, HOST, port);
    const lines = lines_in(output);
    const faults = lines.filter((line): line is Fault => line.kind === "fault");
    expect(faults.map((fault) => fault.name)).toContain(name);
    expect(is_seen(calls_in(lines))).toBe(true);
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
    expect(status).toBe(0);
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
  test("the same under select, poll, epoll and on net: one page, or a file each", async () => {
    const port = String(await reserve());
    const output = file("all.html");
    const kinds = "select,poll,epoll,net";
    const { status } = await iomux(
      "trace",
      "-q",
      "--side-by-side",
      kinds,
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
    for (const kind of kinds.split(",")) expect(page).toContain(kind);
  });

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

describe("formats", () => {
  test.each([
    ["run.jsonl", /^\{"kind":"header","format":"iomux-recording"/],
    ["run.strace", /epoll_create1\(EPOLL_CLOEXEC\) += \d+/],
    ["run.trace.json", /^\{"displayTimeUnit":"ns","traceEvents":\[/],
    ["run.html", /^<!doctype html>/i],
  ])("%s", async (name, expected) => {
    const script = program(
      "short.mjs",
      `import { DefaultSelector } from "${LIB}/selectors.js";
      new DefaultSelector().select(0);`,
    );
    const output = file(name);
    expect(await iomux("trace", "-o", output, script)).toMatchObject({ status: 0 });
    expect(readFileSync(output, "utf8")).toMatch(expected);
  });
});

test("on the standard output, the recording is alone: what the program prints goes beside it", async () => {
  const script = program("prints.mjs", `import "${LIB}/socket.js"; console.log("printed");`);
  const { stdout, stderr } = await iomux("trace", "-o", "-", script);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as Line).kind),
  ).toEqual(["header", "print", "end"]);
  expect(stderr).toMatch(/^printed$/m);
});

test("--quiet keeps an error's message", async () => {
  const script = program("throws.mjs", `console.log("printed"); throw new Error("on purpose");`);
  const { stdout, stderr } = await iomux("trace", "-q", "-o", file("a.jsonl"), script);
  expect(stdout).toBe("");
  expect(stderr).toContain("Error: on purpose");
});

describe("merge", () => {
  test("of two recordings is one, and converts it", async () => {
    const script = program(
      "one.mjs",
      `import { DefaultSelector } from "${LIB}/selectors.js"; new DefaultSelector().select(0);`,
    );
    await iomux("trace", "-o", file("a.jsonl"), script);
    await iomux("trace", "-o", file("b.jsonl"), script);
    const { status, stdout, stderr } = await iomux(
      "merge",
      "-f",
      "strace",
      "-o",
      "-",
      file("b.jsonl"),
      file("a.jsonl"),
    );
    expect(status).toBe(0);
    expect(stdout.match(/epoll_create1/g)).toHaveLength(2);
    expect(stderr).toMatch(/one\.mjs: \d+ system calls.*\n.*one\.mjs: \d+ system calls/);
  });

  test("of one recording keeps it as it is, in a page too", async () => {
    const script = program(
      "one.mjs",
      `import { DefaultSelector } from "${LIB}/selectors.js"; new DefaultSelector().select(0);`,
    );
    await iomux("trace", "-o", file("a.jsonl"), script);
    const [first, ...rest] = readFileSync(file("a.jsonl"), "utf8").split("\n");
    const spaced = JSON.stringify(JSON.parse(first), null, 1).replaceAll("\n", " ");
    const text = [spaced, '{"kind":"not known yet"}', ...rest].join("\n");
    writeFileSync(file("a.jsonl"), text);
    await iomux("merge", "-o", file("b.jsonl"), file("a.jsonl"));
    expect(readFileSync(file("b.jsonl"), "utf8")).toBe(text);
    await iomux(
      "merge",
      "--side-by-side",
      "-o",
      file("both.html"),
      file("a.jsonl"),
      file("b.jsonl"),
    );
    const page = readFileSync(file("both.html"), "utf8");
    const packed = page.matchAll(/<script type="application\/x-iomux-recording"[^>]*>([^<]*)</g);
    const texts = Array.from(packed, ([, base64]) => gunzipSync(Buffer.from(base64, "base64")));
    expect(texts.map(String)).toEqual([text, text]);
  });

  test("takes what is there of a recording that was cut off, and says so", async () => {
    const script = program(
      "one.mjs",
      `import { DefaultSelector } from "${LIB}/selectors.js"; new DefaultSelector().select(0);`,
    );
    await iomux("trace", "-o", file("a.jsonl"), script);
    writeFileSync(file("cut.jsonl"), readFileSync(file("a.jsonl"), "utf8").slice(0, -30));
    const { status, stderr } = await iomux("merge", "-o", file("merged.jsonl"), file("cut.jsonl"));
    expect(status).toBe(0);
    expect(stderr).toContain("cut.jsonl was cut off: skipping its incomplete last line");
    expect(calls_in(lines_in(file("merged.jsonl")))).not.toEqual([]);
  });
});

describe("misuse is answered in a sentence, with status 2", () => {
  test.each([
    ["no such script", ["trace", "nowhere.ts"], "No such file: nowhere.ts."],
    [
      "no program",
      ["trace", "README.md"],
      "README.md is not a TypeScript, JavaScript or Python program.",
    ],
    ["nothing behind --", ["trace", SERVER, "--"], "There is no program after --."],
    ["a file that is no recording", ["merge", "README.md"], "README.md is not an iomux recording"],
    ["a file that is not there", ["merge", "nowhere.jsonl"], "No such file: nowhere.jsonl."],
    [
      "an output that cannot be",
      ["trace", "-o", "/nowhere/a.jsonl", "build-test/scripts/sys.js"],
      "Cannot write /nowhere/a.jsonl",
    ],
  ])("%s", async (_, args, expected) => {
    const { status, stderr } = await iomux(...args);
    expect(stderr).toContain(`iomux: ${expected}`);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(status).toBe(2);
  });

  test.each([
    ["strace", "python3", "scripts/echo-server.py"],
    ["Python", "strace", "scripts/echo-server.py"],
  ])("no %s", (missing, there, script) => {
    const path = file("bin");
    mkdirSync(path);
    if (there === "strace") symlinkSync(which(there), join(path, there));
    const { status, stderr } = spawnSync(process.execPath, [TOOL, "trace", script], {
      encoding: "utf8",
      env: { PATH: path, ...(there === "python3" && { PYTHON }) },
    });
    expect(stderr).toMatch(new RegExp(`^iomux: .*${missing}.*install.*\\n$`));
    expect(status).toBe(2);
  });

  test("an unknown fault or selector names those that there are", async () => {
    expect((await iomux("trace", "--fault", "fire", SERVER)).stderr).toContain(
      "slow-peer, rst, half-close",
    );
    expect((await iomux("trace", "--selector", "kpoll", SERVER)).stderr).toContain(
      "epoll, poll, select",
    );
  });
});

test("--help fits into 80 columns", async () => {
  for (const command of [[], ["trace"], ["merge"], ["twins"]]) {
    const { status, stdout } = await iomux(...command, "--help");
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

function which(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
