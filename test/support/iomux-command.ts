/** `npx iomux`, as a user types it, in a folder for each test. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeEach } from "vitest";

import type { End, Line } from "iomux/trace";

import { Command } from "./commands.ts";
import type { Ending } from "./commands.ts";

export const HOST: string = "127.0.0.1";
export const TOOL: string = "build-test/tools/iomux.js";
export const SERVER: string = "build-test/scripts/multiconn-server.js";
/** For programs that are written anywhere. */
export const LIB: string = `${process.cwd()}/build-test/lib`;
export const CLIENT: string = "build-test/scripts/multiconn-client.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iomux-test-"));
  return () => {
    rmSync(folder, { recursive: true });
  };
});

/** The command, until it has ended. */
export async function iomux(...args: string[]): Promise<Ending> {
  return new Command([process.execPath, TOOL, ...args]).ended;
}

export function file(name: string): string {
  return join(folder, name);
}

/** Makes the folder a package that has iomux, as it was compiled for the tests, and tsx in its node_modules. */
export function make_package(type?: "commonjs" | "module"): void {
  mkdirSync(file("node_modules"));
  symlinkSync(`${process.cwd()}/build-test`, file("node_modules/iomux"));
  symlinkSync(`${process.cwd()}/node_modules/tsx`, file("node_modules/tsx"));
  writeFileSync(file("package.json"), JSON.stringify({ type }));
}

export function program(name: string, text: string): string {
  writeFileSync(file(name), text);
  return file(name);
}

export function lines_in(path: string): Line[] {
  const texts = readFileSync(path, "utf8").trimEnd().split("\n");
  return texts.map((text) => JSON.parse(text) as Line);
}

export function end_of(lines: readonly Line[]): End | undefined {
  return lines.find((line): line is End => line.kind === "end");
}
