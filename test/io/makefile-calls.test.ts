/** Files over a socket: every call, in every state, comes to what it comes to in Python. */
import * as fc from "fast-check";
import { describe, test } from "vitest";

import { expect_same, newlines } from "../support/makefile-steps.ts";
import type { Step } from "../support/makefile-steps.ts";

const opened: Step = ["sock", "fileno"];

const kinds = [
  ["rb", 0],
  ["wb", 0],
  ["rwb", 0],
  ...["rb", "wb", "rwb", "r", "w", "rw"].map((mode) => [mode, null] as const),
] as const;

describe("misuse", () => {
  test("arguments that cannot be, and no file is left open", () => {
    const after: Step[] = [["file", "mode"], ["sock", "close"], opened];
    expect_same([
      ...["x", "rt", "r+", null, 5, "", "rr", "bb", "wbr"].map((mode) => ({ mode, steps: after })),
      ...["a", 1.5, [], true, false, 0, -5, 1, 2 ** 45].flatMap((buffering) => [
        { mode: "rb", buffering, steps: after },
        { mode: "w", buffering, steps: after },
      ]),
      ...["x", 5, "\n\n", Buffer.from("\n")].map((newline) => {
        return { mode: "r", options: { newline }, steps: after };
      }),
      ...["nope", 5, "UTF8"].flatMap((text) => [
        { mode: "r", options: { encoding: text, errors: "strict" }, steps: after },
        { mode: "w", options: { encoding: "ascii", errors: text }, steps: after },
        { mode: "rb", options: { encoding: text }, steps: [["sock", "close"], opened] as Step[] },
      ]),
    ]);
  });

  /** Everything there is to be called, with what is right and what is wrong. */
  const calls: readonly (readonly [what: string, ...args: unknown[]])[] = [
    ...["read", "read1", "peek", "readline", "readlines"].flatMap((what) => {
      return [[what], [what, null], [what, "x"], [what, 2], [what, -5], [what, 1.5]] as const;
    }),
    ...["readinto", "readinto1"].flatMap(
      (what) =>
        [
          [what, 3],
          [what, "x"],
        ] as const,
    ),
    ...["write", "writelines"].flatMap((what) => {
      const x = Buffer.from("x");
      return [
        [what, "x"],
        [what, x],
        [what, 5],
        [what, null],
        [what, ["x"]],
        [what, [x]],
      ] as const;
    }),
    ...["readall", "iterate", "next", "flush", "isatty", "readable", "writable", "seekable"].map(
      (what) => [what] as const,
    ),
    ...["tell", "truncate", "fileno", "mode", "closed", "newlines", "errors", "line_buffering"].map(
      (what) => [what] as const,
    ),
    ["seek", 0],
  ];

  function compare(mode: string, buffering: number | null, before: readonly Step[]): void {
    const scenarios = calls.map(([what, ...args]) => {
      return { mode, buffering, steps: [...before, ["file", what, ...args]] as Step[] };
    });
    expect_same(scenarios);
  }

  test.each(kinds)("every call of %s with buffering %s, nothing being there", (mode, buffering) => {
    compare(mode, buffering, []);
  });

  test.each(kinds)("every call of %s with buffering %s, closed", (mode, buffering) => {
    compare(mode, buffering, [
      ["peer", "send", Buffer.from("ab\ncd\n")],
      ["file", "close"],
    ]);
  });

  test.each(kinds.slice(3))("every call of %s, detached", (mode, buffering) => {
    compare(mode, buffering, [["file", "detach"]]);
  });
});

describe("any steps at all", () => {
  const size = fc.constantFrom(0, 1, 2, 3, 7, 20);
  const bytes = fc.stringMatching(/^[ab\n\r]{0,12}$/);
  const buffered: Record<string, fc.Arbitrary<Step>> = {
    send: bytes.map((data) => ["peer", "send", Buffer.from(data)]),
    read: size.map((n) => ["file", "read", n]),
    readline: fc.constantFrom(-1, 0, 1, 3, 7).map((n) => ["file", "readline", n]),
    recv: fc.constant(["peer", "recv", 5]),
    flush: fc.constant(["file", "flush"]),
  };
  const binary: Record<string, fc.Arbitrary<Step>> = {
    ...buffered,
    read1: size.map((n) => ["file", "read1", n]),
    all: fc.constant(["file", "read"]),
    peek: fc.constant(["file", "peek"]),
    readinto: size.map((n) => ["file", "readinto", n]),
    readinto1: size.map((n) => ["file", "readinto1", n]),
    readlines: size.map((n) => ["file", "readlines", n]),
    write: bytes.map((data) => ["file", "write", Buffer.from(data)]),
  };
  const textual: Record<string, fc.Arbitrary<Step>> = {
    ...buffered,
    write: bytes.map((data): Step => ["file", "write", data]),
  };

  test.each(["rb", "rwb", "r", "rw"])("%s", (mode) => {
    const { write, flush, recv, ...reading } = mode.includes("b") ? binary : textual;
    const all = mode.includes("w") ? { ...reading, write, flush, recv } : reading;
    const scenario = fc.record({
      mode: fc.constant(mode),
      buffering: fc.constantFrom(null, 1, 3, 4, 16),
      options: fc.record({ newline: fc.constantFrom(...newlines), encoding: fc.constant("utf-8") }),
      steps: fc.array(fc.oneof(...Object.values(all)), { maxLength: 20 }),
    });
    expect_same(fc.sample(scenario, 400));
  });
});
