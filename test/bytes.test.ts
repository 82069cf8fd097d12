/** `iomux/bytes` beside the methods of Python's bytes: the same results and messages. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { b, IndexError, repr } from "iomux/builtins";
import * as bytes from "iomux/bytes";

import { ask_python, attempt, differences, for_python } from "./support/python.ts";
import type { Outcome } from "./support/python.ts";

// Few different bytes, so that one is often found in the other.
const some = fc
  .array(fc.constantFrom(97, 98, 13, 10, 32, 9, 0, 255), { maxLength: 9 })
  .map((all) => Buffer.from(all));
const short = fc
  .array(fc.constantFrom(97, 98, 13, 10, 32), { maxLength: 2 })
  .map((all) => Buffer.from(all));
const place = fc.oneof(fc.integer({ min: -11, max: 11 }), fc.constant(null));
const sought = fc.oneof(
  { weight: 5, arbitrary: short },
  fc.constantFrom(97, 255, 256, -1, "a", null),
);
const limit = fc.integer({ min: -2, max: 4 });
const sep = fc.oneof({ weight: 6, arbitrary: short }, fc.constantFrom(null, "a"));

/** By method: what its arguments are. */
const methods: Readonly<Record<string, fc.Arbitrary<readonly unknown[]>>> = {
  split: fc.tuple(sep, limit),
  partition: fc.tuple(short),
  rpartition: fc.tuple(short),
  startswith: fc.tuple(fc.oneof(short, fc.constant("a")), place, place),
  endswith: fc.tuple(short, place, place),
  strip: fc.tuple(fc.oneof(short, fc.constant(null))),
  lstrip: fc.tuple(fc.oneof(short, fc.constant(null))),
  rstrip: fc.tuple(fc.oneof(short, fc.constant(null))),
  join: fc.tuple(
    fc.array(fc.oneof({ weight: 9, arbitrary: short }, fc.constant("a")), { maxLength: 4 }),
  ),
  find: fc.tuple(sought, place, place),
  rfind: fc.tuple(sought, place, place),
  index: fc.tuple(sought, place, place),
  count: fc.tuple(sought, place, place),
  replace: fc.tuple(short, short, limit),
  decode: fc.tuple(
    fc.constantFrom("utf-8", "latin-1", "ascii"),
    fc.constantFrom("strict", "replace", "ignore", "backslashreplace"),
  ),
};

const questions = Object.entries(methods).flatMap(([name, args]) =>
  fc.sample(fc.tuple(some, args), { numRuns: 300, seed: 20 }).map(([data, all]) => ({
    name,
    data,
    args: all,
  })),
);

const python_says = ask_python(
  `
def call(one):
    name, data, args = one["name"], value_of(one["data"]), [value_of(arg) for arg in one["args"]]
    return ascii(getattr(data, name)(*args))

answers = [attempt(call, one) for one in questions]
`,
  questions.map(({ name, data, args }) => ({
    name,
    data: for_python(data),
    args: args.map(for_python),
  })),
) as () => Outcome[];

/** Python's \`ascii\`. */
function ascii(value: unknown): string {
  return repr(value).replaceAll(/[^\0-\x7f]/gu, (character) => {
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    return code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
}

type Functions = Readonly<Record<string, (...args: unknown[]) => unknown>>;

test("beside Python", () => {
  const answers = python_says().map(([result, error]): Outcome => {
    // A method's name is in front of some messages, and 3.11 and 3.13 differ in where.
    return [result, error === null ? null : [error[0], plainly(error[1])]];
  });
  const different = differences(questions, answers, ({ name, data, args }) => {
    const [result, error] = attempt(() =>
      ascii((bytes as unknown as Functions)[name](data, ...args)),
    );
    return [result, error === null ? null : [error[0], plainly(error[1])]];
  });
  expect(different.slice(0, 5)).toEqual([]);
});

function plainly(message: string): string {
  return message.replace("subsection not found", "substring not found");
}

describe("here", () => {
  test("lines of a protocol come apart", () => {
    const [head, , body] = bytes.partition(b`GET / HTTP/1.1\r\nHost: x\r\n\r\nbody`, b`\r\n\r\n`);
    const [request, ...headers] = bytes.split(head, b`\r\n`);
    expect(repr(bytes.split(request))).toBe("[b'GET', b'/', b'HTTP/1.1']");
    expect(repr(headers.map((line) => bytes.partition(line, b`: `)))).toBe(
      "[(b'Host', b': ', b'x')]",
    );
    expect(bytes.decode(body)).toBe("body");
  });

  test("an index that is out of range is an IndexError, not undefined", () => {
    expect(bytes.at(b`ab`, -1)).toBe(98);
    expect(() => bytes.at(b`ab`, 2)).toThrow(new IndexError("index out of range"));
    expect(() => bytes.at(b`ab`, 0.5)).toThrow(TypeError);
  });

  test("bytes are equal by what they are", () => {
    expect(bytes.equal(b`ab`, new Uint8Array([97, 98]))).toBe(true);
    expect(bytes.equal(b`ab`, "ab")).toBe(false);
    expect(bytes.startswith(b`ab`, [b`x`, b`a`])).toBe(true);
  });

  test("results are copies", () => {
    const data = b`a b`;
    const parts = [...bytes.split(data), bytes.strip(data), ...bytes.partition(data, b` `)];
    data.fill(0);
    expect(repr(parts)).toBe("[b'a', b'b', b'a b', b'a', b' ', b'b']");
  });
});
