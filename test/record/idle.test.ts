/** `npx iomux trace --idle`: connections that say nothing, so that one sees what each selector pays for them. */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { HOST, file, iomux, lines_in, program } from "../support/iomux-command.ts";
import { reserve } from "../support/ports.ts";
import { calls_of } from "../support/recorded-scenes.ts";

const SERVER = "build-test/scripts/app-server.js";
const CLIENT = "build-test/scripts/app-client.js";

async function recorded(...options: string[]) {
  const port = String(await reserve());
  const server = [SERVER, HOST, port];
  const client = [CLIENT, HOST, port, "search", "morpheus"];
  return iomux("trace", "-q", ...options, ...server, "--", ...client);
}

test("they are there before the client comes, and stay until the server has ended", async () => {
  const { status, stderr } = await recorded(
    "--selector",
    "poll",
    "--idle",
    "40",
    "-o",
    file("x.jsonl"),
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("iomux: opening 40 idle connections\n");
  const lines = lines_in(file("x.jsonl")).filter(({ process }) => process === 0);
  const at = lines.findIndex((line) => line.kind === "fault");
  expect(lines[at]).toMatchObject({ name: "idle", text: "40 idle connections opened" });
  const accepts = (some: typeof lines) =>
    calls_of(some).filter(({ name, made }) => name.startsWith("accept") && made !== undefined)
      .length;
  expect([accepts(lines.slice(0, at)), accepts(lines.slice(at))]).toEqual([40, 1]);
  const asked = calls_of(lines).flatMap(({ wake }) => wake?.interest?.length ?? []);
  // The listener, the idle ones and the client.
  expect(Math.max(...asked)).toBe(42);
  const ended = calls_of(lines).filter(({ data, name }) => name === "recv" && data === "");
  expect(ended.length).toBeLessThanOrEqual(1);
});

test("several numbers are recorded side by side, each on each selector", async () => {
  const output = file("all.html");
  const { status, stderr } = await recorded(
    "--side-by-side",
    "poll,select",
    "--idle",
    "1,3",
    "-o",
    output,
  );
  expect(status, stderr).toBe(0);
  const page = readFileSync(output, "utf8");
  for (const title of ["poll, 1 idle", "poll, 3 idle", "select, 1 idle", "select, 3 idle"]) {
    expect(page).toContain(title);
  }
});

test("what they cannot be made for is said", async () => {
  const script = program("none.mjs", `import "iomux/socket";`);
  expect(await iomux("trace", "--idle", "3", script)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--idle needs a program that listens on a TCP port first.\n"),
  });
  expect(await iomux("trace", "--idle", "many", script)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("It takes whole numbers, such as 10 or 1,10,1000."),
  });
});
