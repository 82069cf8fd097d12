/** Builds the viewer: everything in one script, and the page that is made of it. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import type { Metafile } from "esbuild";

/** The viewer, for pages of others and as a page of its own. */
export interface Built {
  /** Defines `<iomux-recording>`, and `iomux_viewer.mount(element, recordings)`. */
  readonly script: string;
  /** A page without a recording, which `page()` puts recordings into. */
  readonly html: string;
  /** What went into it. */
  readonly metafile: Metafile;
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Bundles the viewer with its style and what it needs: nothing is loaded later. */
export async function build_viewer(): Promise<Built> {
  const { outputFiles, metafile } = await build({
    entryPoints: [beside("main.ts")],
    bundle: true,
    write: false,
    metafile: true,
    absWorkingDir: beside("../.."),
    minify: true,
    charset: "utf8",
    format: "iife",
    globalName: "iomux_viewer",
    target: "es2022",
    loader: { ".css": "text" },
    logLevel: "silent",
  });
  const script = outputFiles[0].text;
  const template = await readFile(beside("page.html"), "utf8");
  // A function, because in a string "$&" would mean something.
  return { script, html: template.replace("<!-- script -->", () => script), metafile };
}
