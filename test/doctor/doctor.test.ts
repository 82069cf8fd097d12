/** `npx iomux doctor`: what it says of this machine, and of one that lacks something. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import * as selectors from "iomux/selectors";

import { native } from "../../lib/native.ts";
import type { Report } from "../../tools/doctor/report.ts";
import { Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { TOOL } from "../support/iomux-command.ts";

/** The command, with changes of its environment: NAME=value. */
async function doctor(changes: readonly string[], ...args: string[]): Promise<Ending> {
  return new Command(["/usr/bin/env", ...changes, process.execPath, TOOL, "doctor", ...args]).ended;
}

/** An environment in which there are a shell and these programs alone, which are shell scripts. */
function only(programs: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "iomux-doctor-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync("/bin/sh", join(folder, "sh"));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return [`PATH=${folder}`, "PYTHON=python3", "CXX=c++"];
}

test("sockets work here: in 80 columns, without colours", async () => {
  const { status, stdout, stderr } = await doctor([]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ok binary +\S+\.node\n/m);
  expect(stdout).toContain(`DefaultSelector is ${selectors.DefaultSelector.name}\n`);
  expect(stdout).toMatch(/^ok TCP over IPv4 /m);
  expect(stdout).toMatch(/\nSockets work here\.\n/);
  expect(stdout).not.toContain("\u001B");
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("--json has all of it", async () => {
  const { status, stdout } = await doctor([], "--json");
  const report = JSON.parse(stdout) as Report;
  expect(status).toBe(0);
  expect(report).toMatchObject({
    runtime: `Node.js ${process.version}`,
    system: { platform: process.platform, arch: process.arch },
    addon: { path: expect.stringMatching(/\.node$/), backend: native.platform },
    selectors: {
      available: expect.arrayContaining(["PollSelector", "SelectSelector"]),
      default: selectors.DefaultSelector.name,
    },
  });
  expect(report.limits.map(({ name }) => name)).toEqual([
    "open files",
    "FD_SETSIZE",
    "somaxconn",
    "client ports",
  ]);
  expect(report.limits.filter(({ value }) => value === null)).toEqual([]);
});

test("it runs without the addon, and says why that does not load", async () => {
  const changes = ["IOMUX_ADDON=/nowhere/iomux.node"];
  const { status, stdout, stderr } = await doctor(changes);
  expect(stderr).toBe("");
  expect(status).toBe(1);
  expect(stdout).toMatch(/^no not loaded +.*\/nowhere\/iomux\.node/m);
  expect(stdout).toContain("\nSockets do not work here: see what is marked no.\n");
  const { stdout: json } = await doctor(changes, "--json");
  expect(JSON.parse(json)).toMatchObject({
    addon: { errors: expect.arrayContaining([expect.stringContaining("/nowhere/iomux.node")]) },
    selectors: null,
    sockets: [],
  });
});

test("a selector that is not here is a failure", async () => {
  const { status, stdout } = await doctor(["IOMUX_SELECTOR=nonsense"]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^no selectors +IOMUX_SELECTOR is 'nonsense'/m);
});

test("what is missing is named, with the command that installs it", async () => {
  const { status, stdout } = await doctor(only({ apk: "", make: "echo GNU Make 4.4" }));
  expect(status).toBe(0);
  expect(stdout).toMatch(/^-- strace +not installed; needed for trace and twins/m);
  expect(stdout).toMatch(/^ok make +GNU Make 4\.4$/m);
  expect(stdout).toContain("\nFor what is missing: apk add strace python3 g++ cmake chromium\n");
});

test("without a package manager that it knows, what is missing is named all the same", async () => {
  const { stdout } = await doctor(only({ strace: "" }));
  expect(stdout).toContain("\nNot installed: Python, C++ compiler, make, CMake and Chromium.\n");
});

test("strace that may not trace is of no use", async () => {
  const strace = `[ "$1" = --version ] && echo "strace -- version 6.1" && exit
    echo "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2; exit 1`;
  const { stdout } = await doctor(only({ strace }), "--json");
  const { programs } = JSON.parse(stdout) as Report;
  expect(programs.find(({ name }) => name === "strace")).toMatchObject({
    version: "strace 6.1",
    problem: expect.stringMatching(/Operation not permitted.*--cap-add=SYS_PTRACE/),
  });
});

test("a program that hangs is as good as none", async () => {
  const { status, stdout } = await doctor(only({ cmake: "while :; do :; done" }), "--json");
  const { programs } = JSON.parse(stdout) as Report;
  expect(status).toBe(0);
  expect(programs.find(({ name }) => name === "CMake")?.version).toBeNull();
});
