/**
 * Runs the programs that run.py has translated, for test/differential.test.ts: they come as JSON on
 * standard input, and what each statement came to goes as one line of JSON to standard output.
 */
import { mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { new_names, outcome_of } from "./runtime.ts";

const programs = JSON.parse(readFileSync(0, "utf8")) as readonly (readonly string[])[];
const folder = mkdtempSync(join(tmpdir(), "iomux-"));
process.once("exit", () => rmSync(folder, { recursive: true }));

for (const statements of programs) {
  const names = new_names(folder);
  const before = new Set(Object.keys(names));
  for (const source of statements) {
    writeSync(1, `${JSON.stringify(await outcome_of(source, names))}\n`);
  }
  for (const [name, one] of Object.entries(names)) {
    if (!before.has(name)) (one as Partial<Disposable> | null)?.[Symbol.dispose]?.();
  }
}
process.exit();
