/** The programs in docs/exercises/: Python and iomux print what is written down there. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, test } from "vitest";

import { Command, compiled } from "./support/commands.ts";
import { PYTHON } from "./support/python.ts";
import { needs } from "./support/tools.ts";

const FOLDER = "docs/exercises";
const files = readdirSync(FOLDER);
const names = files.filter((file) => file.endsWith(".txt")).map((file) => basename(file, ".txt"));

test("each has a program in both languages, and what it prints", () => {
  const expected = names.flatMap((name) => [`${name}.py`, `${name}.ts`, `${name}.txt`]);
  expect(names.length).toBeGreaterThan(0);
  expect(files.filter((file) => file !== "README.md").toSorted()).toEqual(expected.toSorted());
});

test("each is asked about, by the question at its head", () => {
  const page = readFileSync(`${FOLDER}/README.md`, "utf8");
  const plain = page
    .replaceAll(/[`*[]/g, "")
    .replaceAll(/\]\([^)]*\)/g, "")
    .replaceAll(/\s+/g, " ");
  for (const name of names) {
    const [, question] = /^"""(.+)"""$/m.exec(readFileSync(`${FOLDER}/${name}.py`, "utf8"))!;
    expect.soft(plain).toContain(`${question} Python,`);
    expect.soft(readFileSync(`${FOLDER}/${name}.ts`, "utf8")).toContain(`/** ${question} */`);
  }
});

describe.each(names)("%s", (name) => {
  const printed = readFileSync(`${FOLDER}/${name}.txt`, "utf8");

  test("prints that in Python", async () => {
    needs("python3");
    const { status, stdout, stderr } = await new Command([PYTHON, `${FOLDER}/${name}.py`]).ended;
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: printed, stderr: "" });
  });

  test("prints that in TypeScript", async () => {
    const { status, stdout, stderr } = await new Command(compiled(`${FOLDER}/${name}.ts`)).ended;
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: printed, stderr: "" });
  });
});
