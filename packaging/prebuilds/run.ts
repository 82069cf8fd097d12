/** Runs a binary, where this machine has something to run it in. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { build as bundle } from "esbuild";

import { amount } from "../../tools/words.ts";
import { runtime_for } from "./runtimes.ts";
import type { Target } from "./targets.ts";
import { ROOT, WORK } from "./toolchain.ts";

const run = promisify(execFile);

export interface Trial {
  /** What it ran in, or why it did not. */
  readonly where: string;
  readonly wrong: readonly string[];
}

/** Has the binary do a little of everything, in `probe.ts`. */
export async function try_out(target: Target): Promise<Trial> {
  const runtime = await runtime_for(target);
  if ("why" in runtime) {
    const { why, packages } = runtime;
    // Whoever only wants to build need not install them.
    const is_wrong = packages !== undefined && Boolean(process.env.CI);
    return { where: why, wrong: is_wrong ? [`It was ${why}: apt-get install ${packages}`] : [] };
  }
  const probe = join(WORK, "probe.mjs");
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: ["packaging/prebuilds/probe.ts"],
    outfile: probe,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["iomux-source"],
  });
  const [file, ...args] = [...runtime.command, probe];
  const env = { ...process.env, IOMUX_ADDON: join(ROOT, target.file) };
  try {
    const { stdout } = await run(file, args, { env, timeout: 120_000 });
    return { where: `${runtime.name}: ${amount(lines(stdout).length, "check")}`, wrong: [] };
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Partial<Record<string, string>>;
    const last = lines(stdout).at(-1) ?? "nothing";
    return { where: runtime.name, wrong: [`After "${last}": ${stderr.trim() || message}`] };
  }
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
