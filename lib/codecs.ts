/**
 * Text as bytes and back, in the encodings that a protocol's header may name, with CPython's errors
 * for what is wrong.
 */
import { LookupError, UnicodeDecodeError, UnicodeEncodeError } from "./exceptions.ts";
import { code_points, hex_escape } from "./repr.ts";

/** The text as bytes. UnicodeEncodeError for what the encoding has no bytes for, LookupError. */
export function encode_text(text: string, encoding: string): Buffer {
  const codec = codec_of(encoding);
  const found = codec.not_encodable.exec(text);
  if (found !== null) throw encode_error(codec, text, found);
  return codec.encode(text);
}

/** The bytes as text. UnicodeDecodeError for bytes that are none, LookupError. */
export function decode_text(data: Buffer, encoding: string): string {
  return codec_of(encoding).decode(data);
}

/** How one encoding is written and read, and what it has no bytes for. */
interface Codec {
  /** As error messages name it. */
  readonly name: string;
  readonly not_encodable: RegExp;
  readonly reason: string;
  encode(text: string): Buffer;
  decode(data: Buffer): string;
}

const no_surrogates = "surrogates not allowed";

const utf8: Codec = {
  name: "utf-8",
  not_encodable: /\p{Surrogate}+/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf8"),
  decode: decode_utf8,
};

const utf16le: Codec = {
  name: "utf-16-le",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf16le"),
  decode: (data) => decode_utf16(data, 0, utf16le.name),
};

const utf16be: Codec = {
  name: "utf-16-be",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf16le").swap16(),
  decode: (data) => decode_utf16(data, 0, utf16be.name),
};

const utf16: Codec = {
  name: "utf-16",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  decode(data) {
    const mark = data.length < 2 ? 0 : data.readUInt16LE();
    if (mark === 0xfffe) return decode_utf16(data, 2, utf16be.name);
    return decode_utf16(data, mark === 0xfeff ? 2 : 0, utf16le.name);
  },
};

const latin1: Codec = {
  name: "latin-1",
  not_encodable: /[^\0-\xff]+/u, // oxlint-disable-line no-control-regex -- all bytes there are
  reason: "ordinal not in range(256)",
  encode: (text) => Buffer.from(text, "latin1"),
  decode: (data) => data.toString("latin1"),
};

const ascii: Codec = {
  name: "ascii",
  not_encodable: /[^\0-\x7f]+/u, // oxlint-disable-line no-control-regex -- ASCII is just that range
  reason: "ordinal not in range(128)",
  encode: (text) => Buffer.from(text, "latin1"),
  decode(data) {
    const at = data.findIndex((byte) => byte > 0x7f);
    if (at !== -1) throw decode_error(ascii.name, data, [at, at + 1, ascii.reason]);
    return data.toString("latin1");
  },
};

/** By the names that Python knows them under, in lower case and with underscores. */
const codecs: ReadonlyMap<string, Codec> = new Map(
  (
    [
      [utf8, "utf_8 utf8 utf u8 cp65001"],
      [utf16, "utf_16 utf16 u16"],
      [utf16le, "utf_16_le utf_16le"],
      [utf16be, "utf_16_be utf_16be"],
      [latin1, "latin_1 latin1 latin l1 iso_8859_1 iso8859_1 iso8859 8859 cp819"],
      [ascii, "ascii us_ascii us 646"],
    ] as const
  ).flatMap(([codec, names]) => names.split(" ").map((name) => [name, codec] as const)),
);

function codec_of(encoding: string): Codec {
  const name = encoding.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  const codec = codecs.get(name.replaceAll(/^_|_$/g, ""));
  if (codec === undefined) throw new LookupError(`unknown encoding: ${encoding}`);
  return codec;
}

function encode_error(codec: Codec, text: string, found: RegExpExecArray): UnicodeEncodeError {
  const start = code_points(text.slice(0, found.index));
  const length = code_points(found[0]);
  let where = `characters in position ${start}-${start + length - 1}`;
  if (length === 1) {
    where = `character '${hex_escape(found[0].codePointAt(0) as number)}' in position ${start}`;
  }
  return new UnicodeEncodeError(`'${codec.name}' codec can't encode ${where}: ${codec.reason}`);
}

/** The bytes that are wrong, as an offset and the one behind them, and why. */
type Flaw = readonly [start: number, end: number, reason: string];

function decode_error(name: string, data: Buffer, [start, end, reason]: Flaw): UnicodeDecodeError {
  const where =
    end - start === 1
      ? `byte 0x${data.toString("hex", start, end)} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
  return new UnicodeDecodeError(`'${name}' codec can't decode ${where}: ${reason}`);
}

// A byte order mark is part of the text, as it is to Python.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode_utf8(data: Buffer): string {
  try {
    return strict.decode(data);
  } catch (error) {
    const flaw = flaw_of_utf8(data);
    if (flaw === null) throw error;
    throw decode_error(utf8.name, data, flaw);
  }
}

function flaw_of_utf8(data: Buffer): Flaw | null {
  for (let at = 0; at < data.length;) {
    const lead = data[at];
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if ((lead > 0x7f && lead < 0xc2) || lead > 0xf4) return [at, at + 1, "invalid start byte"];
    // The second byte may not make an overlong form, a surrogate, or more than U+10FFFF.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (let next = at + 1; next < at + length; next++) {
      const byte = data[next];
      if (byte === undefined) return [at, next, "unexpected end of data"];
      if (byte < low || byte > high) return [at, next, "invalid continuation byte"];
      [low, high] = [0x80, 0xbf];
    }
    at += length;
  }
  return null;
}

function decode_utf16(data: Buffer, start: number, name: string): string {
  const end = data.length - ((data.length - start) % 2);
  const units = data.subarray(start, end);
  const text = (name === utf16be.name ? Buffer.from(units).swap16() : units).toString("utf16le");
  const lone = text.search(utf16.not_encodable);
  if (lone !== -1) {
    const at = start + 2 * lone;
    const is_high = text.charCodeAt(lone) < 0xdc00;
    if (!is_high) throw decode_error(name, data, [at, at + 2, "illegal encoding"]);
    if (at + 2 < end) throw decode_error(name, data, [at, at + 2, "illegal UTF-16 surrogate"]);
    throw decode_error(name, data, [at, data.length, "unexpected end of data"]);
  }
  if (end < data.length) throw decode_error(name, data, [end, data.length, "truncated data"]);
  return text;
}
