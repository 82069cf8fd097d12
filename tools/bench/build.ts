/** Builds what is measured: the programs in C++ and, when run from source, everything in TypeScript. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { PACKAGE } from "../record/package.ts";
import { UsageError } from "../usage-error.ts";

/** The programs in C++. */
export const BUILD: string = `${PACKAGE}build-bench/`;
/** The servers in TypeScript as plain JavaScript, by tools/build.ts. */
export const SERVERS: string = `${PACKAGE}dist/tools/bench/`;

const SOURCES = `${PACKAGE}native/bench/`;

/** Builds these servers in C++, and the load. Throws UsageError if something is missing. */
export async function build(servers: readonly string[]): Promise<void> {
  if (process.platform !== "linux") {
    throw new UsageError(
      "bench runs on Linux only: its load uses epoll(7), and the figures are from proc(5).",
    );
  }
  // Run from source: what is measured is the package as installed, from dist/, which may be older.
  if (import.meta.url.endsWith(".ts")) {
    await run("npx", ["tsc", "-b", `${PACKAGE}lib`]);
    await run("npx", ["tsx", `${PACKAGE}tools/build.ts`]);
  }
  try {
    mkdirSync(BUILD, { recursive: true });
  } catch (error) {
    throw new UsageError(
      `bench builds its programs in ${BUILD}, which cannot be written: install iomux in a folder of your own.`,
      { cause: error },
    );
  }
  await Promise.all([...servers, "load"].map(compile));
}

async function compile(program: string): Promise<void> {
  const output = `${BUILD}${program}`;
  const changed = readdirSync(SOURCES).map((file) => statSync(join(SOURCES, file)).mtimeMs);
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(...changed)) return;
  const options = ["-std=c++20", "-O3", "-DNDEBUG", "-o", output];
  await run(process.env.CXX ?? "c++", [...options, `${SOURCES}${program}.cc`]);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args, { cwd: PACKAGE });
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    throw new UsageError(
      code === "ENOENT"
        ? `bench needs a C++20 compiler, and there is no ${command}: install one (on Debian and Ubuntu: apt install g++; on Alpine: apk add g++), or name one in CXX.`
        : `${command} ${args.join(" ")} failed:\n${stdout}${stderr}`,
      { cause: error },
    );
  }
}
