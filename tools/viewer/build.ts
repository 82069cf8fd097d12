/** Builds the viewer as one script, and as a page with the script in it. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import type { Metafile } from "esbuild";

import { with_script } from "../recording/page.ts";

/** The viewer as a script for other pages, and as a page. */
export interface Built {
  /** Defines `<iomux-recording>`, and `iomux_viewer.mount(element, recordings)`. */
  readonly script: string;
  /** The page without the script and without a recording. */
  readonly template: string;
  /** The page with the script, without a recording, which `page()` puts recordings into. */
  readonly html: string;
  readonly metafile: Metafile;
}

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/**
 * Bundles the viewer with its style and its libraries, so that a page loads nothing else; with a source
 * map inside, it is larger.
 */
export async function build_viewer(source_map: boolean = false): Promise<Built> {
  const { outputFiles, metafile } = await build({
    entryPoints: [beside("main.ts")],
    bundle: true,
    write: false,
    metafile: true,
    absWorkingDir: beside("../.."),
    minify: !source_map,
    sourcemap: source_map && "inline",
    charset: "utf8",
    format: "iife",
    globalName: "iomux_viewer",
    target: "es2022",
    loader: { ".css": "text" },
    logLevel: "silent",
  });
  const script = outputFiles[0].text;
  const template = await readFile(beside("page.html"), "utf8");
  return { script, template, html: with_script(template, script), metafile };
}
