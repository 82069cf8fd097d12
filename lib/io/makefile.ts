/** The files that `socket.makefile` makes, by mode. */
import { as_signed_size } from "../core/arguments.ts";
import { ValueError } from "../core/exceptions.ts";
import { repr, type_name } from "../core/repr.ts";
import { DEFAULT_BUFFER_SIZE } from "./base.ts";
import { BufferedReader, BufferedRWPair, BufferedWriter } from "./buffered.ts";
import { SocketIO } from "./raw.ts";
import type { FileSocket } from "./raw.ts";
import { TextIOWrapper } from "./text.ts";

/** Modes of `makefile` for bytes, by what they make. */
export type ReaderMode = "rb" | "br" | "b";
export type WriterMode = "wb" | "bw";
export type PairMode = "rwb" | "rbw" | "wrb" | "wbr" | "brw" | "bwr";
/** Modes of `makefile` for text. */
export type TextMode = "r" | "w" | "rw" | "wr" | "";

/** Options of `makefile` for text; files of bytes ignore them. */
export interface TextOptions {
  /** "utf-8" (also for null), or another encoding. */
  readonly encoding?: string | null;
  /** How to handle errors: "strict" (also for null), "ignore", "replace" ... */
  readonly errors?: string | null;
  /** How lines end: null, "", "\n", "\r" or "\r\n". Python: `io.TextIOWrapper`. */
  readonly newline?: string | null;
}

/** Any file that `makefile` makes. */
export type SocketFile =
  | SocketIO
  | BufferedReader
  | BufferedWriter
  | BufferedRWPair
  | TextIOWrapper;

/** What `socket.makefile` does. */
export function make_file(
  sock: FileSocket,
  mode: string,
  buffering: number | null,
  { encoding = null, errors = null, newline = null }: TextOptions,
): SocketFile {
  const letters = letters_of(mode);
  const writing = letters.has("w");
  const reading = letters.has("r") || !writing;
  const raw = new SocketIO(sock, `${reading ? "r" : ""}${writing ? "w" : ""}`);
  sock._incref_socketios();
  try {
    const size = buffer_size(buffering);
    const binary = letters.has("b");
    if (size === 0) {
      if (!binary) throw new ValueError("unbuffered streams must be binary");
      return raw;
    }
    const file = buffered(raw, reading, writing, size);
    if (binary) return file;
    const text = new TextIOWrapper(file, encoding, errors, newline);
    text.mode = mode;
    return text;
  } catch (error) {
    // Python's is closed as soon as nothing refers to it.
    raw.close();
    throw error;
  }
}

function letters_of(mode: unknown): ReadonlySet<unknown> {
  if (typeof (mode as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`'${type_name(mode)}' object is not iterable`);
  }
  const letters = new Set(mode as Iterable<unknown>);
  for (const letter of letters) {
    if (letter !== "r" && letter !== "w" && letter !== "b") {
      throw new ValueError(`invalid mode ${repr(mode)} (only r, w, b allowed)`);
    }
  }
  return letters;
}

function buffer_size(buffering: unknown): number {
  if (buffering === null || buffering === undefined) return DEFAULT_BUFFER_SIZE;
  if (!["number", "bigint", "boolean"].includes(typeof buffering)) {
    const name = type_name(buffering);
    throw new TypeError(`'<' not supported between instances of '${name}' and 'int'`);
  }
  return (buffering as number) < 0 ? DEFAULT_BUFFER_SIZE : as_signed_size(buffering);
}

function buffered(
  raw: SocketIO,
  reading: boolean,
  writing: boolean,
  size: number,
): BufferedReader | BufferedWriter | BufferedRWPair {
  if (reading && writing) return new BufferedRWPair(raw, raw, size);
  return reading ? new BufferedReader(raw, size) : new BufferedWriter(raw, size);
}
