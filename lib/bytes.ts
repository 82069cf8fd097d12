/**
 * The methods of Python's `bytes`, as functions on Buffers and other views of bytes:
 * `data.split(b"\r\n")` is `split(data, b`\r\n`)`. What they return is a copy.
 *
 * https://docs.python.org/3/library/stdtypes.html#bytes-and-bytearray-operations
 */
import { as_buffer, as_integer } from "./core/arguments.ts";
import type { BytesLike } from "./core/arguments.ts";
import { IncrementalDecoder } from "./core/codecs.ts";
import { IndexError, ValueError } from "./core/exceptions.ts";
import { type_name } from "./core/repr.ts";

/** What is looked for: bytes, or one byte from 0 to 255. */
export type Sought = BytesLike | number;

function copy(data: Buffer, from: number = 0, to: number = data.length): Buffer {
  return Buffer.from(data.subarray(from, to));
}

function separator(sep: BytesLike): Buffer {
  const bytes = as_buffer(sep);
  if (bytes.length === 0) throw new ValueError("empty separator");
  return bytes;
}

function sought(sub: Sought): Buffer {
  if (ArrayBuffer.isView(sub)) return as_buffer(sub);
  if (typeof sub !== "number")
    throw new TypeError(`argument should be integer or bytes-like object, not '${type_name(sub)}'`);
  const byte = as_integer(sub);
  if (byte < 0 || byte > 255) throw new ValueError("byte must be in range(0, 256)");
  return Buffer.of(byte);
}

/** A slice's ends as Python takes them: negative ones count from the end, and none is out of range. */
function ends(length: number, start: number | null, end: number | null): [number, number] {
  const place = (offset: number) => (offset < 0 ? Math.max(0, offset + length) : offset);
  const to = end === null ? length : Math.min(length, place(as_integer(end)));
  return [place(start === null ? 0 : as_integer(start)), to];
}

/**
 * The parts between separators, at most `maxsplit` + 1 of them; without a separator, the words between runs of
 * white space. ValueError for an empty separator. Python: `data.split(sep, maxsplit)`.
 */
export function split(
  data: BytesLike,
  sep: BytesLike | null = null,
  maxsplit: number = -1,
): Buffer[] {
  const bytes = as_buffer(data);
  const most = as_integer(maxsplit);
  let left = most < 0 ? Infinity : most;
  if (sep === null) return words(bytes, left);
  const between = separator(sep);
  const parts: Buffer[] = [];
  let from = 0;
  for (let found = bytes.indexOf(between); found !== -1 && left > 0; left--) {
    parts.push(copy(bytes, from, found));
    from = found + between.length;
    found = bytes.indexOf(between, from);
  }
  return [...parts, copy(bytes, from)];
}

const SPACE: ReadonlySet<number | undefined> = new Set([9, 10, 11, 12, 13, 32]);

function words(bytes: Buffer, most: number): Buffer[] {
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    while (SPACE.has(bytes[offset])) offset++;
    if (offset >= bytes.length) return parts;
    const from = offset;
    if (parts.length === most) return [...parts, copy(bytes, from)];
    while (offset < bytes.length && !SPACE.has(bytes[offset])) offset++;
    parts.push(copy(bytes, from, offset));
  }
}

/** The three parts of `partition`. */
export type Parts = readonly [before: Buffer, sep: Buffer, after: Buffer];

/** What is before the first separator, the separator, and what is after it. Python: `data.partition(sep)`. */
export function partition(data: BytesLike, sep: BytesLike): Parts {
  const bytes = as_buffer(data);
  const between = separator(sep);
  const found = bytes.indexOf(between);
  // Without one, all of it is before.
  return found === -1
    ? parts_at(bytes, bytes.length, bytes.length)
    : parts_at(bytes, found, found + between.length);
}

/** The same for the last separator. Python: `data.rpartition(sep)`. */
export function rpartition(data: BytesLike, sep: BytesLike): Parts {
  const bytes = as_buffer(data);
  const between = separator(sep);
  const found = bytes.lastIndexOf(between);
  // Without one, all of it is after.
  return found === -1 ? parts_at(bytes, 0, 0) : parts_at(bytes, found, found + between.length);
}

function parts_at(bytes: Buffer, from: number, to: number): Parts {
  return Object.freeze([copy(bytes, 0, from), copy(bytes, from, to), copy(bytes, to)] as const);
}

/** Whether it begins with a prefix, or with one of several. Python: `data.startswith(prefix, start, end)`. */
export function startswith(
  data: BytesLike,
  prefix: BytesLike | readonly BytesLike[],
  start: number | null = 0,
  end: number | null = null,
): boolean {
  const bytes = as_buffer(data);
  const [from, to] = ends(bytes.length, start, end);
  return affixes(prefix, "startswith").some(
    (one) => from + one.length <= to && bytes.subarray(from, from + one.length).equals(one),
  );
}

/** Whether it ends with a suffix, or with one of several. Python: `data.endswith(suffix, start, end)`. */
export function endswith(
  data: BytesLike,
  suffix: BytesLike | readonly BytesLike[],
  start: number | null = 0,
  end: number | null = null,
): boolean {
  const bytes = as_buffer(data);
  const [from, to] = ends(bytes.length, start, end);
  return affixes(suffix, "endswith").some(
    (one) => from + one.length <= to && bytes.subarray(to - one.length, to).equals(one),
  );
}

function affixes(value: BytesLike | readonly BytesLike[], where: string): readonly Buffer[] {
  if (Array.isArray(value)) return (value as readonly BytesLike[]).map(as_buffer);
  if (ArrayBuffer.isView(value)) return [as_buffer(value)];
  throw new TypeError(
    `${where} first arg must be bytes or a tuple of bytes, not ${type_name(value)}`,
  );
}

/** Without these bytes, or white space, at both ends. Python: `data.strip(chars)`. */
export function strip(data: BytesLike, chars: BytesLike | null = null): Buffer {
  return stripped(data, chars, true, true);
}

/** Without them at the beginning. Python: `data.lstrip(chars)`. */
export function lstrip(data: BytesLike, chars: BytesLike | null = null): Buffer {
  return stripped(data, chars, true, false);
}

/** Without them at the end. Python: `data.rstrip(chars)`. */
export function rstrip(data: BytesLike, chars: BytesLike | null = null): Buffer {
  return stripped(data, chars, false, true);
}

function stripped(
  data: BytesLike,
  chars: BytesLike | null,
  at_start: boolean,
  at_end: boolean,
): Buffer {
  const bytes = as_buffer(data);
  const all: ReadonlySet<number | undefined> = chars === null ? SPACE : new Set(as_buffer(chars));
  let [from, to] = [0, bytes.length];
  if (at_start) while (from < to && all.has(bytes[from])) from++;
  if (at_end) while (to > from && all.has(bytes[to - 1])) to--;
  return copy(bytes, from, to);
}

/** The parts one after the other, with a separator between them. Python: `sep.join(parts)`. */
export function join(sep: BytesLike, parts: Iterable<BytesLike>): Buffer {
  const between = as_buffer(sep);
  const all: Buffer[] = [];
  let number = 0;
  for (const part of parts) {
    if (!ArrayBuffer.isView(part)) {
      const name = type_name(part);
      throw new TypeError(`sequence item ${number}: expected a bytes-like object, ${name} found`);
    }
    if (number > 0) all.push(between);
    all.push(as_buffer(part));
    number++;
  }
  return Buffer.concat(all);
}

/** Where bytes, or a byte, first are between `start` and `end`; -1 if they are not. Python: `data.find(sub, start, end)`. */
export function find(
  data: BytesLike,
  sub: Sought,
  start: number | null = 0,
  end: number | null = null,
): number {
  const { one, part, from } = looked_for(data, sub, start, end);
  const found = part?.indexOf(one) ?? -1;
  return found === -1 ? -1 : from + found;
}

/** Where they last are. Python: `data.rfind(sub, start, end)`. */
export function rfind(
  data: BytesLike,
  sub: Sought,
  start: number | null = 0,
  end: number | null = null,
): number {
  const { one, part, from } = looked_for(data, sub, start, end);
  const found = part?.lastIndexOf(one) ?? -1;
  return found === -1 ? -1 : from + found;
}

/** What is sought, and the part of the data that it is sought in, from where on; null for one that ends before it begins. */
function looked_for(data: BytesLike, sub: Sought, start: number | null, end: number | null) {
  const bytes = as_buffer(data);
  const one = sought(sub);
  const [from, to] = ends(bytes.length, start, end);
  return { one, part: from > to ? null : bytes.subarray(from, to), from };
}

/** The same as `find`, but ValueError if they are not there. Python: `data.index(sub, start, end)`. */
export function index(
  data: BytesLike,
  sub: Sought,
  start: number | null = 0,
  end: number | null = null,
): number {
  const found = find(data, sub, start, end);
  if (found === -1) throw new ValueError("subsection not found");
  return found;
}

/** How often they are there, without overlap. Python: `data.count(sub, start, end)`. */
export function count(
  data: BytesLike,
  sub: Sought,
  start: number | null = 0,
  end: number | null = null,
): number {
  const { one, part } = looked_for(data, sub, start, end);
  if (part === null) return 0;
  return one.length === 0 ? part.length + 1 : split(part, one).length - 1;
}

/** With another in the place of each, or of the first `most`. Python: `data.replace(old, new, count)`. */
export function replace(data: BytesLike, old: BytesLike, by: BytesLike, most: number = -1): Buffer {
  const bytes = as_buffer(data);
  const [one, other] = [as_buffer(old), as_buffer(by)];
  if (one.length > 0) return join(other, split(bytes, one, most));
  // Between all bytes, and at both ends.
  const times = as_integer(most) < 0 ? bytes.length + 1 : Math.min(most, bytes.length + 1);
  if (times === 0) return copy(bytes);
  const singles = Array.from(bytes.subarray(0, times - 1), (byte) => Buffer.of(byte));
  const head = singles.map((byte) => Buffer.concat([other, byte]));
  return Buffer.concat([...head, other, bytes.subarray(times - 1)]);
}

/**
 * The text of bytes; `errors` is "strict", "ignore", "replace" or "backslashreplace". UnicodeDecodeError,
 * LookupError. Python: `data.decode(encoding, errors)`.
 */
export function decode(
  data: BytesLike,
  encoding: string = "utf-8",
  errors: string = "strict",
): string {
  return new IncrementalDecoder(encoding, errors).decode(as_buffer(data), true);
}

/** Whether both are the same bytes. Python: `a == b`, which compares contents. */
export function equal(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return false;
  return as_buffer(a).equals(as_buffer(b));
}

/** The byte at a place, which counts from the end if it is negative. IndexError where there is none. Python: `data[at]`. */
export function at(data: BytesLike, place: number): number {
  const bytes = as_buffer(data);
  const byte = bytes.at(as_integer(place));
  if (byte === undefined) throw new IndexError("index out of range");
  return byte;
}
