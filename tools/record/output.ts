/** Writes recordings in the requested format. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../recording/chrome.ts";
import { as_jsonl } from "../recording/jsonl.ts";
import { page } from "../recording/page.ts";
import { to_strace } from "../recording/strace/text.ts";
import { UsageError } from "../usage-error.ts";

export const FORMATS = ["jsonl", "html", "strace", "chrome"] as const;
export type FormatName = (typeof FORMATS)[number];

/** A recording and its title. */
export interface Titled {
  readonly title: string;
  readonly lines: readonly Line[];
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
    return put(await as_page(heading, recordings), output ?? `${name}.html`);
  }
  if (recordings.length > 1 && output !== undefined) {
    throw new UsageError(
      `Only html can hold several recordings in one file: omit --output, or give it a name ending in .html.`,
    );
  }
  return recordings.flatMap(({ title, lines }) => {
    const own = recordings.length === 1 ? name : `${name}.${title}`;
    return put(as_text(lines, format), output ?? `${own}${SUFFIXES[format]}`);
  });
}

function put(text: string | Uint8Array, output: string): string[] {
  if (output === "-") {
    process.stdout.write(text);
    return [];
  }
  write_file(output, text);
  return [output];
}

/** Writes a file. Throws UsageError if that fails. */
export function write_file(path: string, text: string | Uint8Array): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function as_text(lines: readonly Line[], format: Exclude<FormatName, "html">): string | Uint8Array {
  if (format === "strace") return to_strace(lines);
  if (format === "chrome") return to_chrome(lines);
  return as_jsonl(lines);
}

async function as_page(title: string, recordings: readonly Titled[]): Promise<string> {
  // Beside the bundle, where tools/build.ts has put it.
  const template = readFileSync(fileURLToPath(new URL("viewer.html", import.meta.url)), "utf8");
  return page(
    template,
    title,
    recordings.map(({ title: own, lines }) => ({ title: own, text: as_jsonl(lines) })),
  );
}
