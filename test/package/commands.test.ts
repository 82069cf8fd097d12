/** `npx iomux` as it is published: unpacked in an empty folder, with no development dependency in reach. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import packageJson from "../../package.json" with { type: "json" };
import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { lines_in } from "../support/iomux-command.ts";
import { reserve } from "../support/ports.ts";
import { needs, needs_linux } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "iomux-commands-"));
const installed = join(folder, "node_modules/iomux");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const options = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const packed = JSON.parse(execFileSync("npm", options, { encoding: "utf8" })) as [
    { filename: string },
  ];
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xf", join(folder, packed[0].filename), "-C", installed, "--strip=1"]);
});

async function iomux(...args: string[]): Promise<Ending> {
  // As it is installed, whatever addon is under test.
  return iomux_with(resolve("build/Release/iomux.node"), ...args);
}

async function iomux_with(addon: string, ...args: string[]): Promise<Ending> {
  const changes = ["-u", "LD_PRELOAD", `IOMUX_ADDON=${addon}`];
  const command = [process.execPath, join(installed, packageJson.bin.iomux), ...args];
  const there = ["sh", "-c", 'cd "$0" && exec env "$@"', folder];
  return new Command([...there, ...changes, ...command]).ended;
}

test("without a command it lists them all, with an example of each, in 80 columns", async () => {
  const { status, stderr } = await iomux();
  expect(status).toBe(2);
  for (const name of ["tutorial", "trace", "merge", "twins", "bench", "doctor"]) {
    expect(stderr).toMatch(new RegExp(`^  ${name} +[a-z]`, "m"));
    expect(stderr).toMatch(new RegExp(`^  npx iomux ${name}\\b`, "m"));
  }
  for (const line of stderr.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("tutorial plays a chapter, and needs no tsx", async () => {
  await reserve(65_432);
  const { status, stdout, stderr } = await iomux("tutorial", "echo");
  expect(stderr).toBe("");
  expect(stdout).toContain("client │ Received b'Hello, world'\n");
  expect(status).toBe(0);
});

test("trace records a program of the package with the lines of its TypeScript", async () => {
  const script = "node_modules/iomux/scripts/app-server.ts";
  const { status, stderr } = await iomux("trace", "-q", "-o", "run.jsonl", script, "--help");
  expect(stderr).toContain("written to run.jsonl");
  expect(status).toBe(1);
  const source = lines_in(join(folder, "run.jsonl")).find(({ kind }) => kind === "source");
  expect(source).toMatchObject({
    path: script,
    text: readFileSync("scripts/app-server.ts", "utf8"),
  });
});

test("twins compares a program of the package with Python's", async () => {
  needs("strace", "python3");
  const { status, stdout } = await iomux("twins", "multiconn-server");
  expect(stdout).toContain("= Both ended with exit status 0.");
  expect(status).toBe(0);
});

test("bench builds its programs and measures; charts need more, which it says", async () => {
  needs_linux();
  const short = "--rounds 1 --seconds 1 --warmup 0.05 --no-inspect --only ^churn$".split(" ");
  const { status, stdout, stderr } = await iomux("bench", ...short, "--arms", "c", "iomux", "net");
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^c +>?[\d,]+ .*\niomux +>?[\d,]+ .*\nnet +>?[\d,]+ /m);
  expect(stdout).toContain("npm install @observablehq/plot linkedom");
  expect(readdirSync(join(folder, "bench-results"))).toHaveLength(1);
});

test("doctor examines the package that it came with", async () => {
  const { status, stdout } = await iomux("doctor", "--json");
  expect(status, stdout).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    iomux: packageJson.version,
    addon: { why: "IOMUX_ADDON names it" },
  });
});

test("doctor says why the addon does not load, and needs none for it", async () => {
  const { status, stdout, stderr } = await iomux_with("/nowhere/iomux.node", "doctor");
  expect(stderr).toBe("");
  expect(status).toBe(1);
  expect(stdout).toMatch(/^no not loaded +.*\/nowhere\/iomux\.node/m);
});
