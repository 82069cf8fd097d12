/**
 * The tutorial's programs, statement by statement: what stands in the Python stands in the
 * TypeScript, in the same order and as deep, and `align` pairs the lines.
 */
import { readFileSync } from "node:fs";

import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

import { align } from "../../tools/source/align.ts";
import { flat, in_python, in_typescript, outline } from "../support/statements.ts";
import type { Statement } from "../support/statements.ts";

const programs = (
  "echo-server echo-client multiconn-server multiconn-client app-server app-client " +
  "libserver libclient"
).split(" ");

const twins = programs.map((name) => ({
  name,
  typescript: readFileSync(`scripts/${name}.ts`, "utf8"),
  python: readFileSync(`scripts/${name}.py`, "utf8"),
}));

let by_python: (Statement[] | null)[] | undefined;

/** What Python reads in a program's Python: all of them, when a test first wants to know. */
function read(twin: (typeof twins)[number]): Statement[] {
  by_python ??= in_python(twins.map(({ python }) => python));
  return by_python[twins.indexOf(twin)]!;
}

test.each(twins)("$name: every statement has its counterpart", (twin) => {
  expect(flat(read(twin)).length).toBeGreaterThan(4);
  expect(outline(in_typescript(twin.typescript))).toBe(outline(read(twin)));
});

test.each(twins)("$name: what is imported has the same name", (twin) => {
  // Their part is played by iomux/builtins, iomux/protocol and JavaScript itself.
  const only_python = new Set(["json", "struct", "traceback", "types"]);
  const imported = [...twin.python.matchAll(/^import (\w+)$/gm)].map(([, name]) => name);
  const ours = [...twin.typescript.matchAll(/^import \* as (\w+) from/gm)].map(([, name]) => name);
  expect(ours.toSorted()).toEqual(imported.filter((name) => !only_python.has(name)).toSorted());
});

test.each(twins)("$name: align has each line once, in order, and pairs the statements", (twin) => {
  const pairs = align(twin.typescript, twin.python);
  for (const language of ["typescript", "python"] as const) {
    const lines = pairs.map((pair) => pair[language]).filter((line) => line !== null);
    const count = twin[language].split("\n").length - 1;
    expect(lines).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  }
  const paired = new Map(pairs.map((pair) => [pair.python, pair.typescript]));
  const ours = flat(in_typescript(twin.typescript));
  const theirs = flat(read(twin)).map(({ line }, index) => ({ line, ours: ours[index].line }));
  for (const { line, ours: expected } of theirs) {
    if (line !== null) expect([line, paired.get(line)]).toEqual([line, expected]);
  }
});

/** The text without a span of it, or with two spans in each other's place. */
function without(text: string, [begin, end]: Statement["span"], instead: string): string {
  return text.slice(0, begin) + instead + text.slice(end);
}

function swapped(text: string, one: Statement["span"], other: Statement["span"]): string {
  const between = text.slice(one[1], other[0]);
  const both = text.slice(...other) + between + text.slice(...one);
  return without(text, [one[0], other[1]], both);
}

/** Neighbours of the same depth that say different things: in a list, and in each body of it. */
function neighbours(statements: readonly Statement[]): (readonly [Statement, Statement])[] {
  const here = statements
    .slice(1)
    .map((other, index) => [statements[index], other] as const)
    .filter((pair) => pair.every(({ line, says }) => line !== null && !says.startsWith("except")))
    .filter(([one, other]) => outline([one]) !== outline([other]));
  return [...here, ...statements.flatMap(({ body }) => neighbours(body))];
}

describe("a difference is found", () => {
  test.each(twins)("$name: a statement of the TypeScript is gone, or two are swapped", (twin) => {
    const expected = outline(read(twin));
    const all = in_typescript(twin.typescript);
    const removable = flat(all).filter(
      ({ line, says }) => line !== null && !says.startsWith("except"),
    );
    const mutants = [
      ...removable.map(({ span }) => without(twin.typescript, span, "")),
      ...neighbours(all).map(([one, other]) => swapped(twin.typescript, one.span, other.span)),
    ].filter((text) => parseSync("program.ts", text).errors.length === 0);
    expect(mutants.length).toBeGreaterThan(10);
    for (const mutant of mutants) expect(read_or_refused(mutant)).not.toBe(expected);
  });

  test.each(twins)("$name: a statement of the Python is gone, or two are swapped", (twin) => {
    const expected = outline(in_typescript(twin.typescript));
    // From lines to characters.
    const starts = [0, ...[...twin.python.matchAll(/\n/g)].map(({ index }) => index + 1)];
    const place = ({ span: [begin, end] }: Statement) => [starts[begin - 1], starts[end]] as const;
    const removable = flat(read(twin)).filter(
      ({ line, says }) => line !== null && !says.startsWith("except") && says !== "pass",
    );
    const mutants = [
      ...removable.map((statement) => {
        const [begin, end] = place(statement);
        const indent = /^ */.exec(twin.python.slice(begin))![0];
        return without(twin.python, [begin, end], `${indent}...\n`);
      }),
      ...neighbours(read(twin)).map(([one, other]) =>
        swapped(twin.python, place(one), place(other)),
      ),
    ];
    const found = in_python(mutants).filter((statements) => statements !== null);
    expect(found.length).toBeGreaterThan(10);
    for (const statements of found) expect(outline(statements)).not.toBe(expected);
  });
});

/** The outline, or the refusal of a statement that no rule knows. */
function read_or_refused(text: string): string {
  try {
    return outline(in_typescript(text));
  } catch (error) {
    return (error as Error).message;
  }
}
