/** How Node.js runs TypeScript. */
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { UsageError } from "../usage-error.ts";
import { PACKAGE } from "./package.ts";

/**
 * The options with which Node.js runs a script. For TypeScript tsx, or for this package's own programs
 * precompiled.js; without them, Node runs what it can. Some Nodes that strip types cannot parse `using`, and
 * V8 ends it in another line than Python's `with`. Throws UsageError if Node does not strip types either.
 */
export function loaders_for(script: string): string[] {
  if (!/^\.[cm]?ts$/.test(extname(script))) return [];
  const path = existsSync(script) ? realpathSync(script) : resolve(script);
  const requirer = is_required(script) ? tsx(path, "tsx/cjs") : null;
  if (requirer !== null) return [`--require=${fileURLToPath(requirer)}`];
  const loader = tsx(path, "tsx") ?? precompiled(path);
  if (loader !== null) return [`--import=${loader}`];
  const { typescript } = process.features as { readonly typescript?: unknown };
  // Node leaves the types in packages alone.
  if (Boolean(typescript) && !path.split(sep).includes("node_modules")) return [];
  throw new UsageError(
    `${script} is TypeScript, which Node.js ${process.version} cannot run directly: ` +
      "npm install --save-dev tsx",
  );
}

/** Whether Node.js gets a script by `require`: as an import, tsx cannot load what it imports everywhere. */
export function is_required(script: string): boolean {
  return extname(script) === ".cts";
}

/** tsx as the script finds it, the working directory or this package; null if none does. */
function tsx(path: string, module: "tsx" | "tsx/cjs"): string | null {
  for (const from of [path, resolve("package.json"), fileURLToPath(import.meta.url)]) {
    try {
      return pathToFileURL(createRequire(from).resolve(module)).href;
    } catch {
      // Try the next place.
    }
  }
  return null;
}

/** What loads this package's own programs, which it has compiled beside this module; null for others. */
function precompiled(path: string): string | null {
  const name = relative(realpathSync(join(PACKAGE, "scripts")), path).replace(/ts$/, "js");
  const compiled = new URL(`programs/${name}`, import.meta.url);
  const is_own = !name.startsWith("..") && existsSync(compiled);
  return is_own ? new URL("precompiled.js", import.meta.url).href : null;
}
