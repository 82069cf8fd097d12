/**
 * Numbers and bytes as C lays them out: Python's `struct`, with its formats and messages.
 *
 * https://docs.python.org/3/library/struct.html
 *
 * Integers of eight bytes come back as a number where that is exact, as a bigint where it is not.
 */
import { as_buffer, as_integer } from "./core/arguments.ts";
import type { BytesLike } from "./core/arguments.ts";
import { repr } from "./core/repr.ts";
import { error } from "./struct/error.ts";
import { layout_of } from "./struct/format.ts";
import type { Layout } from "./struct/format.ts";
import type { Packed, Unpacked } from "./struct/types.ts";
import { read_value, write_value } from "./struct/values.ts";

export { error } from "./struct/error.ts";
export type { Packed, Unpacked } from "./struct/types.ts";

/** A format that is used again and again. Python: `struct.Struct`. */
export class Struct<Format extends string = string> {
  /** The format, as it was given. */
  readonly format: Format;
  /** How many bytes it takes. */
  readonly size: number;
  readonly #layout: Layout;

  /** Takes a format apart. Throws `error` for one that is none. */
  constructor(format: Format) {
    this.#layout = layout_of(format);
    this.format = this.#layout.format as Format;
    this.size = this.#layout.size;
  }

  /** The bytes of values. Throws `error` for other values than the format asks for. Python: `pack()`. */
  pack(...values: Packed<Format>): Buffer {
    check_count("pack", this.#layout, values);
    const memory = Buffer.alloc(this.size);
    this.#write(memory, 0, values);
    return memory;
  }

  /** Packs into memory, from an offset on; a negative one counts from its end. Python: `pack_into()`. */
  pack_into(buffer: BytesLike, offset: number, ...values: Packed<Format>): void {
    if (offset === undefined) throw new error("pack_into expected offset argument");
    check_count("pack_into", this.#layout, values);
    const memory = as_buffer(buffer);
    const given = as_integer(offset);
    if (given < 0 && given + this.size > 0)
      throw new error(`no space to pack ${this.size} bytes at offset ${given}`);
    const at = place("pack_into", "packing", memory, this.size, given);
    memory.fill(0, at, at + this.size);
    this.#write(memory, at, values);
  }

  /** The values in exactly as many bytes as the format takes. Python: `unpack()`. */
  unpack(buffer: BytesLike): Unpacked<Format> {
    const memory = as_buffer(buffer);
    if (memory.length !== this.size)
      throw new error(`unpack requires a buffer of ${this.size} bytes`);
    return this.#read(memory, 0);
  }

  /** The values in memory, from an offset on; a negative one counts from its end. Python: `unpack_from()`. */
  unpack_from(buffer: BytesLike, offset: number = 0): Unpacked<Format> {
    const memory = as_buffer(buffer);
    const given = as_integer(offset);
    if (given < 0 && given + this.size > 0)
      throw new error(`not enough data to unpack ${this.size} bytes at offset ${given}`);
    return this.#read(memory, place("unpack_from", "unpacking", memory, this.size, given));
  }

  /** The values of one struct after the other. Python: `iter_unpack()`. */
  iter_unpack(buffer: BytesLike): IterableIterator<Unpacked<Format>> {
    if (this.size === 0) throw new error("cannot iteratively unpack with a struct of length 0");
    const memory = as_buffer(buffer);
    if (memory.length % this.size !== 0)
      throw new error(`iterative unpacking requires a buffer of a multiple of ${this.size} bytes`);
    return this.#each(memory);
  }

  *#each(memory: Buffer): Generator<Unpacked<Format>, undefined> {
    for (let at = 0; at < memory.length; at += this.size) yield this.#read(memory, at);
  }

  #write(memory: Buffer, at: number, values: readonly unknown[]): void {
    for (const [index, field] of this.#layout.fields.entries()) {
      write_value(memory, at, field, this.#layout, values[index]);
    }
  }

  #read(memory: Buffer, at: number): Unpacked<Format> {
    const values = this.#layout.fields.map((field) => read_value(memory, at, field, this.#layout));
    return Object.freeze(values) as Unpacked<Format>;
  }

  /** `Struct('<HH')`. */
  __repr__(): string {
    return `Struct(${repr(this.format)})`;
  }
}

function check_count(name: string, { fields }: Layout, values: readonly unknown[]): void {
  if (fields.length === values.length) return;
  throw new error(`${name} expected ${fields.length} items for packing (got ${values.length})`);
}

/** Where an offset is; throws `error` if there is no room for a struct. */
function place(name: string, doing: string, memory: Buffer, size: number, given: number): number {
  const at = given < 0 ? given + memory.length : given;
  if (at < 0) throw new error(`offset ${given} out of range for ${memory.length}-byte buffer`);
  if (memory.length - at >= size) return at;
  throw new error(
    `${name} requires a buffer of at least ${at + size} bytes for ${doing} ${size} bytes at offset ` +
      `${at} (actual buffer size is ${memory.length})`,
  );
}

/** How many bytes a format takes. Python: `struct.calcsize`. */
export function calcsize(format: string): number {
  return layout_of(format).size;
}

/** The bytes of values in a format. Python: `struct.pack`. */
export function pack<const Format extends string>(
  format: Format,
  ...values: Packed<Format>
): Buffer {
  return new Struct(format).pack(...values);
}

/** Packs values into memory, from an offset on. Python: `struct.pack_into`. */
export function pack_into<const Format extends string>(
  format: Format,
  buffer: BytesLike,
  offset: number,
  ...values: Packed<Format>
): void {
  new Struct(format).pack_into(buffer, offset, ...values);
}

/** The values in exactly as many bytes as the format takes. Python: `struct.unpack`. */
export function unpack<const Format extends string>(
  format: Format,
  buffer: BytesLike,
): Unpacked<Format> {
  return new Struct(format).unpack(buffer);
}

/** The values in memory, from an offset on. Python: `struct.unpack_from`. */
export function unpack_from<const Format extends string>(
  format: Format,
  buffer: BytesLike,
  offset: number = 0,
): Unpacked<Format> {
  return new Struct(format).unpack_from(buffer, offset);
}

/** The values of one struct after the other. Python: `struct.iter_unpack`. */
export function iter_unpack<const Format extends string>(
  format: Format,
  buffer: BytesLike,
): IterableIterator<Unpacked<Format>> {
  return new Struct(format).iter_unpack(buffer);
}
