/** Reads a recording from a file. */
import { createReadStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";

import type { Line } from "../../lib/trace/recording.ts";
import { keep_text } from "./jsonl.ts";
import { BadRecording, Parser } from "./parse.ts";
import type { ParsedRecording } from "./parse.ts";

/** Reads a file of any size. Throws BadRecording, also for a file that cannot be read. */
export async function read(path: string): Promise<ParsedRecording> {
  const parser = new Parser(path);
  const decoder = new StringDecoder();
  const lines: Line[] = [];
  const pieces: Buffer[] = [];
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      for (const line of parser.push(decoder.write(piece))) lines.push(line);
    }
  } catch (error) {
    if (error instanceof BadRecording) throw error;
    throw new BadRecording(unreadable(path, error as NodeJS.ErrnoException), { cause: error });
  }
  const { lines: last, cut } = parser.end();
  lines.push(...last);
  if (!cut) keep_text(lines, Buffer.concat(pieces));
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
