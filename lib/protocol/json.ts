/**
 * JSON as Python's `json` module writes and reads it, in bytes.
 *
 * https://docs.python.org/3/library/json.html
 */
import { as_bytes } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { decode_text, encode_text } from "../core/codecs.ts";
import { named, ValueError } from "../core/exceptions.ts";
import { code_points, is_plain, repr, type_name } from "../core/repr.ts";

/**
 * A value as JSON in an encoding that `str` knows, byte for byte as Python's `json.dumps(value,
 * ensure_ascii=False).encode(encoding)`.
 *
 * Throws TypeError for a value or a key that JSON cannot represent, ValueError for one that
 * contains itself, UnicodeEncodeError for a lone surrogate, LookupError for an unknown encoding.
 * Objects put keys that look like an index first; Maps keep their order.
 */
export function json_encode(value: unknown, encoding: string): Buffer {
  return encode_text(dumps(value, new Set()), encoding);
}

/**
 * The value of JSON in an encoding. Python's `json.loads(data.decode(encoding))`; an object becomes
 * a Map, which like a dict has any key and keeps the order. As in Python, NaN and Infinity are
 * accepted, and integers keep all digits: an unsafe one becomes a bigint.
 *
 * Throws JSONDecodeError for invalid JSON, UnicodeDecodeError for invalid bytes, ValueError for an
 * integer of more than 4,300 digits, LookupError for an unknown encoding.
 */
export function json_decode(data: BytesLike, encoding: string): unknown {
  if (typeof encoding !== "string") {
    throw new TypeError(`decode() argument 'encoding' must be str, not ${type_name(encoding)}`);
  }
  return new Scanner(decode_text(as_bytes(data), encoding)).scan();
}

/** Text that is not JSON. Python's `json.JSONDecodeError`, which counts a surrogate pair as one. */
export class JSONDecodeError extends ValueError {
  /** The message, without the position. */
  readonly msg: string;
  /** The position: how many characters come before it. */
  readonly pos: number;
  /** Its line, from 1. */
  readonly lineno: number;
  /** Its column in that line, from 1. */
  readonly colno: number;

  /** `index` is the position in `doc` as JavaScript counts. */
  constructor(msg: string, doc: string, index: number) {
    const before = doc.slice(0, index);
    const lineno = before.split("\n").length;
    const colno = code_points(before.slice(before.lastIndexOf("\n") + 1)) + 1;
    const pos = code_points(before);
    super(`${msg}: line ${lineno} column ${colno} (char ${pos})`);
    this.msg = msg;
    this.pos = pos;
    this.lineno = lineno;
    this.colno = colno;
  }
}
named(JSONDecodeError, "JSONDecodeError");

function dumps(value: unknown, open: Set<object>): string {
  switch (typeof value) {
    case "string":
      return json_string(value);
    case "number":
      return json_number(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
  }
  if (value === null) return "null";
  const is_list = Array.isArray(value);
  if (!is_list && !(value instanceof Map) && !(typeof value === "object" && is_plain(value))) {
    const name = value === undefined ? "undefined" : type_name(value);
    throw new TypeError(`Object of type ${name} is not JSON serializable`);
  }
  if (open.has(value)) throw new ValueError("Circular reference detected");
  open.add(value);
  const parts: string[] = [];
  if (is_list) {
    for (const item of value) parts.push(dumps(item, open));
  } else {
    const entries: Iterable<[unknown, unknown]> =
      value instanceof Map ? value : Object.entries(value);
    for (const [key, item] of entries) parts.push(`${json_key(key)}: ${dumps(item, open)}`);
  }
  open.delete(value);
  return is_list ? `[${parts.join(", ")}]` : `{${parts.join(", ")}}`;
}

function json_key(key: unknown): string {
  switch (typeof key) {
    case "string":
      return json_string(key);
    case "number":
      return `"${json_number(key)}"`;
    case "bigint":
    case "boolean":
      return `"${key}"`;
    default:
      if (key === null) return '"null"';
      throw new TypeError(`keys must be str, int, float, bool or None, not ${type_name(key)}`);
  }
}

function json_number(value: number): string {
  // JavaScript's words for these three are what Python's json writes.
  return Number.isFinite(value) ? repr(value) : String(value);
}

// oxlint-disable-next-line no-control-regex -- JSON wants those escaped, and no others
const must_escape = /[\0-\x1f"\\]/g;

function json_string(text: string): string {
  // JSON.stringify on all of it would also escape lone surrogates: in Python they have no bytes.
  return `"${text.replaceAll(must_escape, (one) => JSON.stringify(one).slice(1, -1))}"`;
}

const whitespace = /[ \t\n\r]*/y;
const scalar =
  /(?:null|true|false|NaN|-?Infinity)|-?(?:0|[1-9]\d*)(?<fraction>(?:\.\d+)?(?:[eE][-+]?\d+)?)/y;
// oxlint-disable-next-line no-control-regex -- JSON has no bare control characters
const in_string = /[\0-\x1f"\\]/g;

/** An object that has begun, and the key whose value comes next. */
interface OpenObject {
  readonly dict: Map<string, unknown>;
  key: string;
}

/**
 * Reads JSON with CPython's dicts, numbers and error messages, which JSON.parse does not have. Open
 * containers are in a list instead of on the stack, because the sender decides how deep they are.
 */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): unknown {
    if (this.#text.startsWith("\ufeff")) {
      throw this.#error("Unexpected UTF-8 BOM (decode using utf-8-sig)");
    }
    const open: (unknown[] | OpenObject)[] = [];
    for (;;) {
      let value = this.#begin(open);
      if (value === undefined) continue;
      // A value is complete, and perhaps the containers that it is in.
      for (;;) {
        const container = open.at(-1);
        this.#skip();
        if (container === undefined) {
          if (this.#at < this.#text.length) throw this.#error("Extra data");
          return value;
        }
        const is_list = Array.isArray(container);
        if (is_list) container.push(value);
        else container.dict.set(container.key, value);
        const close = is_list ? "]" : "}";
        if (!this.#next(close)) {
          this.#comma(close);
          if (!is_list) container.key = this.#key();
          break;
        }
        open.pop();
        value = is_list ? container : container.dict;
      }
    }
  }

  /** Reads a whole value; or the beginning of one into `open`, and returns undefined. */
  #begin(open: (unknown[] | OpenObject)[]): unknown {
    this.#skip();
    if (this.#next("[")) {
      this.#skip();
      if (this.#next("]")) return [];
      open.push([]);
      return undefined;
    }
    if (this.#next("{")) {
      this.#skip();
      if (this.#next("}")) return new Map();
      open.push({ dict: new Map(), key: this.#key() });
      return undefined;
    }
    return this.#text[this.#at] === '"' ? this.#string() : this.#scalar();
  }

  #comma(close: string): void {
    const at = this.#at;
    if (!this.#next(",")) throw this.#error("Expecting ',' delimiter");
    this.#skip();
    if (this.#text[this.#at] !== close) return;
    const container = close === "]" ? "array" : "object";
    throw this.#error(`Illegal trailing comma before end of ${container}`, at);
  }

  /** A key, and the colon behind it. */
  #key(): string {
    if (this.#text[this.#at] !== '"') {
      throw this.#error("Expecting property name enclosed in double quotes");
    }
    const key = this.#string();
    this.#skip();
    if (!this.#next(":")) throw this.#error("Expecting ':' delimiter");
    return key;
  }

  #string(): string {
    const start = this.#at;
    in_string.lastIndex = start + 1;
    for (;;) {
      const at = in_string.exec(this.#text)?.index;
      if (at === undefined) throw this.#error("Unterminated string starting at");
      const character = this.#text[at];
      if (character === '"') {
        this.#at = at + 1;
        return JSON.parse(this.#text.slice(start, this.#at)) as string;
      }
      if (character !== "\\") throw this.#error("Invalid control character at", at);
      in_string.lastIndex = this.#escape(at, start);
    }
  }

  /** Checks the escape whose backslash is at `at`, and returns where the text goes on. */
  #escape(at: number, start: number): number {
    const letter = this.#text[at + 1];
    if (letter === undefined) throw this.#error("Unterminated string starting at", start);
    if (letter === "u") {
      // CPython wants another character after the four digits.
      if (/^[\da-fA-F]{4}[^]/.test(this.#text.slice(at + 2, at + 7))) return at + 6;
      throw this.#error("Invalid \\uXXXX escape", at + 1);
    }
    if ('"\\/bfnrt'.includes(letter)) return at + 2;
    throw this.#error("Invalid \\escape", at);
  }

  #scalar(): unknown {
    scalar.lastIndex = this.#at;
    const found = scalar.exec(this.#text);
    if (found === null) throw this.#error("Expecting value");
    this.#at = scalar.lastIndex;
    const word = found[0];
    const fraction = found.groups?.fraction;
    if (fraction === undefined) return words.get(word);
    return fraction === "" ? integer(word) : Number(word);
  }

  #skip(): void {
    whitespace.lastIndex = this.#at;
    whitespace.test(this.#text);
    this.#at = whitespace.lastIndex;
  }

  #next(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #error(msg: string, at: number = this.#at): JSONDecodeError {
    return new JSONDecodeError(msg, this.#text, at);
  }
}

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Python refuses to convert more digits, because it takes too long. */
const MAX_DIGITS = 4300;

function integer(digits: string): number | bigint {
  const length = digits.length - (digits.startsWith("-") ? 1 : 0);
  if (length > MAX_DIGITS) {
    throw new ValueError(
      `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion: ` +
        `value has ${length} digits`,
    );
  }
  const number = Number(digits);
  // An integer has no negative zero.
  if (number === 0) return 0;
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}
