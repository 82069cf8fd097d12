/** Formats: "<HH4s" as fields with sizes and places. */
import { endianness } from "node:os";

import { error } from "./error.ts";

/** A value's code, how many bytes of it there are, and where they begin. */
export interface Field {
  readonly code: string;
  readonly offset: number;
  readonly size: number;
}

/** A format, taken apart. */
export interface Layout {
  readonly format: string;
  readonly size: number;
  readonly fields: readonly Field[];
  readonly is_little: boolean;
  /** Whether sizes, and what is too large for a float, are the C compiler's. */
  readonly is_native: boolean;
}

const IS_LITTLE = endianness() === "LE";

const STANDARD: Readonly<Record<string, number>> = {
  x: 1,
  c: 1,
  b: 1,
  B: 1,
  "?": 1,
  h: 2,
  H: 2,
  i: 4,
  I: 4,
  l: 4,
  L: 4,
  q: 8,
  Q: 8,
  e: 2,
  f: 4,
  d: 8,
  s: 1,
  p: 1,
};

const has_32_bits = ["arm", "ia32", "mips", "mipsel", "ppc"].includes(process.arch);
const WORD = has_32_bits ? 4 : 8;
const NATIVE: Readonly<Record<string, number>> = {
  ...STANDARD,
  l: WORD,
  L: WORD,
  n: WORD,
  N: WORD,
  P: WORD,
};

/** The i386 ABI aligns what is larger than a word to a word. */
function alignment(code: string, size: number): number {
  return process.arch === "ia32" && "qQd".includes(code) ? 4 : size;
}

/** The most bytes: CPython's ssize_t. */
const MOST = 2 ** 63;

const cache = new Map<string, Layout>();
const CACHED = 100;

/** Takes a format apart. Throws `error` for one that is none, TypeError for what is no text. */
export function layout_of(format: unknown): Layout {
  const text = text_of(format);
  let layout = cache.get(text);
  if (layout === undefined) {
    layout = parse(text);
    if (cache.size >= CACHED) cache.clear();
    cache.set(text, layout);
  }
  return layout;
}

function text_of(format: unknown): string {
  if (typeof format === "string") return format;
  if (format instanceof Uint8Array) return Buffer.from(format).toString("latin1");
  throw new TypeError("Struct() argument 1 must be a str or bytes object");
}

function parse(format: string): Layout {
  const [order] = /^[@=<>!]?/.exec(format)!;
  const is_native = order === "" || order === "@";
  const sizes = is_native ? NATIVE : STANDARD;
  const fields: Field[] = [];
  let size = 0;
  const codes = format.slice(order.length);
  // Spaces may stand between fields, but not within one.
  const item = /[\t\n\v\f\r ]*(?:(\d*)([^\d\s])|(\d+)|$)/y;
  while (item.lastIndex < codes.length) {
    const found = item.exec(codes);
    if (found === null) throw new error("bad char in struct format");
    const [, digits = "", code, alone] = found;
    if (alone !== undefined) {
      const is_end = item.lastIndex === codes.length;
      throw new error(
        is_end ? "repeat count given without format specifier" : "bad char in struct format",
      );
    }
    if (code === undefined) break;
    const each = Object.hasOwn(sizes, code) ? sizes[code] : undefined;
    if (each === undefined) throw new error("bad char in struct format");
    const count = digits === "" ? 1 : Number(digits);
    if (is_native) size = Math.ceil(size / alignment(code, each)) * alignment(code, each);
    if (size + count * each >= MOST) throw new error("total struct size too long");
    if (code === "s" || code === "p") fields.push({ code, offset: size, size: count });
    else if (code !== "x") {
      for (let at = 0; at < count; at++)
        fields.push({ code, offset: size + at * each, size: each });
    }
    size += count * each;
  }
  return { format, size, fields, is_little: is_little(order), is_native };
}

function is_little(order: string): boolean {
  if (order === "<") return true;
  return order === ">" || order === "!" ? false : IS_LITTLE;
}
