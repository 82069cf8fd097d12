/** What `npx iomux trace` and `merge` write, and what they say of what cannot be. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import type { Line } from "iomux/trace";

import { TOOL, SERVER, LIB, iomux, file, program, lines_in } from "../support/iomux-command.ts";
import { PYTHON } from "../support/python.ts";
import { calls_of } from "../support/recorded-scenes.ts";
import { waiting_call } from "../support/system.ts";
import { needs } from "../support/tools.ts";

describe("formats", () => {
  test.each([
    ["run.jsonl", /^\{"kind":"header","format":"iomux-recording"/],
    ["run.strace", new RegExp(`${waiting_call}\\(.*\\) += \\d+`)],
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

test("what is printed is recorded once, wherever it goes", async () => {
  const text = `import "${LIB}/socket.js"; console.log("one"); process.stdout.write("two\\n");`;
  const script = program("prints.mjs", text);
  // To /dev/null, a file to Node, and into a pipe.
  for (const options of [["--quiet"], []]) {
    await iomux("trace", ...options, "-o", file("a.jsonl"), script);
    const printed = lines_in(file("a.jsonl")).filter(({ kind }) => kind === "print");
    expect(printed).toMatchObject([{ text: "one\n" }, { text: "two\n" }]);
  }
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
    expect(stdout.match(new RegExp(`${waiting_call}\\(`, "g"))).toHaveLength(2);
    expect(stderr).toMatch(/one\.mjs: \d+ system calls.*\n.*one\.mjs: \d+ system calls/);
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
    expect(calls_of(lines_in(file("merged.jsonl")))).not.toEqual([]);
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
      ["trace", "-o", "/nowhere/a.jsonl", "build-test/scripts/echo-server.js"],
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
  ] as const)("no %s", (missing, there, script) => {
    needs(there);
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
    expect((await iomux("trace", "--selector", "kpoll", SERVER)).stderr).toContain("poll, select");
  });
});

test("--help fits into 80 columns", async () => {
  for (const command of [[], ["course"], ["trace"], ["merge"], ["twins"]]) {
    const { status, stdout } = await iomux(...command, "--help");
    expect(status).toBe(0);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

function which(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
