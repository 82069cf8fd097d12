/**
 * Bundles `npx iomux` into one folder: the command, the module that it loads into recorded programs, and
 * the viewer's page. The libraries in the bundle are development dependencies; their licences go along.
 *
 * Usage: npx tsx tools/build.ts [FOLDER] [LIB]   (default: dist/tools, and ".." for lib/ as seen from there)
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build as bundle } from "esbuild";
import type { Metafile, Plugin } from "esbuild";

import { build_viewer } from "./viewer/build.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Builds into a folder; `lib` is the path from there to the compiled lib/. */
export async function build(folder: string, lib: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await bundle({
    absWorkingDir: ROOT,
    entryPoints: { iomux: "tools/iomux.ts", register: "tools/record/register.ts" },
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    metafile: true,
    // Some libraries are CommonJS, and require Node's modules.
    banner: {
      js: 'import { createRequire as __create_require } from "node:module"; const require = __create_require(import.meta.url);',
    },
    plugins: [compiled_lib(lib)],
  });
  const viewer = await build_viewer();
  writeFileSync(join(folder, "viewer.js"), viewer.script);
  writeFileSync(join(folder, "viewer.html"), viewer.html);
  copyFileSync(join(ROOT, "tools/record/traced.py"), join(folder, "traced.py"));
  writeFileSync(join(folder, "LICENSES.txt"), licences([metafile, viewer.metafile]));
}

/** Leaves the package's modules out of the bundle, so that there is no second native table. */
function compiled_lib(lib: string): Plugin {
  return {
    name: "compiled lib",
    setup(bundling) {
      bundling.onResolve({ filter: /\/lib\/[\w/-]+\.ts$/ }, ({ path }) => ({
        path: path.replace(/^.*\/lib\/([\w/-]+)\.ts$/, `${lib}/$1.js`),
        external: true,
      }));
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
  await build(folder, lib);
}
