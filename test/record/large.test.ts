/** Recordings larger than the memory, or than the longest text that JavaScript can have: half a gigabyte. */
import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";

import { expect, test } from "vitest";

import type { Call, Header, Print } from "iomux/trace";

import { Command } from "../support/commands.ts";
import { end_of, file, iomux, LIB, lines_in, program, TOOL } from "../support/iomux-command.ts";
import { header } from "../support/recordings.ts";
import { needs } from "../support/tools.ts";

const MIB = 2 ** 20;
/** How much of what is printed a recording keeps. */
const KEPT = 16 * MIB;

/** Prints so many MiB to standard output, by 1 MiB at a time. */
const printing = (count: number): string => `
  import { writeSync } from "node:fs";
  import "${LIB}/socket.js";
  const data = Buffer.alloc(${MIB}, "x\\n");
  for (let count = 0; count < ${count}; count++) {
    for (let written = 0; written < data.length; ) written += writeSync(1, data, written);
  }
  process.stderr.write("done\\n");`;

test("of a program that prints more than a text can hold, the beginning is recorded", async () => {
  const output = file("run.jsonl");
  const script = program("prints.mjs", printing(560));
  const { status, stderr } = await iomux("trace", "--quiet", "-o", output, script);
  // It makes no call.
  expect(status, stderr).toBe(1);
  expect(stderr).toContain("printed more than 16 MiB, of which the recording has the beginning");
  const lines = lines_in(output);
  const printed = lines.filter((line): line is Print => line.kind === "print");
  expect(printed.reduce((sum, { text }) => sum + text.length, 0)).toBe(KEPT);
  expect(end_of(lines)).toMatchObject({ status: 0, omitted: 544 * MIB + "done\n".length });
});

test("the last text that is recorded says that more was printed", async () => {
  const output = file("run.jsonl");
  const script = program(
    "prints.mjs",
    `import "${LIB}/socket.js"; process.stdout.write("é".repeat(${KEPT + 10})); console.log("x");`,
  );
  expect(await iomux("trace", "--quiet", "-o", output, script)).toMatchObject({ status: 1 });
  const lines = lines_in(output);
  const printed = lines.filter((line): line is Print => line.kind === "print");
  expect(printed).toHaveLength(1);
  expect(printed[0].text).toBe("é".repeat(KEPT));
  expect(printed[0].cut).toBe(true);
  expect(end_of(lines)?.omitted).toBe(12);
});

test("the same is left out of what strace records", async () => {
  needs("strace", "python3");
  const output = file("run.jsonl");
  const script = program(
    "prints.py",
    `import os\nfor _ in range(${17 * 256}):\n    os.write(1, b"x" * 4096)\n`,
  );
  expect(await iomux("trace", "--quiet", "-o", output, script)).toMatchObject({ status: 1 });
  const lines = lines_in(output);
  const last = lines.findLast(({ kind }) => kind === "print");
  expect(last).toMatchObject({ text: "", cut: true });
  expect(end_of(lines)?.omitted).toBe(MIB);
});

/** A recording of so many calls. */
function recording(path: string, calls: number): void {
  const fd = openSync(path, "w");
  writeSync(fd, `${JSON.stringify({ ...header, argv: ["x.ts"] } satisfies Header)}\n`);
  for (let first = 0; first < calls; first += 1000) {
    const lines = Array.from({ length: 1000 }, (_, index): Call => {
      const call = first + index;
      const args = { fd: 7, size: 1024, flags: 0 };
      const data = "x".repeat(64);
      const moved = { result: 64, bytes: 64, data, fd: 7, life: 1 };
      const times = { t: call * 2000, d: 1000, loop: 0 };
      return { kind: "call", call, name: "recv", syscall: "recvfrom", args, ...moved, ...times };
    });
    writeSync(fd, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }
  closeSync(fd);
}

test.each(["jsonl", "html", "strace", "chrome"])(
  "100,000 calls are written as %s with 40 MiB of heap",
  async (format) => {
    const [input, output] = [file("in.jsonl"), file("out")];
    recording(input, 100_000);
    const command = [process.execPath, "--max-old-space-size=40", TOOL, "merge"];
    // Two of them, one after the other: what has to be put in order need not be in memory either.
    for (const inputs of [[input], [input, input]]) {
      const run = new Command([...command, ...inputs, "-f", format, "-o", output]);
      const { status, stderr } = await run.ended;
      expect(status, stderr).toBe(0);
      expect(statSync(output).size).toBeGreaterThan(100_000);
    }
  },
);

test("a recording can be written over itself", async () => {
  const path = file("run.jsonl");
  recording(path, 2000);
  const before = readFileSync(path, "utf8");
  expect(await iomux("merge", path, "-o", path)).toMatchObject({ status: 0 });
  expect(readFileSync(path, "utf8")).toBe(before);
});
