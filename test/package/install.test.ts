/** What installing and importing the package say where its addon cannot be had. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { addon_files } from "../../lib/native/addon-files.ts";

const WINDOWS =
  "iomux: it does not run on Windows: use the Windows Subsystem for Linux (WSL), https://aka.ms/wsl.";
const PREBUILT = addon_files().at(-1)!;

// Inside the project, so that node-api-headers is found; and without an addon.
mkdirSync("build", { recursive: true });
const folder = mkdtempSync(resolve("build/install-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
});

/** Runs Node.js in the folder as if on another system; only the tools named are on PATH. */
function run(args: readonly string[], platform: string = process.platform, tools: string[] = []) {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const tool of tools) writeFileSync(join(bin, tool), "#!/bin/sh\n", { mode: 0o755 });
  const elsewhere = `data:text/javascript,
    Object.defineProperty(process, "platform", { value: "${platform}" });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", elsewhere, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: bin },
  });
  return { status, stdout, stderr: stderr.trimEnd() };
}

/** The message with which importing the package fails in a folder. */
function import_error(platform?: string): string {
  const program = `await import("./dist/index.js").catch((error) => console.log(error.message))`;
  const { status, stdout, stderr } = run(["--input-type=module", "-e", program], platform);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd();
}

describe("installing", () => {
  const script = resolve("native/install.mjs");

  test("stops with one sentence on Windows", () => {
    expect(run([script], "win32")).toEqual({ status: 1, stdout: "", stderr: WINDOWS });
  });

  test("says nothing where an addon fits", () => {
    const file = join(folder, PREBUILT);
    mkdirSync(dirname(file), { recursive: true });
    cpSync("build/Release/iomux.node", file);
    expect(run([script])).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("says what to install where there is no compiler either", () => {
    const { status, stderr } = run([script], process.platform, ["make", "apt-get"]);
    expect(stderr).toMatch(
      /^iomux: it must be compiled \(there is no addon for .*\): install a C\+\+20 compiler/,
    );
    expect(stderr.split("\n")).toHaveLength(1);
    expect(status).toBe(1);
  });

  test("says why an addon that is there does not fit", () => {
    mkdirSync(join(folder, dirname(PREBUILT)), { recursive: true });
    writeFileSync(join(folder, PREBUILT), "not an addon at all");
    expect(run([script]).stderr).toMatch(`it must be compiled (${PREBUILT}: `);
  });
});

describe("importing", () => {
  beforeEach(() => {
    for (const name of ["dist", "package.json"])
      cpSync(name, join(folder, name), { recursive: true });
  });

  test("fails with one sentence on Windows", () => {
    expect(import_error("win32")).toBe(
      WINDOWS.replace("it does", "does").replace("iomux: ", "iomux "),
    );
  });

  test("without any addon, says what was looked for and what to do", () => {
    const [first, ...tried] = import_error().split("\n");
    const { version, platform, arch } = process;
    expect(first).toBe(
      `iomux: its native addon does not load in Node.js ${version} on ${platform} ${arch}.`,
    );
    const advice = tried.pop();
    expect(tried).toEqual(addon_files().map((file) => `  ${file}: not there`));
    expect(advice).toContain("run `npm rebuild iomux`");
  });

  test("with an addon that does not load, says why", () => {
    mkdirSync(join(folder, dirname(PREBUILT)), { recursive: true });
    writeFileSync(join(folder, PREBUILT), "not an addon at all");
    const lines = import_error().split("\n");
    expect(lines.slice(1, -1)).toEqual([
      ...addon_files()
        .slice(0, -1)
        .map((file) => `  ${file}: not there`),
      expect.stringMatching(RegExp(`^  ${PREBUILT}: [^/]+$`)),
    ]);
  });

  test("in a bundle without the addon, says how to bundle", () => {
    writeFileSync(join(folder, "package.json"), `{ "name": "program", "type": "module" }`);
    const message = import_error();
    expect(message).toContain("cannot be part of a bundle");
    expect(message).toContain("--external:iomux");
  });
});
