/** Recordings read: they come back as they were, and what is no recording is refused. */
import { tmpdir } from "node:os";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Call } from "../../lib/trace/recording.ts";
import { BadRecording, parse, Parser } from "../../tools/recording/parse.ts";
import { from_python, to_python } from "../../tools/recording/python-bytes.ts";
import { read } from "../../tools/recording/read.ts";
import { file_with, self_recorded, header } from "../support/recordings.ts";

const lines = self_recorded();
const calls = lines.filter((line): line is Call => line.kind === "call");
const jsonl = lines.map((line) => `${JSON.stringify(line)}\n`).join("");

const first_line = JSON.stringify(header);

describe("reading", () => {
  test("a recording comes back as it was, from a file and from text", async () => {
    expect(calls.length).toBeGreaterThan(50);
    const { lines: found, cut } = read(file_with(jsonl));
    expect([...found]).toEqual(lines);
    expect(cut).toBe(false);
    expect(parse(jsonl, "it")).toEqual({ lines, cut: false });
    expect(parse(jsonl.trimEnd(), "it")).toEqual({ lines, cut: false });
  });

  test("a recording comes back as it was, however it is cut into pieces", () => {
    const some = jsonl.slice(0, 20_000).replace(/[^\n]*$/, "");
    const { lines: expected } = parse(some, "it");
    const places = fc.array(fc.nat(some.length), { maxLength: 20 });
    fc.assert(
      fc.property(places, (cuts) => {
        const parser = new Parser("it");
        const edges = [0, ...cuts.toSorted((left, right) => left - right), some.length];
        const pieces = edges.slice(1).map((edge, index) => some.slice(edges[index], edge));
        const got = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end().lines];
        expect(got).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("wherever a recording is cut off, the lines before are there, and that it was cut is said", () => {
    const some = jsonl.slice(0, 10_000);
    const after_header = some.indexOf("\n") + 1;
    fc.assert(
      fc.property(fc.integer({ min: after_header, max: some.length }), (length) => {
        const text_before = some.slice(0, length);
        const whole = text_before.split("\n");
        const rest = whole.pop()!;
        const is_whole = rest === "" || some[length] === "\n";
        const { lines: got, cut } = parse(text_before, "it");
        expect(cut).toBe(!is_whole);
        expect(got).toEqual(lines.slice(0, whole.length + (is_whole && rest !== "" ? 1 : 0)));
      }),
      { numRuns: 200 },
    );
  });

  const call = { kind: "call", call: 0, t: 0, d: 0, name: "recv", args: {}, result: 0, loop: 0 };
  const then = (line: unknown) => `${first_line}\n${JSON.stringify(line)}\n`;

  test.each([
    ["nothing", "", /^run is empty\. .* `npx iomux trace`\.$/],
    [
      "text",
      "Hello\nworld\n",
      /^run is not an iomux recording: its first line is not a header\. Make/,
    ],
    ["a picture", "\x89PNG\r\n\x1a\n\0\0", /^run is not an iomux recording/],
    ["JSON of others", '{"traceEvents":[]}', /^run is not an iomux recording/],
    ["half of a header", first_line.slice(0, 40), /^run is not an iomux recording/],
    ["an empty line first", `\n${first_line}\n`, /^run is not an iomux recording/],
    [
      "another version",
      first_line.replace('"version":1', '"version":2'),
      /^run is a version 2 recording, and this iomux reads version 1: /,
    ],
    [
      "half a line in the middle",
      `${first_line}\n{"kind":"ca\n${JSON.stringify(call)}\n`,
      /^run is damaged: line 2 is not a JSON object\. Record/,
    ],
    ["a list", then([]), /line 2 is not a JSON object/],
    ["no kind", then({}), /line 2 has no kind/],
    [
      "a process unheard of",
      then({ ...call, process: 3 }),
      /line 2 belongs to process 3, which has no header/,
    ],
    [
      "a process of no number",
      then({ ...call, process: "x" }),
      /line 2 has a process that is not a number/,
    ],
    [
      "a call without a time",
      then({ ...call, t: undefined }),
      /line 2 is a call without a valid "t"/,
    ],
    [
      "a call without arguments",
      then({ ...call, args: null }),
      /line 2 is a call without a valid "args"/,
    ],
    [
      "a wake-up that says nothing",
      then({ ...call, wake: {} }),
      /line 2 is a call without a valid "wake"/,
    ],
    [
      "a life without a number",
      then({ ...call, made: [{}] }),
      /line 2 is a call without a valid "made"/,
    ],
    [
      "a clock that is none",
      first_line.replace("5000000000", "soon"),
      /line 1 is a header without a valid "clock"/,
    ],
  ])("what is no recording is refused, in a sentence that says why: %s", (_, content, message) => {
    expect(() => parse(content, "run")).toThrow(BadRecording);
    expect(() => parse(content, "run")).toThrow(message);
  });

  test("a file that cannot be read is no recording", async () => {
    expect(() => read("no-such.jsonl")).toThrow(
      new BadRecording("No such file: no-such.jsonl. Make a recording with `npx iomux trace`."),
    );
    expect(() => read(tmpdir())).toThrow(/ is a directory: name the recording in it\.$/);
    const path = file_with("{}");
    expect(() => read(path)).toThrow(`${path} is not an iomux recording`);
  });

  test("a line of a kind that is not known yet is passed over", () => {
    expect(parse(then({ kind: "weather", rain: true }), "it").lines).toEqual([header]);
    expect(parse(then({ kind: "toString" }), "it").lines).toEqual([header]);
  });
});

test("bytes as Python prints them are the same bytes again", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(from_python(to_python(bytes))).toEqual(bytes);
    }),
  );
  expect(to_python(Buffer.from("Hé\\\r\n\t'\0"))).toBe(String.raw`H\xc3\xa9\\\r\n\t'\x00`);
});
