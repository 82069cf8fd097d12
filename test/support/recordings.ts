/** Recordings for the tests of what reads, merges and writes them, and the files that they are in. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished } from "vitest";

import type { Header, Line } from "../../lib/trace/recording.ts";
import { read } from "../../tools/recording/read.ts";
import { compiled } from "./commands.ts";
import { kinds } from "./system.ts";

/** A file with this text, until the end of the test. */
export function file_with(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "run.jsonl");
  writeFileSync(path, content);
  return path;
}

export function run_plainly([file, ...args]: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

/** Runs test/support/programs/recorded.ts, and returns what it has recorded of itself. */
export function self_recorded(): readonly Line[] {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  const path = join(folder, "run.jsonl");
  run_plainly([...compiled("test/support/programs/recorded.ts"), path, kinds[0][0]]);
  const { lines, cut } = read(path);
  expect(cut).toBe(false);
  const recorded = [...lines];
  rmSync(folder, { recursive: true });
  return recorded;
}

/** The first line of a recording. */
export const header: Header = {
  kind: "header",
  format: "iomux-recording",
  version: 1,
  pid: 4321,
  program: "server.ts",
  argv: ["server.ts"],
  runs_on: "iomux",
  seen_by: "iomux",
  runtime: "Node.js v20.20.2",
  platform: "linux",
  started: "2026-01-02T03:04:05.000Z",
  clock: "5000000000",
  why: false,
  watch: [],
};

export function print(t: number, words: string): Line {
  return { kind: "print", t, fd: 1, text: words };
}
