/** Builds what is measured: the programs in C++, and the servers in TypeScript as plain JavaScript. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build as bundle } from "esbuild";

export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
export const BUILD = `${ROOT}build-bench/`;

/** Ends the benchmark with a message. */
export function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(1);
}

/** `programs` are paths in scripts/, without their endings. */
export async function build(programs: readonly string[]): Promise<void> {
  const configure = ["-S", `${ROOT}native/bench`, "-B", BUILD];
  run("cmake", existsSync(`${BUILD}CMakeCache.txt`) ? [] : configure);
  run("cmake", ["--build", BUILD]);
  // The package as installed, from dist/, without a loader that would be measured as well.
  run("npx", ["tsc", "-b", `${ROOT}lib`]);
  run("npx", ["tsx", `${ROOT}tools/build.ts`]);
  await bundle({
    entryPoints: [...new Set(programs)].map((path) => `${ROOT}scripts/${path}.ts`),
    outbase: `${ROOT}scripts`,
    outdir: BUILD,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
  });
}

function run(command: string, args: readonly string[]): void {
  if (args.length === 0) return;
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (error !== undefined) fail(`cannot start ${command}: is it installed?`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
