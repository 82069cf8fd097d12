/**
 * What a Python program has without an import: `print`, `repr`, `str`, `bytes`, `tuple`, the
 * literal b"...", and the exceptions.
 *
 * https://docs.python.org/3/library/functions.html
 */
import type { BytesLike } from "./core/arguments.ts";
import { decode_text, encode_text } from "./core/codecs.ts";
import { ValueError } from "./core/exceptions.ts";
import { write_all } from "./core/output.ts";
import { is_plain, repr, str as text_of, type_name } from "./core/repr.ts";

export {
  ArithmeticError,
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  ExceptionGroup,
  FileExistsError,
  FileNotFoundError,
  IndexError,
  InterruptedError,
  IsADirectoryError,
  KeyError,
  KeyboardInterrupt,
  LookupError,
  MemoryError,
  NotADirectoryError,
  OSError,
  OverflowError,
  PermissionError,
  ProcessLookupError,
  RuntimeError,
  TimeoutError,
  UnicodeDecodeError,
  UnicodeEncodeError,
  UnsupportedOperation,
  ValueError,
} from "./core/exceptions.ts";
export { repr, tuple } from "./core/repr.ts";

/** How `print` prints, and where. */
export interface PrintOptions {
  /** What stands between the values; a space for null. */
  readonly sep?: string | null;
  /** What stands after the last one; a newline for null. */
  readonly end?: string | null;
  /** A file of text, such as `sys.stderr`; standard output for null. */
  readonly file?: { write(text: string): unknown; flush?(): unknown } | null;
  /** Whether to flush the file. */
  readonly flush?: boolean;
}

const PRINT_OPTIONS: ReadonlySet<string> = new Set(["sep", "end", "file", "flush"]);

/**
 * Writes the `str` of each value to standard output in UTF-8, with spaces between them and a
 * newline at the end. Python's `print()`; a last argument with no other fields than `PrintOptions` has are its
 * keyword arguments: `print("a", "b", { sep: "", file: sys.stderr })`.
 *
 * When it returns, everything is written: a program that blocks gives Node's event loop no chance
 * to write later. Throws UnicodeEncodeError for a lone surrogate, and the system's errors:
 * BrokenPipeError for a pipe that nobody reads.
 */
export function print(...values: unknown[]): void {
  const last = values.at(-1);
  if (!is_print_options(last)) {
    write_all(STDOUT, bytes(`${values.map(text_of).join(" ")}\n`, "utf-8"));
    return;
  }
  const { file = null, flush = false } = last;
  const sep = text_or(last.sep, "sep", " ");
  const end = text_or(last.end, "end", "\n");
  const text = `${values.slice(0, -1).map(text_of).join(sep)}${end}`;
  if (file === null) {
    write_all(STDOUT, bytes(text, "utf-8"));
    return;
  }
  file.write(text);
  if (flush) file.flush?.();
}

const STDOUT = 1;

function is_print_options(value: unknown): value is PrintOptions {
  if (typeof value !== "object" || value === null || !is_plain(value)) return false;
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => PRINT_OPTIONS.has(name));
}

function text_or(value: unknown, name: string, otherwise: string): string {
  if (value === null || value === undefined) return otherwise;
  if (typeof value === "string") return value;
  throw new TypeError(`${name} must be None or a string, not ${type_name(value)}`);
}

/**
 * The text of a value for people: a string itself, an error's message, `repr` of anything else;
 * with an encoding, the text of bytes. Python's `str()`.
 *
 * Throws UnicodeDecodeError for invalid bytes, and LookupError for an encoding other than UTF-8,
 * UTF-16 (by its byte order mark, or LE, or BE), Latin-1 and ASCII.
 */
export function str(value: unknown): string;
export function str(bytes: BytesLike, encoding: string): string;
export function str(value: unknown, encoding?: unknown): string {
  // `values.map(str)` passes an index.
  if (typeof encoding !== "string") return text_of(value);
  if (!ArrayBuffer.isView(value)) {
    throw new TypeError(`decoding to str: need a bytes-like object, ${type_name(value)} found`);
  }
  return decode_text(value, encoding);
}

/**
 * The bytes of a text in an encoding. Python's `bytes(text, encoding)`, and its `text.encode()`.
 *
 * Throws UnicodeEncodeError for characters that the encoding does not have, and LookupError for an
 * encoding that `str` does not know.
 */
export function bytes(text: string, encoding: string): Buffer {
  if (typeof text !== "string") throw new TypeError("encoding without a string argument");
  return encode_text(text, encoding);
}

/**
 * The integer in a decimal text, such as a command-line argument. Python's `int(text)`; throws
 * ValueError for any other text, and for an integer that is too large for a number to be exact.
 */
export function int(text: string): number {
  if (typeof text !== "string") {
    throw new TypeError(`int() argument must be a string, not '${type_name(text)}'`);
  }
  const digits = text.trim();
  const integer = /^[-+]?\d+(?:_\d+)*$/.test(digits) ? Number(digits.replaceAll("_", "")) : NaN;
  if (Number.isSafeInteger(integer)) return integer;
  throw new ValueError(`invalid literal for int() with base 10: ${repr(text)}`);
}

/**
 * Whether a value is true in Python: null, zero and anything empty (text, bytes, a tuple, list,
 * dict or set) are false. Python's `bool()`.
 */
export function bool(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  if (ArrayBuffer.isView(value)) return value.byteLength > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  return !is_plain(value) || Object.keys(value).length > 0;
}

/**
 * Python's bytes literal: `` b`one\r\ntwo\xff` ``. Bytes in `${...}` become part of it.
 *
 * The escapes are Python's, and stay as they are where Python has none (`\q`, `\u0041`); only
 * `` \` `` and `\$` are JavaScript's. Throws SyntaxError for a character that is not ASCII and for
 * `\x` without two hex digits, TypeError for a value that is not bytes.
 */
export function b(literal: TemplateStringsArray, ...values: readonly Uint8Array[]): Buffer {
  if (!Array.isArray((literal as TemplateStringsArray | null)?.raw)) {
    throw new TypeError("b is for template literals: b`...`");
  }
  if (values.length === 0 && literal.raw[0] === "") return NOTHING;
  const [first, ...others] = texts_of(literal);
  if (values.length === 0) return Buffer.from(first, "latin1");
  const parts: Uint8Array[] = [Buffer.from(first, "latin1")];
  for (const [index, value] of values.entries()) {
    // Only bytes, because Python concatenates nothing else to bytes.
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`can't concat ${type_name(value)} to bytes`);
    }
    parts.push(value, Buffer.from(others[index], "latin1"));
  }
  return Buffer.concat(parts);
}

/** The only empty Buffer, as Python has only one b"". */
const NOTHING = Buffer.alloc(0);

const not_ascii = /[^\0-\x7f]/; // oxlint-disable-line no-control-regex -- ASCII is just that range

const byte_escape = /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{2})?|([^]))/g;

/** What a backslash followed by one character stands for. */
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  // A backslash at the end of a line joins it with the next.
  "\n": "",
  "`": "`",
  $: "$",
};

const known_texts = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The parts of a literal, a byte a character. Read once: the literal in a loop is always the same object. */
function texts_of(literal: TemplateStringsArray): readonly string[] {
  let texts = known_texts.get(literal);
  if (texts === undefined) {
    texts = literal.raw.map(literal_text);
    known_texts.set(literal, texts);
  }
  return texts;
}

function literal_text(raw: string): string {
  if (not_ascii.test(raw)) throw new SyntaxError("bytes can only contain ASCII literal characters");
  return raw.replace(
    byte_escape,
    (all: string, octal: string | undefined, hex: string | undefined, one: string, at: number) => {
      // Up to \777, of which Python keeps the low eight bits.
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (one === undefined) {
        throw new SyntaxError(`(value error) invalid \\x escape at position ${at}`);
      }
      return escapes[one] ?? all;
    },
  );
}
