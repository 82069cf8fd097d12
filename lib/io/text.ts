/** Files of text over a file of bytes: Python's `io.TextIOWrapper`. */
import { as_signed_size } from "../core/arguments.ts";
import { check_encoding, encode_part, IncrementalDecoder } from "../core/codecs.ts";
import { UnsupportedOperation, ValueError } from "../core/exceptions.ts";
import { code_points, type_name } from "../core/repr.ts";
import { as_optional_size, described, IOBase } from "./base.ts";
import type { BufferedReader, BufferedRWPair, BufferedWriter } from "./buffered.ts";
import { end_of_line, NewlineDecoder } from "./newlines.ts";
import type { Newline } from "./newlines.ts";

/** How much is read at once, and the most that is buffered to be written. */
const CHUNK_SIZE = 8192;

/** The buffered file that text is read from and written to. */
export type TextBuffer = BufferedReader | BufferedWriter | BufferedRWPair;

/** What `reconfigure` changes; anything null or left out stays as it is. */
export interface TextConfiguration {
  readonly encoding?: string | null;
  readonly errors?: string | null;
  /** Here null is a newline like the others. */
  readonly newline?: string | null;
  readonly line_buffering?: boolean | null;
  readonly write_through?: boolean | null;
}

/**
 * Text over a buffered file. A character is a code point; one that arrives in pieces is kept until
 * it is complete. Written text is buffered until `flush()`, `close()` or 8192 bytes.
 *
 * `newline` says how lines end. Reading: null (the default) recognizes "\n", "\r" and "\r\n" and
 * makes each "\n"; "" recognizes all three and leaves them as they are; any other value is the only
 * line end. Writing: "\n" becomes `newline`, unless that is null or "". As in Python, writing
 * discards text that was received and not yet read.
 *
 * Python: `io.TextIOWrapper`.
 */
export class TextIOWrapper extends IOBase<string> {
  /** The mode given to `makefile`. Python: `mode`. */
  mode = "";
  #buffer: TextBuffer | null;
  #encoding: string;
  #errors: string;
  #newline: Newline;
  #line_buffering: boolean;
  #write_through: boolean;
  readonly #can_write: boolean;
  /** null for a file that cannot be read. */
  #decoder: NewlineDecoder | null;
  /** Decoded text, and how much of it has been read; null if there is none since the last end. */
  #decoded: string | null = null;
  #used = 0;
  #pending: Buffer[] = [];
  #pending_length = 0;

  /**
   * Over a buffered file. `encoding` (null: "utf-8") and `errors` (null: "strict") are as in `str`
   * and `bytes`, `newline` is as above. `line_buffering` flushes at the end of a line,
   * `write_through` buffers no text. LookupError for an unknown encoding, ValueError for any other
   * `newline`.
   */
  constructor(
    buffer: TextBuffer,
    encoding: string | null = null,
    errors: string | null = null,
    newline: string | null = null,
    line_buffering: boolean = false,
    write_through: boolean = false,
  ) {
    super();
    this.#encoding = encoding_of(as_text(encoding, "encoding"));
    this.#errors = as_text(errors, "errors") ?? "strict";
    this.#newline = as_newline(newline);
    this.#line_buffering = line_buffering;
    this.#write_through = write_through;
    this.#buffer = buffer;
    this.#can_write = buffer.writable();
    this.#decoder = buffer.readable() ? this.#new_decoder() : null;
  }

  #new_decoder(): NewlineDecoder {
    const decoder = new IncrementalDecoder(this.#encoding, this.#errors);
    return new NewlineDecoder(decoder, this.#newline);
  }

  /**
   * The buffered file below. It is null once it is detached: the type leaves that out, for it would ask
   * everybody for a check that hardly anybody needs. Python: `buffer`.
   */
  get buffer(): TextBuffer {
    return this.#buffer as TextBuffer;
  }

  /** The name of the encoding, as it was given. Python: `encoding`. */
  get encoding(): string {
    return this.#encoding;
  }

  /** How errors are handled. Python: `errors`. */
  get errors(): string {
    return this.#errors;
  }

  /** The line ends seen so far, one or a tuple; null for none. Python: `newlines`. */
  get newlines(): string | readonly string[] | null {
    this.#attached();
    return this.#decoder?.newlines ?? null;
  }

  /** Whether the end of a line flushes the file. Python: `line_buffering`. */
  get line_buffering(): boolean {
    return this.#line_buffering;
  }

  /** Whether text goes to the buffered file immediately. Python: `write_through`. */
  get write_through(): boolean {
    return this.#write_through;
  }

  /** The socket's descriptor, -1 once the file is closed; undefined for a pair. Python: `name`. */
  get name(): number | undefined {
    return name_of(this.#attached());
  }

  override get closed(): boolean {
    return this.#attached().closed;
  }

  #attached(): TextBuffer {
    if (this.#buffer === null) throw new ValueError("underlying buffer has been detached");
    return this.#buffer;
  }

  #open(): TextBuffer {
    this._check_closed();
    return this.#attached();
  }

  override readable(): boolean {
    return this.#attached().readable();
  }

  override writable(): boolean {
    return this.#attached().writable();
  }

  override seekable(): boolean {
    return this.#attached().seekable();
  }

  override isatty(): boolean {
    return this.#attached().isatty();
  }

  override fileno(): number {
    return this.#attached().fileno();
  }

  override seek(_offset: number, _whence: number = 0): number {
    this.#open();
    throw new UnsupportedOperation("underlying stream is not seekable");
  }

  override truncate(size: number | null = null): number {
    this.flush();
    return this.#attached().truncate(size);
  }

  /** `size` characters, fewer only at the end; -1 or null for all until the end. Python: `read()`. */
  read(size: number | null = -1): string {
    const n = as_optional_size(size);
    const buffer = this.#open();
    const decoder = this.#reading();
    this.#write_pending();
    if (n < 0) {
      const data = buffer.read();
      if (data === null) throw new TypeError("can't concat NoneType to bytes");
      const last = decoder.decode(data, true);
      const text = this.#take(Infinity) + last;
      this.#decoded = null;
      return text;
    }
    let text = this.#take(n);
    let left = n - code_points(text);
    while (left > 0 && this.#read_chunk(left)) {
      const part = this.#take(left);
      text += part;
      left -= code_points(part);
    }
    return text;
  }

  override readline(size: number | null = -1): string {
    const limit = as_signed_size(size);
    this.#open();
    this.#write_pending();
    // Never searched again: however long a line gets, only what has just arrived is looked at.
    let line = "";
    let left = limit < 0 ? Infinity : limit;
    // A "\r" that ended what came before, and may be the first half of the line's end.
    let half = "";
    for (;;) {
      while (this.#decoded === null || this.#decoded.length === 0) {
        if (!this.#read_chunk(0)) {
          this.#decoded = null;
          return line + half;
        }
      }
      const text = half + this.#decoded.slice(this.#used);
      const found = end_of_line(text, this.#newline);
      const is_cut = found === -1 && this.#newline === "\r\n" && text.endsWith("\r");
      const end = found === -1 ? text.length - Number(is_cut) : found;
      const part = text.slice(0, end);
      const characters = left === Infinity ? 0 : code_points(part);
      if (left <= characters) return line + this.#cut(text, half.length, index_of(text, left));
      if (found !== -1) return line + this.#cut(text, half.length, end);
      line += part;
      left -= characters;
      half = is_cut ? "\r" : "";
      this.#decoded = null;
    }
  }

  /** Takes all the text, and returns its number of characters. Python: `write()`. */
  override write(text: string): number {
    if (typeof text !== "string") {
      const name = text === null || text === undefined ? "None" : type_name(text);
      throw new TypeError(`write() argument must be str, not ${name}`);
    }
    const buffer = this.#open();
    if (!this.#can_write) throw new UnsupportedOperation("not writable");
    const is_line = this.#line_buffering && /[\r\n]/.test(text);
    const translated =
      this.#newline === "\r" || this.#newline === "\r\n"
        ? text.replaceAll("\n", this.#newline)
        : text;
    const bytes = encode_part(translated, this.#encoding, this.#errors);
    if (this.#pending_length + bytes.length > CHUNK_SIZE) this.#write_pending();
    this.#pending.push(bytes);
    this.#pending_length += bytes.length;
    if (this.#pending_length >= CHUNK_SIZE || is_line || this.#write_through) this.#write_pending();
    if (is_line) buffer.flush();
    this.#decoded = null;
    this.#decoder?.reset();
    return code_points(text);
  }

  override flush(): void {
    const buffer = this.#open();
    this.#write_pending();
    buffer.flush();
  }

  override close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this.#attached().close();
    }
  }

  /** Detaches the buffered file and returns it; this file cannot be used then. Python: `detach()`. */
  detach(): TextBuffer {
    this.flush();
    const buffer = this.#attached();
    this.#buffer = null;
    return buffer;
  }

  /**
   * Flushes, and changes how text is read and written from now on. UnsupportedOperation for another
   * encoding or newline once text was read. Python: `reconfigure()`.
   */
  reconfigure(changes: TextConfiguration = {}): void {
    const { encoding = null, errors = null, newline } = changes;
    const is_other = encoding !== null || errors !== null || newline !== undefined;
    if (is_other && this.#decoded !== null) {
      throw new UnsupportedOperation(
        "It is not possible to set the encoding or newline of stream after the first read",
      );
    }
    const ends = newline === undefined ? this.#newline : as_newline(newline);
    const codec = encoding === null ? this.#encoding : encoding_of(encoding);
    this.flush();
    this.#newline = ends;
    this.#errors = errors ?? (encoding === null ? this.#errors : "strict");
    this.#encoding = codec;
    this.#line_buffering = changes.line_buffering ?? this.#line_buffering;
    this.#write_through = changes.write_through ?? this.#write_through;
    if (is_other && this.#decoder !== null) this.#decoder = this.#new_decoder();
  }

  override __repr__(): string {
    const name = this.#buffer === null ? undefined : name_of(this.#buffer);
    return described("TextIOWrapper", { name, mode: this.mode, encoding: this.#encoding });
  }

  #reading(): NewlineDecoder {
    if (this.#decoder === null) throw new UnsupportedOperation("not readable");
    return this.#decoder;
  }

  /** Receives once and decodes, after all that came before was read; false at the end. */
  #read_chunk(size: number): boolean {
    const decoder = this.#reading();
    const data = this.#attached().read1(Math.max(CHUNK_SIZE, size));
    this.#decoded = decoder.decode(data, data.length === 0);
    this.#used = 0;
    return data.length > 0 || this.#decoded.length > 0;
  }

  /** At most `size` characters of the decoded text. */
  #take(size: number): string {
    if (this.#decoded === null) return "";
    const text = this.#decoded.slice(this.#used);
    const taken = text.slice(0, index_of(text, size));
    this.#used += taken.length;
    return taken;
  }

  /** The text up to `end`; the rest stays unread. Its first `kept` units are no longer in `#decoded`. */
  #cut(text: string, kept: number, end: number): string {
    this.#used += end - kept;
    return text.slice(0, end);
  }

  #write_pending(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pending_length = 0;
    this.#attached().write(bytes);
  }
}

/** An argument that is text or null. */
function as_text(value: unknown, where: string): string | null {
  if (value === null || value === undefined || typeof value === "string") return value ?? null;
  const name = type_name(value);
  throw new TypeError(`TextIOWrapper() argument '${where}' must be str or None, not ${name}`);
}

function as_newline(value: unknown): Newline {
  const newline = as_text(value, "newline");
  if (newline === null || ["", "\n", "\r", "\r\n"].includes(newline)) return newline as Newline;
  throw new ValueError(`illegal newline value: ${newline}`);
}

function encoding_of(encoding: string | null): string {
  // The locale's encoding is taken to be UTF-8.
  if (encoding === null || encoding === "locale") return "UTF-8";
  check_encoding(encoding);
  return encoding;
}

function name_of(buffer: TextBuffer): number | undefined {
  return "name" in buffer ? buffer.name : undefined;
}

/** The index at which character number `n` begins, or the text ends. */
function index_of(text: string, n: number): number {
  if (n >= text.length) return text.length;
  let at = 0;
  for (let left = n; left > 0 && at < text.length; left--) {
    at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  }
  return at;
}
