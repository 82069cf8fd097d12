/** A SelectorKey is a named tuple. */
import { describe, expect, test } from "vitest";

import { repr } from "iomux/builtins";
import { SelectorKey } from "iomux/selectors";

import { attempt, differences, for_python, python } from "../support/python.ts";
import type { Outcome } from "../support/python.ts";

const key = new SelectorKey<unknown>(7, 3, 1, "data");

const program = `
import selectors
key = selectors.SelectorKey(7, 3, 1, "data")
answers = [attempt(getattr(key, name), *map(value_of, values)) for name, values in questions]
`;

describe("as Python's", () => {
  const searches: readonly (readonly ["count" | "index", readonly unknown[]])[] = [
    ["count", [7]],
    ["count", [8]],
    ["index", [7]],
    ["index", ["data"]],
    ["index", [1, 2]],
    ["index", [1, -2]],
    ["index", [1, 3]],
    ["index", [1, 0, 2]],
    ["index", [1, 0, -1]],
    ["index", [8]],
  ];
  test("values are counted and found", () => {
    const questions = searches.map(([name, values]) => [name, values.map(for_python)]);
    const theirs = python(program, questions) as Outcome[];
    const ours = ([name, values]: (typeof searches)[number]): Outcome =>
      attempt(() => (key[name] as (...all: readonly unknown[]) => number)(...values));
    expect(differences(searches, theirs, ours)).toEqual([]);
  });
});

test("its fields have names", () => {
  expect(repr(SelectorKey._fields)).toBe("('fileobj', 'fd', 'events', 'data')");
  expect(repr(key._asdict())).toBe("{'fileobj': 7, 'fd': 3, 'events': 1, 'data': 'data'}");
  expect([...key]).toEqual(Object.values(key._asdict()));
});

test("another key is made of it, and it stays as it was", () => {
  const other = key._replace({ events: 2, data: null });
  expect(other).toBeInstanceOf(SelectorKey);
  expect([...other]).toEqual([7, 3, 2, null]);
  expect([...key]).toEqual([7, 3, 1, "data"]);
  expect(() => key._replace({ mask: 2 } as never)).toThrow(
    new TypeError("Got unexpected field names: ['mask']"),
  );
});
