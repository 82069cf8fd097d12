/** Node-API as the addon asks for it: its headers, and the functions of its version. */
import { createRequire } from "node:module";

import { gyp } from "./gyp.ts";

/** The package has no types. */
const { include_dir, symbols } = createRequire(import.meta.url)("node-api-headers") as {
  readonly include_dir: string;
  readonly symbols: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};

export const HEADERS = include_dir;

const VERSION = gyp.defines.map((define) => /^NAPI_VERSION=(\d+)$/.exec(define)?.[1]).find(Boolean);

export const FUNCTIONS: ReadonlySet<string> = new Set(Object.values(symbols[`v${VERSION}`]).flat());
