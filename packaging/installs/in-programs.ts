/** Using it: as an ES module, by require(), in bundles, and with the types of two TypeScripts. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT, TRIPLE, addon_name } from "./packed.ts";
import { run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { echo, expect_in, new_project, npm_install } from "./site.ts";
import type { Site } from "./site.ts";
import { tools } from "./tools.ts";

const node = process.execPath;

/** "iomux", "iomux/select" ... */
function module_names(): string[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    exports: object;
  };
  return Object.keys(exports).map((subpath) => join("iomux", subpath));
}

/** The settings of other people: their own library is older, and all declarations are checked. */
async function with_types(site: Site, name: string, tsc: string): Promise<string> {
  const cwd = new_project(site, name);
  await npm_install(site.packed.with_addon, { cwd });
  cpSync(tools.types, join(cwd, "node_modules/@types"), { recursive: true });
  cpSync(tools.undici_types, join(cwd, "node_modules/undici-types"), { recursive: true });
  for (const [module, moduleResolution] of [
    ["node16", "node16"],
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const outDir = `out-${moduleResolution}`;
    const compilerOptions = {
      module,
      moduleResolution,
      outDir,
      target: "es2020",
      lib: ["es2020"],
      types: ["node"],
      strict: true,
      skipLibCheck: false,
    };
    const text = JSON.stringify({ compilerOptions, files: ["typed.mts"] });
    writeFileSync(join(cwd, "tsconfig.json"), text);
    await run(node, [tsc, "-p", "."], { cwd });
    await echo(node, [`${outDir}/typed.mjs`], { cwd });
  }
  return "compiles";
}

export const in_programs: readonly Scenario[] = [
  {
    name: "import",
    shows: "Every module by `import`.",
    async run(site) {
      const cwd = new_project(site, "import");
      await npm_install(site.packed.with_addon, { cwd });
      await echo(node, ["import.mjs", ...module_names()], { cwd });
      return "works";
    },
  },
  {
    name: "require",
    shows: "Every module by `require()`, in a CommonJS program.",
    async run(site) {
      const cwd = new_project(site, "require");
      await npm_install(site.packed.with_addon, { cwd });
      await echo(node, ["require.cjs", ...module_names()], { cwd });
      return "works";
    },
  },
  {
    name: "bundle",
    shows: "esbuild: iomux external, or in the bundle with the addon beside it.",
    async run(site) {
      const cwd = new_project(site, "bundle");
      await npm_install(site.packed.with_addon, { cwd });
      const away = join(site.folder, "bundle-alone");
      mkdirSync(away);
      const bundle = (...args: string[]) =>
        run(tools.esbuild, ["--bundle", "--platform=node", "--log-level=warning", ...args], {
          cwd,
        });

      await bundle("echo.mjs", "--format=esm", "--external:iomux", "--outfile=out/external.mjs");
      await echo(node, ["out/external.mjs"], { cwd });
      await bundle("import.mjs", "--format=esm", "--outfile=out/inside.mjs");
      await bundle("require.cjs", "--format=cjs", "--outfile=out/inside.cjs");
      for (const file of ["inside.mjs", "inside.cjs"]) {
        await echo(node, [`out/${file}`], { cwd });
        copyFileSync(join(cwd, "out", file), join(away, file));
        const output = await run(node, [file], { cwd: away, fails: true });
        expect_in(output, /cannot be part of a bundle.*--external:iomux/);
      }
      const addon = join(cwd, "node_modules/iomux/prebuilds", TRIPLE, addon_name());
      copyFileSync(addon, join(away, "iomux.node"));
      await echo(node, ["inside.mjs"], { cwd: away });
      await echo(node, ["inside.cjs"], { cwd: away });
      return "works";
    },
  },
  {
    name: "typescript-5.9",
    shows: "node16, nodenext, bundler; `lib: es2020`, no `skipLibCheck`.",
    run: (site) => with_types(site, "typescript-5", tools.tsc_5),
  },
  {
    name: "typescript-7",
    shows: "The same.",
    run: (site) => with_types(site, "typescript-7", tools.tsc_7),
  },
];
