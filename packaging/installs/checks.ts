/** What can be said of the tarball without running anything, and what importing it costs. */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CommandError, run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { new_project, npm_install } from "./site.ts";
import { tools } from "./tools.ts";

const LARGEST = 1_000_000;
const ROUNDS = 21;

const CPU_TIME = "const { user, system } = process.cpuUsage(); console.log(user + system);";

/** The CPU time that Node.js takes for a program that ends by printing it, in milliseconds. */
async function time_of(program: string, cwd: string): Promise<number> {
  return Number(await run(process.execPath, [program], { cwd })) / 1000;
}

export const checks: readonly Scenario[] = [
  {
    name: "publint",
    shows: "package.json names what is there, as it should.",
    async run({ packed, folder }) {
      await run(tools.publint, ["--strict", packed.with_addon], { cwd: folder });
      return "no finding";
    },
  },
  {
    name: "attw",
    shows: "Are the types wrong? No: from every module system.",
    async run({ packed, folder }) {
      // The package is ES modules only, on purpose: what require() gets is one too, since Node.js 20.19,
      // and the old resolution `node10` has never known exports.
      await run(tools.attw, ["--profile", "esm-only", packed.with_addon], { cwd: folder });
      return "no finding";
    },
  },
  {
    name: "size",
    shows: "The tarball, with its prebuilt addons, is smaller than 1 MB.",
    run({ packed }) {
      const { size } = statSync(packed.with_addon);
      const kilobytes = `${Math.round(size / 1000)} kB`;
      if (size >= LARGEST) throw new CommandError(`the tarball has ${kilobytes}`);
      return Promise.resolve(kilobytes);
    },
  },
  {
    name: "import-time",
    shows: `CPU time of \`import "iomux"\`, over bare Node.js; the least of ${ROUNDS} runs.`,
    async run(site) {
      const cwd = new_project(site, "import-time");
      await npm_install(site.packed.with_addon, { cwd });
      writeFileSync(join(cwd, "bare.mjs"), CPU_TIME);
      writeFileSync(join(cwd, "all.mjs"), `import "iomux";\n${CPU_TIME}`);
      // In turn, and the least of each: whatever else the machine does only adds to it.
      const bare: number[] = [];
      const all: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        bare.push(await time_of("bare.mjs", cwd));
        all.push(await time_of("all.mjs", cwd));
      }
      return `${(Math.min(...all) - Math.min(...bare)).toFixed(0)} ms`;
    },
  },
];
