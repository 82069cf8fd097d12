/**
 * Damaged recordings, and such as somebody has made up: refused, or shown like any other.
 * `FUZZ_SEED=2 FUZZ_RUNS=100000 npx vitest run test/recording/damaged.test.ts` tries others.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { Line } from "iomux/trace";

import { summary } from "../../tools/record/summary.ts";
import { to_chrome } from "../../tools/recording/chrome.ts";
import { to_jsonl } from "../../tools/recording/jsonl.ts";
import { merge } from "../../tools/recording/merge.ts";
import { BadRecording, parse } from "../../tools/recording/parse.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";
import { tell } from "../../tools/recording/telling.ts";
import type { Teller } from "../../tools/recording/telling.ts";
import { self_recorded } from "../support/recordings.ts";

/** Texts that once went wrong, and others that are hard to read. */
const CORPUS = new URL("damaged", import.meta.url).pathname;

const teller: Teller = {
  program: "it",
  seen_by: "iomux",
  is_listener: (life) => life % 2 === 0,
  is_connecting: (life) => life % 3 === 0,
};

/** Everything that is done with a recording. Returns what was thrown, if it is no refusal. */
function problem_with(text: string): unknown {
  let lines: readonly Line[];
  try {
    ({ lines } = parse(text, "damaged.jsonl"));
  } catch (error) {
    return error instanceof BadRecording ? null : error;
  }
  try {
    for (const some of [lines, merge([lines, lines]).lines]) {
      summary(some);
      for (const line of some) if (line.kind === "call") tell(line, line, teller);
      for (const write of [to_jsonl, to_strace, to_chrome]) for (const _ of write(some));
    }
    return null;
  } catch (error) {
    return error;
  }
}

test.each(readdirSync(CORPUS))("%s", (name) => {
  expect(problem_with(readFileSync(join(CORPUS, name), "utf8"))).toBeNull();
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Puts something else at a place in a value. */
function changed(value: Json, path: readonly number[], other: Json): Json {
  if (path.length === 0 || typeof value !== "object" || value === null) return other;
  const [first, ...rest] = path;
  const keys = Object.keys(value);
  if (keys.length === 0) return other;
  const key = keys[first % keys.length];
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as { [key: string]: Json };
  copy[key] = changed(copy[key], rest, other);
  return copy;
}

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, -1, 0, 1e308, 2 ** 53, 0.5, "", "__proto__", [], {}),
  fc.constantFrom<Json[]>(
    "header",
    "call",
    "recv",
    "epoll_wait",
    "POLLIN|POLLOUT",
    [[]],
    [1, 2, 3],
  ),
  fc.json().map((text) => JSON.parse(text) as Json),
);
const place = fc.nat(1_000_000);

/** What is done to the lines of a recording. */
const damage: fc.Arbitrary<(lines: string[]) => string[]> = fc.oneof(
  fc.tuple(place, fc.array(place, { minLength: 1, maxLength: 4 }), odd).map(([at, path, other]) => {
    return (lines: string[]) => {
      const number = at % lines.length;
      const value = changed(JSON.parse(lines[number]) as Json, path, other);
      return lines.with(number, JSON.stringify(value));
    };
  }),
  fc.tuple(place, place).map(([from, to]) => (lines: string[]) => {
    const copy = [...lines];
    copy.splice(to % lines.length, 0, ...copy.splice(from % lines.length, 1));
    return copy;
  }),
  place.map((at) => (lines: string[]) => lines.toSpliced(at % lines.length, 1)),
  place.map((at) => (lines: string[]) => lines.toSpliced(0, 0, lines[at % lines.length])),
);

test("whatever is done to a recording, it is refused or shown", () => {
  const lines = [...to_jsonl(self_recorded())].map((line) => line.trimEnd());
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), fc.nat(1000), (all, cut) => {
      const text = all.reduce((before, one) => one(before), lines).join("\n");
      const problem = problem_with(cut < 50 ? text.slice(0, (text.length * cut) / 50) : text);
      if (problem !== null) throw problem;
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 8000), seed: Number(process.env.FUZZ_SEED ?? 1) },
  );
}, 600_000);
