/** Small programs, each run by Python and here: what every statement comes to is to be the same. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { compiled } from "./support/commands.ts";
import { PYTHON } from "./support/python.ts";
import { has_epoll } from "./support/system.ts";
import { has, needs } from "./support/tools.ts";

type Outcome = readonly unknown[];

interface Row {
  readonly python: string;
  readonly javascript: string;
  /** Null where this Python is too old to be asked. */
  readonly theirs: Outcome | null;
  /** Where we are another on purpose: why, and what it comes to here. */
  readonly why: string | null;
  readonly ours: string | null;
}

interface Script {
  readonly title: string;
  readonly rows: readonly Row[];
}

function path(file: string): string {
  return fileURLToPath(new URL(`support/differential/${file}`, import.meta.url));
}

function run(command: string, args: readonly string[], input: string): string {
  const options = { input, encoding: "utf8", maxBuffer: 2 ** 26, timeout: 60_000 } as const;
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(`${args.join(" ")} failed: ${error?.message}\n${stderr}`);
  return stdout;
}

function outcomes_of(table: string): [Script, readonly Outcome[]][] {
  const all = JSON.parse(run(PYTHON, ["-W", "ignore", path("run.py"), table], "")) as Script[];
  // Without epoll, DefaultSelector is another one than Python's.
  const programs = all.filter(
    ({ rows }) => has_epoll || !rows.some(({ python }) => /epoll|Default/i.test(python)),
  );
  const sources = programs.map(({ rows }) => rows.map(({ javascript }) => javascript));
  const [node, ...ours] = compiled("test/support/differential/ours.ts");
  const lines = run(node, ours, JSON.stringify(sources))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
  return programs.map((program) => [program, lines.splice(0, program.rows.length)]);
}

const tables = ["a_socket", "a_stream", "the_module", "addresses", "readiness", "signals"];
// It is Python that says which tests there are.
const compared = has("python3") ? tables : [];
let comparisons = 0;

describe.each(compared)("%s", (table) => {
  test.each(outcomes_of(table).map(([program, ours]) => ({ title: program.title, program, ours })))(
    "$title",
    ({ program, ours }) => {
      for (const [index, { python, theirs, why, ours: expected }] of program.rows.entries()) {
        if (theirs === null) continue;
        comparisons++;
        const outcome = JSON.stringify(ours[index]);
        if (why === null) {
          expect.soft(outcome, python).toBe(JSON.stringify(theirs));
        } else {
          const told = expected?.startsWith("[") ? outcome : ours[index][0];
          expect.soft(told, `${python}, where ${why}`).toBe(expected);
          // A difference that is none any more needs no reason.
          expect.soft(outcome, python).not.toBe(JSON.stringify(theirs));
        }
      }
    },
  );
});

test("there are thousands of them", () => {
  needs("python3");
  expect(comparisons).toBeGreaterThan(has_epoll ? 2000 : 1500);
});
