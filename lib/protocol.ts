/**
 * The tutorial's application protocol: messages to bytes and back, without sockets.
 *
 * A message is the length of its header in two bytes, big-endian; the header, JSON in UTF-8; and
 * the content, as many bytes as the header's `content-length` says.
 */
import { endianness } from "node:os";

import { as_buffer } from "./core/arguments.ts";
import type { BytesLike } from "./core/arguments.ts";
import { ValueError } from "./core/exceptions.ts";
import { repr } from "./core/repr.ts";
import { json_decode, json_encode } from "./protocol/json.ts";
import { pack, unpack } from "./struct.ts";

export { json_decode, JSONDecodeError, json_encode } from "./protocol/json.ts";
export { error as StructError } from "./struct.ts";

/** A message's header: the four required fields, and any others. */
export interface Header {
  /** The sender's byte order: "little" or "big". Python's `sys.byteorder`. */
  readonly byteorder: string;
  /** What the content is: "text/json". */
  readonly "content-type": string;
  /** The encoding of the content: "utf-8"; "binary" if it is not text. */
  readonly "content-encoding": string;
  /** How many bytes of content follow. */
  readonly "content-length": number;
  readonly [name: string]: unknown;
}

/** A received message. */
export interface Message {
  /** The message's header. */
  readonly header: Header;
  /** The bytes of its content. */
  readonly content: Buffer;
}

/** A message for `encode`. */
export interface Outgoing {
  /** The bytes of its content. */
  readonly content: BytesLike;
  /** Their type: "text/json", "binary/custom-client-binary-type" ... */
  readonly content_type: string;
  /** Their encoding: "utf-8" ...; "binary" if they are not text. */
  readonly content_encoding: string;
}

/**
 * The bytes of a message: the tutorial's `_create_message()`. Throws StructError if the header is
 * longer than 65,535 bytes.
 */
export function encode({ content, content_type, content_encoding }: Outgoing): Buffer {
  const body = as_buffer(content);
  const header = json_encode(
    {
      byteorder: endianness() === "LE" ? "little" : "big",
      "content-type": content_type,
      "content-encoding": content_encoding,
      "content-length": body.length,
    },
    "utf-8",
  );
  return Buffer.concat([pack_length(header.length), header, body]);
}

/** How much a Decoder accepts. */
export interface Limits {
  /** The longest header in bytes; by default 65,535, the most that the format allows. */
  readonly max_header?: number | undefined;
  /** The longest content in bytes; by default 1 MiB (1,048,576), Infinity for no limit. */
  readonly max_content?: number | undefined;
}

const LENGTH_SIZE = 2;
const empty = Buffer.alloc(0);

/**
 * Turns received bytes into messages, however they are split: the reading half of the tutorial's
 * `Message`, with limits. Throws ValueError for a limit below 0.
 */
export class Decoder {
  readonly #max_header: number;
  readonly #max_content: number;
  /** The part that is arriving. */
  #state: "length" | "header" | "content" = "length";
  /** Its first `#have` bytes have arrived. */
  #part: Buffer = empty;
  #have = 0;
  #need = LENGTH_SIZE;
  /** The header of the message whose content is arriving. */
  #header: Header | null = null;
  #error: unknown = null;

  /** A decoder of one connection's bytes. ValueError for a limit that is negative or NaN. */
  constructor({ max_header = 0xffff, max_content = 2 ** 20 }: Limits = {}) {
    // NaN fails this as well.
    if (!(max_header >= 0 && max_content >= 0))
      throw new ValueError("a limit must not be negative");
    this.#max_header = max_header;
    this.#max_content = max_content;
  }

  /**
   * Takes the bytes that arrived next, and returns the messages that they complete: often none. The
   * bytes are copied, so the caller can reuse their memory.
   *
   * Throws ValueError for an invalid message: a header that is not a JSON object in UTF-8, lacks
   * one of the four fields or has a wrong value for it, or a length over the limit. Every later
   * call throws the same error. Messages that were complete before are not lost: this call returns
   * them, and the next one throws.
   */
  push(data: BytesLike): Message[] {
    const input = as_buffer(data);
    if (this.#error !== null) throw this.#error;
    const messages: Message[] = [];
    try {
      for (let at = 0; at < input.length;) {
        at += this.#take(input, at);
        // Content of no bytes at all is complete as soon as it begins.
        while (this.#have === this.#need) this.#complete(messages);
      }
    } catch (error) {
      this.#error = error;
      this.#part = empty;
      if (messages.length === 0) throw error;
    }
    return messages;
  }

  /**
   * Whether a message has begun to arrive and the rest of it has not: for a server that limits how
   * long one may take.
   */
  get partial(): boolean {
    return this.#state !== "length" || this.#have > 0;
  }

  /** Call this when nothing more will arrive. Throws ValueError in the middle of a message. */
  end(): void {
    if (this.#error !== null) throw this.#error;
    if (!this.partial) return;
    throw new ValueError(
      `message ends too early: ${this.#have} of ${this.#need} bytes of its ${this.#state}`,
    );
  }

  /** Copies to the part what belongs to it, and returns the number of bytes. */
  #take(input: Buffer, at: number): number {
    const count = Math.min(input.length - at, this.#need - this.#have);
    const have = this.#have + count;
    if (have > this.#part.length) {
      // Never the announced length at once: a sender of few bytes must cost little memory. Doubled
      // each time, so that a byte is copied only a few times, however small the pieces are.
      const size = Math.min(this.#need, Math.max(have, 2 * this.#part.length));
      const larger = Buffer.allocUnsafe(size);
      this.#part.copy(larger, 0, 0, this.#have);
      this.#part = larger;
    }
    input.copy(this.#part, this.#have, at, at + count);
    this.#have = have;
    return count;
  }

  /** The part is complete, and `#part` has its length: goes on to the next. */
  #complete(messages: Message[]): void {
    const part = this.#part;
    if (this.#state === "length") {
      const length = unpack_length(part);
      check_limit("header", length, this.#max_header);
      this.#expect("header", length);
    } else if (this.#state === "header") {
      this.#header = header_of(part);
      const length = this.#header["content-length"];
      check_limit("content", length, this.#max_content);
      this.#expect("content", length);
    } else {
      messages.push({ header: this.#header as Header, content: part });
      this.#expect("length", LENGTH_SIZE);
    }
  }

  #expect(state: "length" | "header" | "content", need: number): void {
    this.#state = state;
    this.#need = need;
    this.#have = 0;
    this.#part = empty;
  }
}

function check_limit(part: string, length: number, limit: number): void {
  if (length <= limit) return;
  throw new ValueError(`message ${part} too long: ${length} bytes, the limit is ${limit}`);
}

function header_of(data: Buffer): Header {
  const decoded = json_decode(data, "utf-8");
  if (!(decoded instanceof Map)) throw new ValueError("message header is not a JSON object");
  // Without a prototype, names that every object inherits are as absent as in a dict.
  const header = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of decoded as Map<string, unknown>) header[name] = value;
  for (const name of ["byteorder", "content-length", "content-type", "content-encoding"]) {
    if (!(name in header)) throw new ValueError(`Missing required header '${name}'.`);
    const value = header[name];
    if (name === "content-length") header[name] = content_length(value);
    else if (typeof value !== "string") {
      throw new ValueError(`header '${name}' is not a string: ${repr(value)}`);
    }
  }
  return header as unknown as Header;
}

function content_length(value: unknown): number {
  const length = typeof value === "bigint" ? Number(value) : value;
  if (typeof length === "number" && Number.isInteger(length) && length >= 0) return length;
  throw new ValueError(`header 'content-length' is not a length: ${repr(value)}`);
}

/**
 * A number in two bytes, big-endian. Python's `struct.pack(">H", n)`; throws StructError if it is
 * not an integer from 0 to 65,535.
 */
export function pack_length(n: number): Buffer {
  return pack(">H", n);
}

/**
 * The number in two bytes, big-endian. Python's `struct.unpack(">H", data)[0]`; throws StructError
 * if there are more or fewer of them.
 */
export function unpack_length(data: BytesLike): number {
  return unpack(">H", data)[0];
}
