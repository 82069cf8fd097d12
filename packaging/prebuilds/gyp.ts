/** binding.gyp is strict JSON, so that every build reads the same lists. */
import { readFileSync } from "node:fs";

/** The part of it that is about compiling. */
interface Gyp {
  readonly sources: readonly string[];
  readonly defines: readonly string[];
  readonly cflags_cc: readonly string[];
}

const text = readFileSync(new URL("../../binding.gyp", import.meta.url), "utf8");

export const gyp: Gyp = (JSON.parse(text) as { targets: [Gyp] }).targets[0];
