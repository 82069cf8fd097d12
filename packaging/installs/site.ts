/** Where scenarios build: a temporary folder outside the project, which knows nothing of it. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { pack } from "./packed.ts";
import type { Packed } from "./packed.ts";
import { BUILD_TOOLS, CommandError, COMPILERS, path_without, run } from "./run.ts";
import type { Where } from "./run.ts";

const PROGRAMS = fileURLToPath(new URL("programs", import.meta.url));

export interface Site {
  readonly folder: string;
  readonly packed: Packed;
  /** An environment that hides this machine's compilers, and one that hides what else builds programs. */
  readonly no_compiler: { readonly PATH: string };
  readonly only_compiler: { readonly PATH: string };
}

export async function open_site(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "iomux-installs-"));
  // Also for the user who is not root.
  chmodSync(folder, 0o755);
  const tarballs = join(folder, "tarballs");
  mkdirSync(tarballs);
  return {
    folder,
    packed: await pack(tarballs),
    no_compiler: { PATH: path_without(COMPILERS, join(folder, "no-compiler")) },
    only_compiler: { PATH: path_without(BUILD_TOOLS, join(folder, "only-compiler")) },
  };
}

/** A new project, with the programs that try out what is installed in it. */
export function new_project(site: Site, name: string, manifest: object = {}): string {
  const folder = join(site.folder, name);
  mkdirSync(folder);
  cpSync(PROGRAMS, folder, { recursive: true });
  const text = JSON.stringify({ name: "project", version: "1.0.0", private: true, ...manifest });
  writeFileSync(join(folder, "package.json"), text);
  return folder;
}

/** Installs a tarball in a project. */
export function npm_install(
  tarball: string,
  where: Where,
  options: readonly string[] = [],
): Promise<string> {
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  return run("npm", ["install", ...quiet, ...options, tarball], where);
}

/** Runs one of the programs, and insists that it has got back what it sent. */
export async function echo(command: string, args: readonly string[], where: Where): Promise<void> {
  const output = await run(command, args, where);
  if (!/^echoed$/m.test(output)) {
    throw new CommandError(`${[command, ...args].join(" ")}\nechoed nothing:\n${output}`);
  }
}

/** Insists that an output has something in it. */
export function expect_in(output: string, wanted: RegExp): void {
  if (!wanted.test(output)) throw new CommandError(`${String(wanted)} is not in:\n${output}`);
}
