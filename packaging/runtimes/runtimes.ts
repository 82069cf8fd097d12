/** The runtimes: what starts each, and how it gets here. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

import { UsageError } from "../../tools/usage-error.ts";

export interface Runtime {
  readonly name: string;
  /** The command line that runs a script, without the script. */
  readonly command: readonly string[];
}

/** Node's lines, each in one version: of the first, the oldest that the package supports. */
const NODES: Readonly<Record<string, string>> = {
  node20: "20.19.0",
  node22: "22.23.3",
  node24: "24.21.0",
  node26: "26.10.0",
};

/** npm has each Node as a package; nothing here is committed. */
const FOLDER = "build-runtimes";

export const RUNTIMES: readonly Runtime[] = [
  ...Object.keys(NODES).map((name) => ({
    name,
    command: [`${FOLDER}/node_modules/${name}/bin/node`],
  })),
  // Without --bun, the first line of a script would start Node.
  { name: "bun", command: ["node_modules/.bin/bun", "--bun"] },
  { name: "deno", command: ["node_modules/.bin/deno", "run", "--allow-all"] },
];

/** Fetches the Nodes, if they are not there in these versions. */
export async function fetch_runtimes(): Promise<void> {
  const dependencies = Object.fromEntries(
    Object.entries(NODES).map(([name, version]) => {
      return [name, `npm:node-${process.platform}-${process.arch}@${version}`];
    }),
  );
  const manifest = `${FOLDER}/package.json`;
  const text = JSON.stringify({ private: true, dependencies }, null, 2);
  const is_there = existsSync(`${FOLDER}/package-lock.json`);
  if (is_there && readFileSync(manifest, "utf8") === text) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(manifest, text);
  // Run from anywhere else, npm would take the folder for a part of this project.
  const options = { cwd: FOLDER, encoding: "utf8" } as const;
  try {
    await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund"], options);
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new UsageError(`npm cannot install Node.js: ${stderr ?? String(error)}`, {
      cause: error,
    });
  }
}

/** Name and version, as the runtime itself gives them. */
export function title_of({ name, command }: Runtime): string {
  const [file] = command;
  const { stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (version === undefined) throw new UsageError(`${file} does not run: npm ci`);
  if (name.startsWith("node")) return `Node.js ${version}`;
  return `${name === "bun" ? "Bun" : "Deno"} ${version}`;
}
