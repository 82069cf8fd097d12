/** `npm run installs`: its scenarios are in the README's table. What they show, they show themselves. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { write_readme_table } from "../../packaging/readme-table.ts";

const folder = mkdtempSync(join(tmpdir(), "iomux-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

function installs(...args: string[]) {
  const options = ["--import", "tsx", "packaging/installs.ts", ...args];
  return spawnSync(process.execPath, options, { encoding: "utf8" });
}

test("the README's table has every scenario", () => {
  const { status, stdout } = installs("--list");
  expect(status).toBe(0);
  const listed = stdout.trimEnd().split("\n");
  expect(listed.length).toBeGreaterThan(20);
  const readme = readFileSync("README.md", "utf8");
  const [, table] = /<!-- npm run installs -->\n(.*?)<!-- end -->/s.exec(readme)!;
  expect(Array.from(table.matchAll(/^\| `(.*?)`/gm), ([, name]) => name)).toEqual(
    listed.map((line) => line.split(" ")[0]),
  );
});

test("a scenario that is not there is an error in the usage", () => {
  const { status, stderr } = installs("npm-1");
  expect(stderr).toBe('There is no scenario "npm-1": see --list.\n');
  expect(status).toBe(2);
});

test("a table takes the place of the one before, and of nothing else", () => {
  const file = join(folder, "page.md");
  writeFileSync(file, "before\n\n<!-- a command -->\nold\n<!-- end -->\n\nafter\n");
  for (const result of ["fails", "works"]) {
    write_readme_table("a command", ["What", "Result"], [["`this`", result]], file);
  }
  expect(readFileSync(file, "utf8")).toBe(
    "before\n\n<!-- a command -->\n\n| What   | Result |\n| ------ | ------ |\n| `this` | works  |\n\n<!-- end -->\n\nafter\n",
  );
});

test("a page without a place for it is an error", () => {
  const file = join(folder, "other.md");
  writeFileSync(file, "<!-- another command -->\n<!-- end -->\n");
  expect(() => write_readme_table("a command", [], [], file)).toThrow(
    'has no "<!-- a command -->" with an "<!-- end -->" after it',
  );
});
