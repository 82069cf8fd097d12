/** Writes recordings in the requested format. */
import { once } from "node:events";
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../recording/chrome.ts";
import { to_jsonl } from "../recording/jsonl.ts";
import { page } from "../recording/page.ts";
import { gathered } from "../recording/pieces.ts";
import { to_strace } from "../recording/strace/text.ts";
import { UsageError } from "../usage-error.ts";

export const FORMATS = ["jsonl", "html", "strace", "chrome"] as const;
export type FormatName = (typeof FORMATS)[number];

/** A recording and its title. */
export interface Titled {
  readonly title: string;
  readonly lines: Iterable<Line>;
}

/** File name extensions. */
const SUFFIXES: Readonly<Record<FormatName, string>> = {
  jsonl: ".jsonl",
  html: ".html",
  strace: ".strace",
  chrome: ".trace.json",
};

/** The named format, or that of the output's extension, or JSON Lines. */
export function format_of(format: FormatName | undefined, output: string | undefined): FormatName {
  if (format !== undefined) return format;
  if (output?.endsWith(".json") === true) return "chrome";
  return FORMATS.find((one) => output?.endsWith(SUFFIXES[one])) ?? "jsonl";
}

/**
 * Writes recordings, in html into one page and in other formats into a file each, and returns the names
 * of the files. `-` is the standard output, which has no name.
 */
export async function write(
  recordings: readonly Titled[],
  format: FormatName,
  output: string | undefined,
  name: string,
): Promise<string[]> {
  if (format === "html") {
    const [{ title }] = recordings;
    const heading = recordings.length === 1 ? title : name;
    return put(as_page(heading, recordings), output ?? `${name}.html`);
  }
  if (recordings.length > 1 && output !== undefined) {
    throw new UsageError(
      `Only html can hold several recordings in one file: omit --output, or give it a name ending in .html.`,
    );
  }
  const files: string[] = [];
  for (const { title, lines } of recordings) {
    const own = recordings.length === 1 ? name : `${name}.${title}`;
    const text = gathered(texts[format](lines));
    files.push(...(await put(text, output ?? `${own}${SUFFIXES[format]}`)));
  }
  return files;
}

/** What writes each format, in pieces. */
const texts = { jsonl: to_jsonl, strace: to_strace, chrome: to_chrome };

/** A text that may be too long for one string. */
type Pieces = Iterable<string> | AsyncIterable<string>;

async function put(pieces: Pieces, output: string): Promise<string[]> {
  if (output !== "-") {
    await write_file(output, pieces);
    return [output];
  }
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  }
  return [];
}

/** Writes a file as a whole or not at all. Throws UsageError if that fails. */
export async function write_file(path: string, pieces: Pieces): Promise<void> {
  const target = existsSync(path) ? realpathSync(path) : path;
  const is_device = existsSync(path) && !statSync(path).isFile();
  // A recording may be written over the one that it is made of.
  const file = is_device ? target : `${target}.part`;
  try {
    await writeFile(file, pieces);
    if (!is_device) renameSync(file, target);
  } catch (error) {
    if (!is_device) rmSync(file, { force: true });
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function as_page(title: string, recordings: readonly Titled[]): Pieces {
  // Beside the bundle, where tools/build.ts has put it.
  const template = readFileSync(fileURLToPath(new URL("viewer.html", import.meta.url)), "utf8");
  return page(
    template,
    title,
    recordings.map(({ title: own, lines }) => ({ title: own, text: to_jsonl(lines) })),
  );
}
