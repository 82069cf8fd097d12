/** The same programs under several selectors and on node:net. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { UsageError } from "../usage-error.ts";
import { runs_on } from "./program.ts";
import type { Program } from "./program.ts";

export interface Variant {
  /** The recording's title, if there are several. */
  readonly title?: string;
  readonly programs: readonly Program[];
  readonly selector?: string;
  /** How many connections stay idle. */
  readonly idle: number;
}

/** The requested runs: one for each kind, and of each for each number of idle connections. */
export function side_by_side(
  programs: readonly Program[],
  kinds: readonly string[] | undefined,
  idle: readonly number[],
): Variant[] {
  const all = variants(programs, kinds);
  if (idle.length === 1) return all.map((one) => ({ ...one, idle: idle[0] }));
  return all.flatMap((one) =>
    idle.map((count) => {
      const title = [one.title, `${count} idle`].filter(Boolean).join(", ");
      return { ...one, title, idle: count };
    }),
  );
}

/** One run, or one for each kind. Only the first program varies, not its clients. */
function variants(
  programs: readonly Program[],
  kinds: readonly string[] | undefined,
): Omit<Variant, "idle">[] {
  if (kinds === undefined) return [{ programs }];
  const [first, ...clients] = programs;
  if (runs_on(first.script) !== "iomux") {
    throw new UsageError(
      `--side-by-side needs a program on iomux, and ${first.script} is not one.`,
    );
  }
  return kinds.map((title) => {
    if (title !== "net") return { title, programs, selector: title };
    const script = join(dirname(first.script), "net", basename(first.script));
    if (!existsSync(script)) {
      throw new UsageError(`net needs ${script}, the same program on node:net: no such file.`);
    }
    return { title, programs: [{ ...first, script }, ...clients] };
  });
}
