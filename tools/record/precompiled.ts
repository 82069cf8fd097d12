/**
 * Loaded before one of this package's own programs (`node --import`) where neither Node nor tsx runs
 * TypeScript: for each program in scripts/, Node gets what tools/build.ts has compiled of it. Paths, arguments
 * and line numbers stay those of the source.
 */
import { readFileSync } from "node:fs";
import * as node_module from "node:module";
import type { LoadFnOutput, LoadHookContext } from "node:module";
import { isMainThread } from "node:worker_threads";

const scripts = new URL("../../scripts/", import.meta.url).href;

type Load = (url: string, context: LoadHookContext) => LoadFnOutput;

/** A hook for both of Node's ways to have one: in the program's own thread, or in another. */
export function load(url: string, context: LoadHookContext, next: Load): LoadFnOutput {
  if (!url.startsWith(scripts) || !url.endsWith(".ts")) return next(url, context);
  const name = url.slice(scripts.length).replace(/ts$/, "js");
  const source = readFileSync(new URL(`programs/${name}`, import.meta.url), "utf8");
  return { format: "module", source, shortCircuit: true };
}

const { registerHooks } = node_module as {
  /** Since Node.js 22.15. */
  readonly registerHooks?: (hooks: { readonly load: typeof load }) => void;
};

if (registerHooks !== undefined) registerHooks({ load });
// The other thread loads this module for its hook alone.
else if (isMainThread) node_module.register(import.meta.url);
