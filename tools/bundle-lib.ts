/**
 * Bundles lib/ for publication. Node.js needs half a millisecond for each file that it imports, so that
 * fifty files cost more than all that is in them: here it is one, behind a thin file for each module.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { decode, encode } from "@jridgewell/sourcemap-codec";
import { rolldown } from "rolldown";
import type { OutputChunk, Plugin } from "rolldown";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "iomux-source": string }>>;
}

/** What `npx iomux` needs of lib/ besides the modules that package.json exports. */
const FOR_TOOLS = ["./lib/native.ts", "./lib/trace/replay.ts"];

/** What most programs do without: it is in the file that is imported for it anyway. */
const BESIDE = /^lib\/(?:index|bytes|protocol|socketserver|struct|sys|trace)\b/;

/** `import { socket } from "iomux"` gets the module that "iomux/socket" is, and no copy. */
const real_modules: Plugin = {
  name: "real modules",
  resolveId(path, importer) {
    if (!importer?.endsWith("/lib/index.ts")) return null;
    return { id: path.replace(/ts$/, "js"), external: true };
  },
};

/** Compiles lib/ into a folder, with source maps that name the files in lib/. */
export async function bundle_lib(folder: string = join(ROOT, "dist")): Promise<void> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
  const files = [...Object.values(exports).map((paths) => paths["iomux-source"]), ...FOR_TOOLS];
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(
      files.map((file) => [file.slice("./lib/".length, -".ts".length), file]),
    ),
    platform: "node",
    transform: { target: "es2023" },
    plugins: [real_modules],
  });
  const { output } = await bundle.generate({
    dir: folder,
    chunkFileNames: "lib/[name].js",
    sourcemap: true,
    comments: false,
    minifyInternalExports: false,
    codeSplitting: {
      groups: [{ name: "iomux", test: (id) => !BESIDE.test(relative(ROOT, id)) }],
    },
  });
  await bundle.close();
  for (const chunk of output) if (chunk.type === "chunk") write(chunk, folder);
}

/**
 * The sources are published themselves, so that their maps need not contain them; and a map has the place
 * of each line, not of each word, which would be five times as large.
 */
function write({ fileName, code, map }: OutputChunk, folder: string): void {
  const file = join(folder, fileName);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  if (map === null) return;
  const mappings = encode(decode(map.mappings).map((line) => line.slice(0, 1)));
  writeFileSync(`${file}.map`, JSON.stringify({ ...map, mappings, sourcesContent: undefined }));
}
