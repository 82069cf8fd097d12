/** What the recorder writes while a program runs, and what is left of it when the program is killed. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  lstatSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as trace from "iomux/trace";

import { read } from "../../tools/recording/read.ts";
import { Command, compiled } from "../support/commands.ts";
import { until } from "../support/waiting.ts";

function new_file(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "run.jsonl");
}

function calls_in(path: string): trace.Call[] {
  return [...read(path).lines].filter((line) => line.kind === "call");
}

/** What is recorded while something is done. */
function record(
  act: (recording: trace.Recording) => void,
  options?: trace.TraceOptions,
): trace.Line[] {
  const path = new_file();
  const recording = trace.start(path, options);
  try {
    act(recording);
  } finally {
    recording.stop();
  }
  return [...read(path).lines];
}

/** What a program leaves that is killed in its sleep. */
async function killed_asleep(): Promise<string> {
  const path = new_file();
  const program = new Command([...compiled("test/support/programs/recorded-asleep.ts"), path]);
  const has_begun = () => existsSync(path) && statSync(path).size > 0;
  // All is written before it goes to sleep.
  await until(() => has_begun() && calls_in(path).some(({ name }) => name === "recv"));
  process.kill(-program.pid, "SIGKILL");
  await program.ended;
  return path;
}

test("a program that is killed in its sleep leaves everything that it has done", async () => {
  const calls = calls_in(await killed_asleep());
  expect(calls.map(({ name }) => name).slice(-2)).toEqual(["send", "recv"]);
  expect(calls.at(-1)).toMatchObject({ result: 14, data: "the last words" });
});

test("half a record at the end is left out, and a damaged log says that it is", async () => {
  const path = await killed_asleep();
  const log = readFileSync(path);
  const all = calls_in(path).length;
  writeFileSync(path, log.subarray(0, -12));
  expect(calls_in(path)).toHaveLength(all - 1);
  appendFileSync(path, Buffer.alloc(4096, 0x41));
  expect(() => calls_in(path)).toThrow(`${path} is damaged`);
});

test("without lines, calls have no place", () => {
  const [near, far] = socket.socketpair();
  const lines = record(() => void near.send(Buffer.from("x")), { lines: false });
  near.close();
  far.close();
  const calls = lines.filter((line) => line.kind === "call");
  expect(calls.map(({ name, stack }) => [name, stack])).toEqual([["send", undefined]]);
  expect(lines.some(({ kind }) => kind === "stack" || kind === "source")).toBe(false);
});

test("a text or a set may be longer than the memory that is made beforehand", () => {
  const many = Array.from({ length: 300 }, () => socket.socketpair()).flat();
  const text = "é".repeat(200_000);
  const lines = record((recording) => {
    const selector = new selectors.PollSelector();
    for (const one of many) selector.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE);
    recording.fault("long", text);
    for (let turn = 0; turn < 20; turn++) selector.select(0);
    selector.close();
  });
  for (const one of many) one.close();
  expect(lines.find((line) => line.kind === "fault")?.text).toBe(text);
  const wakes = lines.flatMap((line) => (line.kind === "call" && line.wake ? [line.wake] : []));
  expect(wakes).toHaveLength(20);
  expect(wakes.map(({ interest }) => interest?.length)).toEqual([
    600,
    ...Array(19).fill(undefined),
  ]);
  for (const { ready, selected } of wakes) {
    expect(ready).toHaveLength(600);
    expect(selected).toHaveLength(600);
  }
});

test("a descriptor that is used again is another life to poll, which is asked the same numbers", () => {
  const lines = record(() => {
    for (let turn = 0; turn < 2; turn++) {
      const [near, far] = socket.socketpair();
      const selector = new selectors.PollSelector();
      selector.register(near, selectors.EVENT_WRITE);
      selector.select(0);
      selector.close();
      near.close();
      far.close();
    }
  });
  const asked = lines.flatMap((line) => (line.kind === "call" && line.wake?.interest) || []);
  const [[fd, life, mask], ...others] = asked;
  expect(others).toEqual([[fd, expect.not.toBeOneOf([life]), mask]]);
});

test("a device or a link that names the recording stays what it is", () => {
  const path = new_file();
  writeFileSync(path, "");
  const link = `${path}.link`;
  symlinkSync(path, link);
  for (const name of [link, "/dev/null"]) trace.start(name).stop();
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect([...read(path).lines].map(({ kind }) => kind)).toEqual(["header", "end"]);
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
});
