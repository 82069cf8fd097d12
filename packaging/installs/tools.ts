/** The package managers, compilers and checkers that the scenarios use, from npm, in pinned versions. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT, TRIPLE } from "./packed.ts";
import { run } from "./run.ts";

/** npm 12 runs on Node.js 22 or later, which npm has as a package too. */
const NODE_22 = `node-${TRIPLE}`;

const VERSIONS: Readonly<Record<string, string>> = {
  "@arethetypeswrong/cli": "0.18.5",
  "@types/node": "26.6.6",
  "@yarnpkg/cli-dist": "4.18.1",
  npm: "12.2.1",
  [NODE_22]: "22.23.3",
  pnpm: "10.34.9",
  publint: "0.3.25",
  typescript5: "npm:typescript@5.9.3",
  typescript7: "npm:typescript@7.0.2",
  yarn: "1.22.22",
};

const FOLDER = join(ROOT, "build-installs");
const installed = (path: string): string => join(FOLDER, "node_modules", path);
const own = (path: string): string => join(ROOT, "node_modules", path);

export const tools = {
  attw: installed(".bin/attw"),
  bun: own(".bin/bun"),
  esbuild: own(".bin/esbuild"),
  /** A folder for PATH. */
  node_22: installed(`${NODE_22}/bin`),
  npm_12: installed(".bin/npm"),
  pnpm: installed(".bin/pnpm"),
  publint: installed(".bin/publint"),
  tsc_5: installed("typescript5/bin/tsc"),
  tsc_7: installed("typescript7/bin/tsc"),
  types: installed("@types"),
  /** What @types/node needs. */
  undici_types: installed("undici-types"),
  /** Berry: both have the command `yarn`. */
  yarn: installed("@yarnpkg/cli-dist/bin/yarn.js"),
  yarn_classic: installed("yarn/bin/yarn.js"),
} as const;

/** Fetches them, if they are not there in these versions. */
export async function fetch_tools(): Promise<void> {
  const manifest = join(FOLDER, "package.json");
  const text = JSON.stringify({ private: true, dependencies: VERSIONS }, null, 2);
  const is_there = existsSync(tools.yarn) && readFileSync(manifest, "utf8") === text;
  if (is_there) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(manifest, text);
  const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--engine-strict=false"];
  await run("npm", ["install", ...options], { cwd: FOLDER });
}
