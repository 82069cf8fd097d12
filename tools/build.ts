/**
 * Bundles lib/, and `npx iomux` into one folder: the commands, the modules that they load into recorded
 * programs, the viewer's page, and the programs in scripts/ as JavaScript. The libraries in the bundle are
 * development dependencies; their licences go along.
 *
 * Usage: npx tsx tools/build.ts [FOLDER] [LIB]   (default: dist/tools, and ".." for lib/ as seen from there)
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build as bundle } from "esbuild";
import type { Metafile, Plugin } from "esbuild";

import { bundled } from "./bench/arms.ts";
import { bundle_lib } from "./bundle-lib.ts";
import { with_link } from "./recording/page.ts";
import { build_viewer } from "./viewer/build.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const OPTIONS = {
  absWorkingDir: ROOT,
  platform: "node",
  target: "node20",
  format: "esm",
} as const;

/** The tutorial's programs, a file of JavaScript for each of TypeScript: see tools/record/precompiled.ts. */
const PROGRAMS = ["scripts/*.ts", "scripts/net/*.ts"];

/** Builds into a folder; `lib` is the path from there to the compiled lib/. */
export async function build(
  folder: string,
  lib: string,
  source_maps: boolean = false,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await bundle({
    ...OPTIONS,
    entryPoints: {
      iomux: "tools/iomux.ts",
      register: "tools/record/register.ts",
      "register-required": "tools/record/register-required.ts",
      precompiled: "tools/record/precompiled.ts",
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    metafile: true,
    // A smaller bundle has fewer lines that could be told from each other.
    sourcemap: source_maps,
    // Names are kept, for stack traces.
    minifySyntax: !source_maps,
    minifyWhitespace: !source_maps,
    // For the charts of `iomux bench`, and as large as all else together.
    external: ["@observablehq/plot", "linkedom"],
    // Some libraries are CommonJS, and require Node's modules.
    banner: {
      js: 'import { createRequire as __create_require } from "node:module"; const require = __create_require(import.meta.url);',
    },
    plugins: [compiled_lib(lib)],
  });
  // Parts of an older bundle would be published.
  const parts = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
  for (const file of readdirSync(folder)) {
    if (/-[A-Z0-9]{8}\.js$/.test(file) && !parts.has(file)) rmSync(join(folder, file));
  }
  await bundle({
    ...OPTIONS,
    entryPoints: [...new Set(bundled)].map((path) => `scripts/${path}.ts`),
    outbase: "scripts",
    outdir: join(folder, "bench"),
    bundle: true,
    packages: "external",
  });
  // As if beside the sources, where Node believes them to be, for the source maps' paths.
  const { outputFiles } = await bundle({
    ...OPTIONS,
    entryPoints: PROGRAMS,
    outdir: "scripts",
    write: false,
    sourcemap: "inline",
    sourcesContent: false,
  });
  for (const { path, contents } of outputFiles) {
    const file = join(folder, "programs", relative(join(ROOT, "scripts"), path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  const viewer = await build_viewer();
  writeFileSync(join(folder, "viewer.js"), viewer.script);
  // Not with the script in it, which is large.
  writeFileSync(join(folder, "page.html"), viewer.template);
  writeFileSync(join(folder, "viewer.html"), with_link(viewer.template, "viewer.js"));
  copyFileSync(join(ROOT, "tools/record/traced.py"), join(folder, "traced.py"));
  writeFileSync(join(folder, "LICENSES.txt"), licences([metafile, viewer.metafile]));
}

/** Modules of lib/ that import no other: whoever has a copy of them does without the addon. */
const ALONE = new Set(["trace/calls", "trace/printed", "trace/recording"]);

/** Leaves the package's modules out of the bundle, so that there is no second native table. */
function compiled_lib(lib: string): Plugin {
  return {
    name: "compiled lib",
    setup(bundling) {
      bundling.onResolve({ filter: /\/lib\/[\w/-]+\.ts$/ }, ({ path }) => {
        const [, name] = /\/lib\/([\w/-]+)\.ts$/.exec(path)!;
        return ALONE.has(name) ? null : { path: `${lib}/${name}.js`, external: true };
      });
    },
  };
}

/** The licences of the bundled libraries. */
function licences(metafiles: readonly Metafile[]): string {
  const inputs = metafiles.flatMap(({ inputs: files }) => Object.keys(files));
  const names = inputs.flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[0] ?? [],
  );
  const texts = [...new Set(names)].toSorted().map((path) => {
    const package_folder = join(ROOT, path);
    const { name, version } = JSON.parse(
      readFileSync(join(package_folder, "package.json"), "utf8"),
    ) as { name: string; version: string };
    const file = readdirSync(package_folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${name} has no licence that could go along`);
    const text = readFileSync(join(package_folder, file), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return `What is bundled here, and under which licence.\n\n${texts.join("\n---\n\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = join(ROOT, "dist/tools"), lib = ".."] = process.argv.slice(2);
  await bundle_lib();
  await build(folder, lib);
}
