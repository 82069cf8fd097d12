/** How Node.js runs TypeScript. */
import { createRequire } from "node:module";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { UsageError } from "../usage-error.ts";

/**
 * The modules to import before a script: tsx for TypeScript, unless Node can run it directly. Throws
 * UsageError if there is no tsx.
 */
export function loaders_for(script: string): string[] {
  const { typescript } = process.features as { readonly typescript?: unknown };
  if (!/^\.[cm]?ts$/.test(extname(script)) || Boolean(typescript)) return [];
  for (const from of [resolve(script), resolve("package.json"), fileURLToPath(import.meta.url)]) {
    try {
      return [pathToFileURL(createRequire(from).resolve("tsx")).href];
    } catch {
      // Try the next place.
    }
  }
  throw new UsageError(
    `${script} is TypeScript, which Node.js ${process.version} cannot run directly: ` +
      "npm install --save-dev tsx",
  );
}
