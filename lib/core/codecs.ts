import { buffer } from "../native/on-demand.ts";
/** Encodes and decodes text with CPython's errors, in the encodings that a message's header may name. */
import type { BytesLike } from "./arguments.ts";
import { LookupError, UnicodeDecodeError, UnicodeEncodeError } from "./exceptions.ts";
import { code_points, hex_escape, type_name } from "./repr.ts";

/** Encodes text. UnicodeEncodeError for characters that the encoding does not have, LookupError. */
export function encode_text(text: string, encoding: string): Buffer {
  if (typeof encoding !== "string") {
    throw new TypeError(`bytes() argument 'encoding' must be str, not ${type_name(encoding)}`);
  }
  return encode(codec_of(encoding), text, "strict");
}

/** Decodes bytes. UnicodeDecodeError for invalid ones, LookupError. */
export function decode_text(data: BytesLike, encoding: string): string {
  return codec_of(encoding).decode(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

/**
 * Encodes text that follows other text, so without a byte order mark. Characters that the encoding
 * does not have are left to `errors`. UnicodeEncodeError, LookupError.
 */
export function encode_part(text: string, encoding: string, errors: string): Buffer {
  const codec = codec_of(encoding);
  return encode(codec === utf16 ? utf16le : codec, text, errors);
}

/** LookupError for an encoding that does not exist. */
export function check_encoding(encoding: string): void {
  codec_of(encoding);
}

/**
 * Decodes bytes that arrive in pieces: an incomplete character waits for the rest. Invalid bytes
 * are left to `errors`. Python: `codecs.IncrementalDecoder`.
 */
export class IncrementalDecoder {
  readonly #codec: Codec;
  readonly #errors: string;
  /** The byte order of utf-16, once its mark has arrived. */
  #chosen: Codec | null = null;
  #rest: Buffer = Buffer.alloc(0);

  constructor(encoding: string, errors: string) {
    this.#codec = codec_of(encoding);
    this.#errors = errors;
  }

  /** Forgets all input. */
  reset(): void {
    this.#chosen = null;
    this.#rest = Buffer.alloc(0);
  }

  /**
   * Decodes the next input; nothing may be missing at the end (`final`). After an error it is as if
   * the input had never arrived.
   */
  decode(input: Buffer, final: boolean): string {
    const data = this.#rest.length === 0 ? input : Buffer.concat([this.#rest, input]);
    const is_marked = this.#codec === utf16 && this.#chosen === null && data.length >= 2;
    const chosen = is_marked ? marked(data) : this.#chosen;
    const codec = chosen ?? (this.#codec === utf16 ? utf16le : this.#codec);
    let at = is_marked ? 2 : 0;
    let text = "";
    for (;;) {
      const flaw = codec.flaw(data, at);
      text += codec.text(data.subarray(at, flaw?.[0]));
      const is_cut = flaw !== null && flaw[1] === data.length && incomplete.has(flaw[2]);
      if (flaw === null || (is_cut && !final)) {
        this.#chosen = chosen;
        this.#rest = Buffer.from(data.subarray(flaw?.[0] ?? data.length));
        return text;
      }
      const [instead, next] = undecodable(codec.name, data, flaw, this.#errors);
      text += instead;
      at = next;
    }
  }
}

/** One encoding. */
interface Codec {
  /** As error messages name it. */
  readonly name: string;
  readonly not_encodable: RegExp;
  readonly reason: string;
  encode(text: string): Buffer;
  decode(data: Buffer): string;
  /** The first invalid bytes from `at` on. */
  flaw(data: Buffer, at: number): Flaw | null;
  /** Decodes valid bytes. */
  text(data: Buffer): string;
}

const cut_off = "unexpected end of data";
const truncated = "truncated data";
/** What more input may complete. */
const incomplete = new Set([cut_off, truncated]);
const no_surrogates = "surrogates not allowed";

const utf8: Codec = {
  name: "utf-8",
  not_encodable: /\p{Surrogate}+/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf8"),
  decode: (data) => decode(utf8, data),
  // What follows a flaw is looked at once, as far as the next: any byte may be one.
  flaw: (data, at) => (at === 0 && buffer().isUtf8(data) ? null : flaw_of_utf8(data, at)),
  text: (data) => data.toString("utf8"),
};

const utf16le: Codec = {
  name: "utf-16-le",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf16le"),
  decode: (data) => decode(utf16le, data),
  flaw: (data, at) => flaw_of_utf16(data, at, utf16le),
  text: (data) => data.toString("utf16le"),
};

const utf16be: Codec = {
  name: "utf-16-be",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(text, "utf16le").swap16(),
  decode: (data) => decode(utf16be, data),
  flaw: (data, at) => flaw_of_utf16(data, at, utf16be),
  text: (data) => Buffer.from(data).swap16().toString("utf16le"),
};

const utf16: Codec = {
  name: "utf-16",
  not_encodable: /\p{Surrogate}/u,
  reason: no_surrogates,
  encode: (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  decode(data) {
    const mark = data.length < 2 ? 0 : data.readUInt16LE();
    if (mark === 0xfffe) return decode(utf16be, data, 2);
    return decode(utf16le, data, mark === 0xfeff ? 2 : 0);
  },
  flaw: (data, at) => utf16le.flaw(data, at),
  text: (data) => utf16le.text(data),
};

const latin1: Codec = {
  name: "latin-1",
  not_encodable: /[^\0-\xff]+/u, // oxlint-disable-line no-control-regex -- all bytes there are
  reason: "ordinal not in range(256)",
  encode: (text) => Buffer.from(text, "latin1"),
  decode: (data) => data.toString("latin1"),
  flaw: () => null,
  text: (data) => data.toString("latin1"),
};

const ascii: Codec = {
  name: "ascii",
  not_encodable: /[^\0-\x7f]+/u, // oxlint-disable-line no-control-regex -- ASCII is just that range
  reason: "ordinal not in range(128)",
  encode: (text) => Buffer.from(text, "latin1"),
  decode: (data) => decode(ascii, data),
  flaw(data, at) {
    if (at === 0 && buffer().isAscii(data)) return null;
    let wrong = at;
    while (data[wrong] <= 0x7f) wrong++;
    return wrong === data.length ? null : [wrong, wrong + 1, ascii.reason];
  },
  text: (data) => data.toString("latin1"),
};

/** By Python's names for them, in lower case with underscores. */
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

/** Invalid bytes: where they start and end, and why they are. */
type Flaw = readonly [start: number, end: number, reason: string];

function decode_error(name: string, data: Buffer, [start, end, reason]: Flaw): UnicodeDecodeError {
  const where =
    end - start === 1
      ? `byte 0x${data.toString("hex", start, end)} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
  return new UnicodeDecodeError(`'${name}' codec can't decode ${where}: ${reason}`);
}

/** Decodes all bytes from `at` on. */
function decode(codec: Codec, data: Buffer, at: number = 0): string {
  const flaw = codec.flaw(data, at);
  if (flaw !== null) throw decode_error(codec.name, data, flaw);
  return codec.text(data.subarray(at));
}

function flaw_of_utf8(data: Buffer, from: number): Flaw | null {
  for (let at = from; at < data.length;) {
    const lead = data[at];
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if ((lead > 0x7f && lead < 0xc2) || lead > 0xf4) return [at, at + 1, "invalid start byte"];
    // The second byte may not make an overlong form, a surrogate, or more than U+10FFFF.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (let next = at + 1; next < at + length; next++) {
      const byte = data[next];
      if (byte === undefined) return [at, next, cut_off];
      if (byte < low || byte > high) return [at, next, "invalid continuation byte"];
      [low, high] = [0x80, 0xbf];
    }
    at += length;
  }
  return null;
}

function flaw_of_utf16(data: Buffer, from: number, codec: Codec): Flaw | null {
  const end = data.length - ((data.length - from) % 2);
  const high_byte = codec === utf16be ? 0 : 1;
  for (let at = from; at < end; at += 2) {
    // The first half of a pair has a high byte of 0xd8 to 0xdb, the second one of 0xdc to 0xdf.
    const kind = data[at + high_byte] >> 2;
    if (kind === 0xdc >> 2) return [at, at + 2, "illegal encoding"];
    if (kind !== 0xd8 >> 2) continue;
    if (at + 2 === end) return [at, data.length, cut_off];
    at += 2;
    if (data[at + high_byte] >> 2 !== 0xdc >> 2) return [at - 2, at, "illegal UTF-16 surrogate"];
  }
  return end < data.length ? [end, data.length, truncated] : null;
}

/** The byte order that a mark says. */
function marked(data: Buffer): Codec {
  const mark = data.readUInt16LE();
  if (mark === 0xfffe) return utf16be;
  if (mark === 0xfeff) return utf16le;
  // Python: UnicodeError, the base class of this one.
  throw new UnicodeDecodeError("UTF-16 stream does not start with BOM");
}

/** What replaces invalid bytes, and where decoding continues. Python: `codecs.lookup_error`. */
function undecodable(
  name: string,
  data: Buffer,
  flaw: Flaw,
  errors: string,
): readonly [string, number] {
  const [start, end] = flaw;
  const bytes = data.subarray(start, end);
  switch (errors) {
    case "strict":
      break;
    case "ignore":
      return ["", end];
    case "replace":
      return ["\ufffd", end];
    case "backslashreplace":
      return [Array.from(bytes, hex_escape).join(""), end];
    case "surrogateescape": {
      const ascii_at = bytes.findIndex((byte) => byte < 0x80);
      const escaped = ascii_at === -1 ? bytes : bytes.subarray(0, ascii_at);
      if (escaped.length === 0) break;
      return [
        String.fromCharCode(...Array.from(escaped, (byte) => 0xdc00 + byte)),
        start + escaped.length,
      ];
    }
    case "xmlcharrefreplace":
      throw new TypeError("don't know how to handle UnicodeDecodeError in error callback");
    default:
      throw new LookupError(`unknown error handler name '${errors}'`);
  }
  throw decode_error(name, data, flaw);
}

/** Encodes text; characters that the encoding does not have are left to `errors`. */
function encode(codec: Codec, text: string, errors: string): Buffer {
  if (!codec.not_encodable.test(text)) return codec.encode(text);
  const parts: Buffer[] = [];
  let at = 0;
  for (const found of text.matchAll(new RegExp(codec.not_encodable, "gu"))) {
    parts.push(codec.encode(text.slice(at, found.index)));
    parts.push(instead_of(codec, text, found, errors));
    at = found.index + found[0].length;
  }
  return Buffer.concat([...parts, codec.encode(text.slice(at))]);
}

/** The bytes that replace characters that the encoding does not have. Python: `codecs.lookup_error`. */
function instead_of(codec: Codec, text: string, found: RegExpExecArray, errors: string): Buffer {
  const codes = Array.from(found[0], (character) => character.codePointAt(0) as number);
  switch (errors) {
    case "strict":
      break;
    case "ignore":
      return Buffer.alloc(0);
    case "replace":
      return codec.encode("?".repeat(codes.length));
    case "backslashreplace":
      return codec.encode(codes.map(hex_escape).join(""));
    case "xmlcharrefreplace":
      return codec.encode(codes.map((code) => `&#${code};`).join(""));
    case "surrogateescape":
      // utf-16 has no single bytes.
      if (codec.name.startsWith("utf-16") || codes.some((code) => code < 0xdc80 || code > 0xdcff)) {
        break;
      }
      return Buffer.from(codes.map((code) => code - 0xdc00));
    default:
      throw new LookupError(`unknown error handler name '${errors}'`);
  }
  throw encode_error(codec, text, found);
}
