/** Recorded stacks: the program's own frames, wherever the program lies, and none of iomux's. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as trace from "iomux/trace";

import { compiled } from "../support/commands.ts";
import { not_on } from "../support/runtime.ts";

function new_file(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "run.jsonl");
}

/** The files of all frames in a recording, of which each call has some. */
function files_in(path: string): Set<string> {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const all = lines.map((line) => JSON.parse(line) as trace.Line);
  const calls = all.filter((line) => line.kind === "call");
  expect(calls.length).toBeGreaterThan(5);
  expect(calls.filter(({ stack }) => stack === undefined)).toEqual([]);
  const stacks = all.filter((line) => line.kind === "stack");
  return new Set(stacks.flatMap(({ frames }) => frames.map(([, file]) => resolve(file))));
}

function inside(files: ReadonlySet<string>, folder: string): string[] {
  return [...files].filter((file) => file.startsWith(`${resolve(folder)}/`));
}

function run(...command: readonly string[]): void {
  const [file, ...args] = command;
  // With that variable, Node has read the source maps that these programs are to do without.
  const env = { ...process.env, NODE_V8_COVERAGE: undefined };
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8", env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

test("of iomux as sources", () => {
  const path = new_file();
  const recording = trace.start(path);
  const [left, right] = socket.socketpair();
  {
    // Many frames of iomux are between these calls and the system's.
    using sel = new selectors.DefaultSelector();
    sel.register(right, selectors.EVENT_READ);
    const file = left.makefile("w");
    file.write("a line\n");
    file.flush();
    sel.select();
    right.makefile("r").readline();
  }
  for (const sock of [left, right]) sock.close();
  recording.stop();
  const files = files_in(path);
  expect(inside(files, "lib")).toEqual([]);
  expect(files).toContain(import.meta.filename);
});

test("of iomux as it was compiled", () => {
  not_on("Deno", "stacks name the sources of compiled code, of iomux too");
  const path = new_file();
  const command = compiled("test/support/programs/recorded.ts");
  run(...command, path, "DefaultSelector");
  expect([...files_in(path)]).toEqual([resolve(command.at(-1)!)]);
});

test("of a program in a folder whose name begins like that of iomux", () => {
  not_on("Deno", "stacks name the sources of compiled code, of iomux too");
  const folder = `lib-${process.pid}`;
  mkdirSync(`build-test/${folder}`);
  onTestFinished(() => rmSync(`build-test/${folder}`, { recursive: true }));
  const program = `${folder}/program.js`;
  const source = `
    import * as socket from "iomux/socket";
    import { start } from "iomux/trace";
    const recording = start(process.argv[2]);
    function pair() {
      for (const sock of socket.socketpair()) sock.close();
    }
    for (let turn = 0; turn < 3; turn++) pair();
    recording.stop();
  `;
  writeFileSync(`build-test/${program}`, source);
  const path = new_file();
  run(...compiled(program), path);
  expect([...files_in(path)]).toEqual([resolve(`build-test/${program}`)]);
});
