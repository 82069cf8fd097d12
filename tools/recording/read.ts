/** Reads a recording from a file. */
import { createReadStream } from "node:fs";

import type { Line } from "../../lib/trace/recording.ts";
import { BadRecording, Parser } from "./parse.ts";
import type { Recording } from "./parse.ts";

/** Reads a file as large as it may be. Throws BadRecording, for a file that cannot be read as well. */
export async function read(path: string): Promise<Recording> {
  const parser = new Parser(path);
  const lines: Line[] = [];
  try {
    for await (const piece of createReadStream(path, "utf8")) {
      for (const line of parser.push(piece as string)) lines.push(line);
    }
  } catch (error) {
    if (error instanceof BadRecording) throw error;
    throw new BadRecording(unreadable(path, error as NodeJS.ErrnoException), { cause: error });
  }
  const { lines: last, cut } = parser.end();
  lines.push(...last);
  return { lines, cut };
}

function unreadable(path: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
      return `No such file: ${path}. Make a recording with \`npx iomux trace\`.`;
    case "EISDIR":
      return `${path} is a directory: name the recording in it.`;
    default:
      return `Cannot read ${path}: ${message}`;
  }
}
