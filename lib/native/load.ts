/** Finds the addon and loads it, or says what was tried and what to do. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { addon_files } from "./addon-files.ts";
import { fs, node_module } from "./on-demand.ts";

interface Loaded {
  /** The addon's exports. */
  readonly addon: object;
  readonly addon_file: string;
  /** The folder that iomux's code is in, null where it is part of a bundle. */
  readonly own_folder: string | null;
}

type Found = Omit<Loaded, "own_folder">;

/** This file. What a bundler makes a CommonJS module of has no `import.meta.url`, but a name. */
const url = import.meta.url as string | undefined;
const here = url === undefined ? __filename : fileURLToPath(url);

export const { addon, addon_file, own_folder }: Loaded = load();

function load(): Loaded {
  if (process.platform === "win32") {
    throw new Error(
      "iomux does not run on Windows: use the Windows Subsystem for Linux (WSL), https://aka.ms/wsl.",
    );
  }
  const folder = dirname(dirname(here));
  // A developer's build, of another configuration or with sanitizers; or a module in its place.
  const chosen = process.env.IOMUX_ADDON;
  if (chosen !== undefined) {
    return { ...open(resolve(chosen)), own_folder: folder };
  }
  const root = dirname(folder);
  const found = load_from(root);
  if (!Array.isArray(found)) return { ...found, own_folder: folder };
  if (is_iomux(root)) throw failure(root, found);
  return { ...load_for_bundle(), own_folder: null };
}

/** Not by require(), which takes 0.7 ms longer, and needs Deno's permission to read. */
function open(file: string): Found {
  if (!file.endsWith(".node")) {
    return { addon: require_from_here()(file) as object, addon_file: file };
  }
  const module = { exports: {} };
  process.dlopen(module, file);
  return { addon: module.exports, addon_file: file };
}

function require_from_here(): NodeJS.Require {
  return node_module().createRequire(here);
}

/** The addon in a folder; or why each of the files that may be there is none, in their order. */
function load_from(root: string): Found | Error[] {
  const errors: Error[] = [];
  for (const file of addon_files()) {
    try {
      return open(join(root, file));
    } catch (error) {
      // Deno itself says which permission it lacks.
      if ((error as Error).name === "NotCapable") throw error;
      errors.push(error as Error);
    }
  }
  return errors;
}

/** What was tried, why each failed, and what to do. */
function failure(root: string, errors: readonly Error[]): Error {
  const { platform, arch, version } = process;
  const tried = addon_files().map((file, index) => {
    const path = join(root, file);
    if (!fs().existsSync(path)) return `${file}: not there`;
    // dlopen begins with the whole path.
    const [line] = errors[index].message.split("\n");
    return `${file}: ${line.startsWith(`${path}: `) ? line.slice(path.length + 2) : line}`;
  });
  const message = [
    `iomux: its native addon does not load in Node.js ${version} on ${platform} ${arch}.`,
    ...tried.map((line) => `  ${line}`),
    "Install a C++20 compiler, and run `npm rebuild iomux`. If your package manager " +
      "skips install scripts, allow iomux's: `npm install-scripts approve iomux`, `pnpm approve-builds`, " +
      "`bun pm trust iomux`.",
  ];
  return new Error(message.join("\n"));
}

/** Whether a folder is iomux's own, and not that of a program which it is bundled into. */
function is_iomux(root: string): boolean {
  const file = join(root, "package.json");
  if (!fs().existsSync(file)) return false;
  return (JSON.parse(fs().readFileSync(file, "utf8")) as { name?: string }).name === "iomux";
}

/** A bundle cannot contain the addon: it may lie beside it, or in the node_modules of the program. */
function load_for_bundle(): Found {
  const beside = join(dirname(here), "iomux.node");
  if (fs().existsSync(beside)) return open(beside);
  const root = installed();
  if (root === null) {
    throw new Error(
      `iomux: its native addon cannot be part of a bundle, and is not at ${beside}. Leave iomux out of ` +
        "the bundle (esbuild: --external:iomux), or copy the addon there from node_modules/iomux/prebuilds/.",
    );
  }
  const found = load_from(root);
  if (Array.isArray(found)) throw failure(root, found);
  return found;
}

/** The folder of the iomux in the program's node_modules. */
function installed(): string | null {
  try {
    // dist/index.js
    return dirname(dirname(require_from_here().resolve("iomux")));
  } catch {
    return null;
  }
}
