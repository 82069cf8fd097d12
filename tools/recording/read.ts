/** Reads a recording from a file. */
import { StringDecoder } from "node:string_decoder";

import type { Line } from "../../lib/trace/recording.ts";
import { is_log, replay } from "../../lib/trace/replay.ts";
import { remade } from "./lines.ts";
import { BadRecording, Parser } from "./parse.ts";
import { pieces_in } from "./pieces.ts";

/** A recording in a file. */
export interface RecordedFile {
  /** Read anew each time: a file may be larger than the memory. */
  readonly lines: Iterable<Line>;
  /** Whether the last line was cut off and is left out: the program was killed while writing it. */
  readonly cut: boolean;
}

/**
 * Looks through a file of any size: a recording, or the log that a killed program has left in its place.
 * Throws BadRecording, also for a file that cannot be read.
 */
export function read(path: string): RecordedFile {
  if (is_left(path)) return { lines: remade(() => left_in(path)), cut: false };
  const first = lines_in(path);
  let step = first.next();
  while (step.done !== true) step = first.next();
  return { lines: remade(() => lines_in(path)), cut: step.value };
}

function is_left(path: string): boolean {
  try {
    return is_log(path);
  } catch (error) {
    throw new BadRecording(unreadable(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

function* left_in(path: string): Generator<Line> {
  try {
    yield* replay(path);
  } catch (error) {
    throw new BadRecording(`${path} is damaged: ${(error as Error).message}`, { cause: error });
  }
}

/** Returns whether the last line was cut off. */
function* lines_in(path: string): Generator<Line, boolean> {
  const parser = new Parser(path);
  const decoder = new StringDecoder();
  try {
    for (const piece of pieces_in(path)) yield* parser.push(decoder.write(piece));
  } catch (error) {
    if (error instanceof BadRecording) throw error;
    throw new BadRecording(unreadable(path, error as NodeJS.ErrnoException), { cause: error });
  }
  const { lines, cut } = parser.end();
  yield* lines;
  return cut;
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
