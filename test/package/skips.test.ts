/** What a run of the tests says on a machine that lacks a tool: a run of its own, with nothing in PATH. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

// Inside the project, so that vitest is found.
mkdirSync("build", { recursive: true });
const folder = mkdtempSync("build/skips-");
afterAll(() => rmSync(folder, { recursive: true }));

const tests = `
import { beforeEach, describe, test } from "vitest";
import { needs } from "${resolve("test/support/tools.ts")}";

test("needs nothing", () => {});
test("needs two", () => needs("python3", "cmake"));
describe("each needs one", () => {
  beforeEach(() => needs("cmake"));
  test("this", () => {});
  test("that", () => {});
});
`;

const config = `
import { Skipped } from "${resolve("test/support/skipped.ts")}";
export default { test: { reporters: ["default", new Skipped()] } };
`;

beforeAll(() => {
  writeFileSync(join(folder, "some.test.ts"), tests);
  writeFileSync(join(folder, "vitest.config.ts"), config);
});

function run(ci: string | undefined) {
  const vitest = resolve("node_modules/vitest/vitest.mjs");
  const env = { ...process.env, PATH: "/nowhere", PYTHON: undefined, CI: ci };
  const args = [vitest, "run", "--root", folder];
  const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  return { status, lines: stripVTControlCharacters(stdout).trimEnd().split("\n") };
}

test("what needs the tool is skipped, and the last lines say how many and why", () => {
  const { status, lines } = run(undefined);
  expect(status).toBe(0);
  expect(lines).toContainEqual(expect.stringContaining("1 passed | 3 skipped (4)"));
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(
      /^1 test skipped: python3 is not installed.*\(apt-get install python3\)$/,
    ),
    expect.stringMatching(
      /^2 tests skipped: cmake and make are not installed \(apt-get install cmake make\)$/,
    ),
  ]);
});

test("in a CI it fails", () => {
  const { status, lines } = run("true");
  expect(status).toBe(1);
  expect(lines).toContainEqual(expect.stringContaining("3 failed | 1 passed (4)"));
});
