/** Writes recordings in the requested format. */
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../recording/chrome.ts";
import { to_jsonl } from "../recording/jsonl.ts";
import { page, with_script } from "../recording/page.ts";
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

/** Where recordings go: in html into one page, in other formats into a file each. */
export interface Output {
  readonly format: FormatName;
  /** What all of them are called. */
  readonly name: string;
  /** `-` is the standard output. */
  readonly files: readonly string[];
}

/**
 * The output for recordings with these titles. Throws UsageError if it cannot be written, or not hold
 * them: before they are made, which takes its time.
 */
export function output_for(
  titles: readonly string[],
  format: FormatName,
  output: string | undefined,
  name: string,
): Output {
  const is_one_file = format === "html" || titles.length === 1;
  if (!is_one_file && output !== undefined) {
    throw new UsageError(
      `Only html can hold several recordings in one file: omit --output, or give it a name ending in .html.`,
    );
  }
  const names = is_one_file
    ? [name]
    : titles.map((title) => `${name}.${title.replaceAll(/\W+/g, "-")}`);
  const files = names.map((own) => output ?? `${own}${SUFFIXES[format]}`);
  for (const file of files) if (file !== "-") try_to_write(file);
  return { format, name, files };
}

/** Writes recordings, and returns the names of the files. */
export async function write(
  recordings: readonly Titled[],
  { format, name, files }: Output,
): Promise<string[]> {
  if (format === "html") {
    const [{ title }] = recordings;
    await put(as_page(recordings.length === 1 ? title : name, recordings), files[0]);
  } else {
    for (const [number, { lines }] of recordings.entries()) {
      await put(gathered(texts[format](lines)), files[number]);
    }
  }
  return files.filter((file) => file !== "-");
}

/** What writes each format, in pieces. */
const texts = { jsonl: to_jsonl, strace: to_strace, chrome: to_chrome };

/** A text that may be too long for one string. */
type Pieces = Iterable<string> | AsyncIterable<string>;

async function put(pieces: Pieces, output: string): Promise<void> {
  if (output !== "-") return write_file(output, pieces);
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  }
}

/** What is written first, and then renamed: a recording may be written over the one that it is made of. */
function first_written(path: string): { file: string; target: string } {
  const target = existsSync(path) ? realpathSync(path) : path;
  const is_device = existsSync(path) && !statSync(path).isFile();
  return { file: is_device ? target : `${target}.part`, target };
}

/** Throws UsageError if a file cannot be written. */
function try_to_write(path: string): void {
  const { file, target } = first_written(path);
  try {
    closeSync(openSync(file, "a"));
    if (file !== target) rmSync(file);
  } catch (error) {
    throw cannot_write(path, error);
  }
}

/** Writes a file as a whole or not at all. Throws UsageError if that fails. */
export async function write_file(path: string, pieces: Pieces): Promise<void> {
  const { file, target } = first_written(path);
  try {
    await writeFile(file, pieces);
    if (file !== target) renameSync(file, target);
  } catch (error) {
    if (file !== target) rmSync(file, { force: true });
    if (error instanceof UsageError) throw error;
    throw cannot_write(path, error);
  }
}

function cannot_write(path: string, error: unknown): UsageError {
  return new UsageError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
}

/** What tools/build.ts has put beside the bundle. */
function built(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}

function as_page(title: string, recordings: readonly Titled[]): Pieces {
  return page(
    with_script(built("page.html"), built("viewer.js")),
    title,
    recordings.map(({ title: own, lines }) => ({ title: own, text: to_jsonl(lines) })),
  );
}
