/**
 * Says which lines the tests have run: those of lib/ and tools/ in vitest's own processes, in the
 * processes that it starts and in the browser, and those of native/. Called by .ci/coverage.
 *
 * Usage: npx tsx packaging/coverage.ts FOLDER   (with vitest.info, native.info and children/)
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import Table from "cli-table3";
import { CoverageReport } from "monocart-coverage-reports";

import { ranges } from "../tools/words.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** How many of 100 lines of a part the tests must run. */
const LEAST = 95;
const PARTS = ["lib", "native", "tools"];

/** How often each line was run, by file. */
type Runs = Map<string, Map<number, number>>;

/** Reads the format of lcov(1): for each file SF, and for each line of it with code DA. */
function read(text: string): Runs {
  const files: Runs = new Map();
  let lines = new Map<number, number>();
  for (const line of text.split("\n")) {
    const [what, value = ""] = line.split(/:(.*)/);
    if (what === "SF") {
      lines = new Map();
      files.set(relative(ROOT, resolve(ROOT, value)), lines);
    } else if (what === "DA") {
      const [number, runs] = value.split(",").map(Number);
      lines.set(number, runs);
    }
  }
  return files;
}

function write(files: Runs): string {
  const records = [...files].map(([file, lines]) => {
    const data = [...lines].map(([line, runs]) => `DA:${line},${runs}\n`);
    return `SF:${file}\n${data.join("")}end_of_record\n`;
  });
  return records.join("");
}

const VIEWER = "viewer.js";
/** As sources, run by tsx, or as they are built. */
const is_ours = /^(?:lib|tools|dist|build-test\/(?:lib|tools))\//;

/** What Node's processes and the viewer's pages have run, in terms of their sources. */
async function children(folder: string): Promise<Runs> {
  const report = new CoverageReport({
    outputDir: join(folder, "mapped"),
    // How much of each line was run; its lcov has statements only, of which source maps lose many.
    reports: ["codecov"],
    logging: "error",
    entryFilter: ({ url }) => url === VIEWER || is_ours.test(relative(ROOT, new URL(url).pathname)),
    sourceFilter: (path) => /^(?:lib|tools)\/.*\.ts$/.test(path),
  });
  await report.addFromDir(folder);
  for (const name of readdirSync(folder).filter((file) => file.startsWith("page-"))) {
    const scripts = JSON.parse(readFileSync(join(folder, name), "utf8")) as { url: string }[];
    // The same script in every page.
    for (const script of scripts) script.url = VIEWER;
    await report.add(scripts);
  }
  await report.generate();
  const text = readFileSync(join(folder, "mapped/codecov.json"), "utf8");
  const { coverage } = JSON.parse(text) as { coverage: Record<string, Record<string, Part>> };
  return new Map(Object.entries(coverage).map(([file, lines]) => [file, runs_of(lines)]));
}

/** How often a line was run, or how many of its parts were: "1/2". */
type Part = number | string;

function runs_of(lines: Readonly<Record<string, Part>>): Map<number, number> {
  const entries = Object.entries(lines);
  return new Map(entries.map(([line, part]) => [Number(line), Number.parseInt(String(part), 10)]));
}

/** "3, 7–9". */
function ranges_text(numbers: readonly number[]): string {
  return ranges(numbers)
    .map(([first, last]) => (first === last ? first : `${first}–${last}`))
    .join(", ");
}

const percent = (some: number, all: number): string => ((100 * some) / all).toFixed(1);

const [folder] = process.argv.slice(2);
const all = read(readFileSync(join(folder, "vitest.info"), "utf8"));
for (const [file, lines] of await children(join(folder, "children"))) {
  const known = all.get(file);
  // Only vitest tells code from other lines.
  for (const [line, runs] of lines) {
    if (known?.has(line) === true) known.set(line, known.get(line)! + runs);
  }
}
for (const [file, lines] of read(readFileSync(join(folder, "native.info"), "utf8"))) {
  all.set(file, lines);
}
writeFileSync(join(folder, "lcov.info"), write(all));

const table = new Table({
  head: ["file", "lines", "%", "not run"],
  colWidths: [null, null, null, 60],
  style: { head: [], border: [] },
  wordWrap: true,
});
const files = [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));
const totals = new Map(PARTS.map((part) => [part, { lines: 0, run: 0 }]));
for (const [file, lines] of files) {
  const left = [...lines].filter(([, runs]) => runs === 0).map(([line]) => line);
  const total = totals.get(file.split("/")[0]);
  if (total === undefined) continue;
  total.lines += lines.size;
  total.run += lines.size - left.length;
  if (left.length === 0) continue;
  const own = percent(lines.size - left.length, lines.size);
  table.push([file, lines.size, own, ranges_text(left.toSorted((a, b) => a - b))]);
}
console.log(table.toString());
for (const [part, { lines, run }] of totals) {
  console.log(`${part.padEnd(8)}${percent(run, lines)} % of ${lines} lines`);
  if (run / lines < LEAST / 100) process.exitCode = 1;
}
if (process.exitCode === 1) console.error(`Fewer than ${LEAST} of 100 lines were run.`);
