/** `iomux/sys`: standard files, arguments and the end, beside the same programs in Python. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer, text as text_of } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import * as sys from "iomux/sys";

import { compiled, kill } from "./support/commands.ts";
import { is_blocked } from "./support/proc.ts";
import { PYTHON } from "./support/python.ts";
import { not_on } from "./support/runtime.ts";
import { needs } from "./support/tools.ts";
import { until } from "./support/waiting.ts";

const in_python: Readonly<Record<string, string>> = {
  lines: `
print(repr(sys.stdin.readline()), repr(sys.stdin.read(3)), repr(sys.stdin.readline(2)))
for line in sys.stdin: sys.stdout.write(line.upper())
print(repr(sys.stdin.read()))`,
  bytes: `
while data := sys.stdin.buffer.read(65536): sys.stdout.buffer.write(data)`,
  print: `
print("a", "b", sep="-", end="!\\n")
print("a", end="")
print(sep="")
print(1, None, [2], sep=None, end=None)
print("to error", file=sys.stderr, flush=True)
print({"key": "value"}, sep=",")
print({"key": 1, "end": 2})
print({})
sys.stdout.buffer.write(b"\\xff\\n")
sys.stderr.write("half \\udc80\\n")
for wrong in ({"sep": 1}, {"end": ["x"]}):
    try: print("x", **wrong)
    except TypeError as error: print(error)`,
  about: `
files = [sys.stdin, sys.stdout, sys.stderr]
print([file.fileno() for file in files])
print([file.readable() for file in files])
print([file.writable() for file in files])
print([file.isatty() for file in files])
print(sys.argv[1:], sys.byteorder)`,
  exit_status: "sys.exit(300)",
  exit_true: "sys.exit(True)",
  exit_message: `sys.exit("it ends, é")`,
  exit_none: "sys.exit()",
};

interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function run([file, ...args]: readonly string[], input: string | Buffer): Promise<Ran> {
  const child = spawn(file, args, { stdio: "pipe" });
  child.stdin.end(input);
  const [stdout, stderr, [status]] = await Promise.all([
    buffer(child.stdout),
    text_of(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

function ours(name: string): string[] {
  return [...compiled("test/support/programs/standard.ts"), name];
}

const TEXT = "one é\nabcd\nefgh\r\nij\rkl\n😀 last";

describe("beside Python", () => {
  test.each([
    ["lines", TEXT],
    ["lines", ""],
    ["bytes", Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 256))],
    ["print", ""],
    ["about", ""],
    ["exit_status", ""],
    ["exit_true", ""],
    ["exit_message", ""],
    ["exit_none", ""],
  ])("%s", async (name, input) => {
    needs("python3");
    // Unbuffered, as here.
    const python = [PYTHON, "-u", "-X", "utf8", "-c", `import sys\n${in_python[name]}`, name];
    const [theirs, own] = [await run(python, input), await run(ours(name), input)];
    expect(own).toEqual(theirs);
  });
});

test("three megabytes go through a non-blocking pipe to a slow reader, and none is lost", async () => {
  not_on("Deno", "a pipe on standard output stays blocking");
  const [file, ...args] = ours("nonblocking");
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const data = Buffer.alloc(3_000_000, "0123456789abcdef\n");
  child.stdin.end(data);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) {
    parts.push(part as Buffer);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }
  expect(Buffer.concat(parts).equals(data)).toBe(true);
});

test("Ctrl-C ends a wait for standard input", async () => {
  const [file, ...args] = ours("wait");
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  await until(() => complaints.includes("waiting") && is_blocked(child.pid!));
  kill(child, "SIGINT");
  await once(child, "close");
  expect(complaints).toContain("KeyboardInterrupt");
});

test("what is closed stays open for others, and says that it is closed", () => {
  // It is this process's own.
  expect(sys.stderr.closed).toBe(false);
  expect(() => sys.stdin.write("x")).toThrow("not writable");
  expect(() => sys.stdout.read()).toThrow("not readable");
  expect(() => sys.exit(1.5)).toThrow(TypeError);
});
