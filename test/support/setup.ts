/**
 * What is done once for all tests, by vitest: lib/, the programs that the tests start, and `npx iomux`
 * are compiled into build-test/. By itself Node starts one in a fifth of the time that it takes with tsx.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";

import type { TestProject } from "vitest/node";

import { build as build_tools } from "../../tools/build.ts";
import { bundle_lib } from "../../tools/bundle-lib.ts";
import { covers_children } from "./coverage.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "iomux-source": string }>>;
}

function tsc(...args: string[]): void {
  execFileSync("node_modules/.bin/tsc", args, { stdio: "inherit" });
}

async function compile(): Promise<void> {
  // dist/, for the tests of the package as published and of the benchmark, which run side by side.
  tsc("-b", "lib");
  await bundle_lib();
  tsc("-p", "test/support/programs.json");
  // There, the package's own name means what was compiled; the addon is the same.
  const { exports, ...manifest } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
  const compiled = Object.entries(exports).map(([name, { "iomux-source": source }]) => [
    name,
    source.replace(/\.ts$/, ".js"),
  ]);
  const text = JSON.stringify({ ...manifest, exports: Object.fromEntries(compiled) as unknown });
  writeFileSync("build-test/package.json", text);
  if (!existsSync("build-test/build")) symlinkSync("../build", "build-test/build");
  await build_tools("build-test/tools", "../lib", covers_children);
}

/**
 * `python3` may be a script that looks for Python each time, and takes longer for it than Python. Where
 * there is none, the tests that need it are skipped.
 */
function find_python(): void {
  const program = ["-c", "import sys; print(sys.executable)"];
  const options = { encoding: "utf8" } as const;
  const { status, stdout } = spawnSync("python3", program, options);
  if (status === 0) process.env.PYTHON ??= stdout.trim();
}

export default async function setup(project: TestProject): Promise<void> {
  find_python();
  await compile();
  project.onTestsRerun(compile);
}
