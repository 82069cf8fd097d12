/**
 * What all files over a socket share: Python's `io.IOBase` and `io.BufferedIOBase`, for files that
 * cannot seek.
 *
 * https://docs.python.org/3/library/io.html
 */
import { as_signed_size } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { OSError, UnsupportedOperation, ValueError } from "../core/exceptions.ts";
import { code_points, inspect_custom, repr, type_name } from "../core/repr.ts";

const NEWLINE = 0x0a;

/** The default size of a buffer. Python: `io.DEFAULT_BUFFER_SIZE`. */
export const DEFAULT_BUFFER_SIZE = 8192;

/** An optional size, -1 by default. */
export function as_optional_size(value: unknown): number {
  if (value === null || value === undefined) return -1;
  const is_int = Number.isInteger(value) || typeof value === "bigint" || typeof value === "boolean";
  if (is_int) return as_signed_size(value);
  throw new TypeError(`argument should be integer or None, not '${type_name(value)}'`);
}

/** The bytes of any view of memory, in place. */
export function bytes_of(view: BytesLike): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Memory for `where` to read into. */
export function as_target(view: unknown, where: string): Uint8Array {
  if (ArrayBuffer.isView(view)) return bytes_of(view);
  const name = type_name(view);
  throw new TypeError(`${where}() argument must be read-write bytes-like object, not ${name}`);
}

/**
 * A file of bytes or of text. It iterates over its lines and is its own iterator. On a closed file
 * all methods raise ValueError; what a file does not support raises UnsupportedOperation.
 *
 * Python: `io.IOBase`.
 */
export abstract class IOBase<Data extends Buffer | string> implements IterableIterator<Data> {
  /** Whether the file is closed. Python: `closed`. */
  abstract get closed(): boolean;

  /** Closes the file; a second time does nothing. Python: `close()`. */
  abstract close(): void;

  /** One line with its end, at most `size` of it; empty at the end of the file. Python: `readline()`. */
  abstract readline(size?: number | null): Data;

  /** Python: `write()`. */
  abstract write(data: Data extends string ? string : BytesLike): number | null;

  /** @internal */
  protected _check_closed(): void {
    if (this.closed) throw new ValueError("I/O operation on closed file.");
  }

  /** Whether it can be read from. Python: `readable()`. */
  readable(): boolean {
    return false;
  }

  /** Whether it can be written to. Python: `writable()`. */
  writable(): boolean {
    return false;
  }

  /** Whether it can seek: no file over a socket can. Python: `seekable()`. */
  seekable(): boolean {
    return false;
  }

  /** Whether it is a terminal: it is not. Python: `isatty()`. */
  isatty(): boolean {
    this._check_closed();
    return false;
  }

  /** The socket's descriptor, where there is one socket. Python: `fileno()`. */
  fileno(): number {
    throw new UnsupportedOperation("fileno");
  }

  /** UnsupportedOperation. Python: `seek()`. */
  seek(_offset: number, _whence: number = 0): number {
    throw new UnsupportedOperation("seek");
  }

  /** UnsupportedOperation. Python: `tell()`. */
  tell(): number {
    return this.seek(0, 1);
  }

  /** UnsupportedOperation. Python: `truncate()`. */
  truncate(_size: number | null = null): number {
    throw new UnsupportedOperation("truncate");
  }

  /** Sends what is buffered. Python: `flush()`. */
  flush(): void {
    this._check_closed();
  }

  /** The remaining lines; with `hint`, no more once they have that total length. Python: `readlines()`. */
  readlines(hint: number | null = -1): Data[] {
    const most = as_optional_size(hint);
    const lines: Data[] = [];
    let length = 0;
    for (const line of this) {
      lines.push(line);
      const size = typeof line === "string" ? code_points(line) : line.length;
      if (most > 0 && size > most - length) break;
      length += size;
    }
    return lines;
  }

  /** Writes the lines, with nothing between them. Python: `writelines()`. */
  writelines(lines: Iterable<Data extends string ? string : BytesLike>): void {
    this._check_closed();
    if (typeof (lines as typeof lines | null | undefined)?.[Symbol.iterator] !== "function") {
      throw new TypeError(`'${type_name(lines)}' object is not iterable`);
    }
    for (const line of lines) this.write(line);
  }

  /** The file itself. Python: `iter(file)`. */
  [Symbol.iterator](): this {
    this._check_closed();
    return this;
  }

  /** The next line. Python: `next(file)`. */
  next(): IteratorResult<Data, undefined> {
    const line = this.readline();
    return line.length === 0 ? { done: true, value: undefined } : { done: false, value: line };
  }

  /** `using file = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `<_io.BufferedRWPair object>` */
  __repr__(): string {
    return `<_io.${this.constructor.name} object>`;
  }

  /** The same as `__repr__()`. */
  toString(): string {
    return this.__repr__();
  }

  /** How console.log shows it: by `__repr__()`. */
  [inspect_custom](): string {
    return this.__repr__();
  }
}

/** A file of bytes whose `readline` uses `read` (and `peek`, if there is one). */
export abstract class BytesIOBase extends IOBase<Buffer> {
  /** Python: `read()`. */
  abstract read(size?: number | null): Buffer | null;

  /** @internal Bytes that are there already; without them, a line is read byte by byte. */
  protected _ahead(): Buffer | null {
    return null;
  }

  override readline(size: number | null = -1): Buffer {
    const most = as_optional_size(size);
    const limit = most < 0 ? Infinity : most;
    const parts: Buffer[] = [];
    let length = 0;
    while (length < limit) {
      const part = this.read(this.#rest_of_line(limit));
      if (part === null) {
        throw new OSError("read() should have returned a bytes object, not 'NoneType'");
      }
      if (part.length === 0) break;
      parts.push(part);
      length += part.length;
      if (part.at(-1) === NEWLINE) break;
    }
    return Buffer.concat(parts);
  }

  /** How much may be read without reading past the line's end. */
  #rest_of_line(limit: number): number {
    const ahead = this._ahead();
    if (ahead === null || ahead.length === 0) return 1;
    const length = ahead.indexOf(NEWLINE) + 1 || ahead.length;
    // As in CPython, not the rest of the limit: a line that arrives in pieces may become longer.
    return Math.min(length, limit);
  }
}

/** A file with a buffer between itself and the socket. Python: `io.BufferedIOBase`. */
export abstract class BufferedIOBase extends BytesIOBase {
  /** Python: `read()`. */
  read(_size: number | null = -1): Buffer | null {
    throw new UnsupportedOperation("read");
  }

  /** Python: `read1()`. */
  read1(_size: number = -1): Buffer {
    throw new UnsupportedOperation("read1");
  }

  /** Python: `readinto()`. */
  readinto(view: BytesLike): number | null {
    as_target(view, "readinto");
    return this.read()?.length ?? null;
  }

  /** Python: `readinto1()`. */
  readinto1(view: BytesLike): number | null {
    as_target(view, "readinto1");
    return this.read1().length;
  }

  /** Python: `write()`. */
  write(_data: BytesLike): number {
    throw new UnsupportedOperation("write");
  }

  /** Python: `detach()`. */
  detach(): unknown {
    throw new UnsupportedOperation("detach");
  }
}

/** `<_io.BufferedReader name=3>`, without undefined attributes. */
export function described(type: string, attributes: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `<${[`_io.${type}`, ...told.map(([key, value]) => `${key}=${repr(value)}`)].join(" ")}>`;
}
