/**
 * Files of bytes with a buffer: Python's `io.BufferedReader`, `io.BufferedWriter` and
 * `io.BufferedRWPair` over a socket.
 */
import { as_bytes, as_signed_size } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { BlockingIOError, UnsupportedOperation, ValueError } from "../core/exceptions.ts";
import { check_signals } from "../core/interrupt.ts";
import { allocate, copied, joined, trimmed } from "../core/memory.ts";
import { native } from "../native.ts";
import {
  as_optional_size,
  as_target,
  BufferedIOBase,
  bytes_of,
  DEFAULT_BUFFER_SIZE,
} from "./base.ts";
import { Buffered } from "./buffered-base.ts";
import type { SocketIO } from "./raw.ts";

const NEWLINE = 0x0a;

/** Memory for a buffer. */
function new_buffer(buffer_size: number): Buffer {
  const size = as_signed_size(buffer_size);
  if (size <= 0) throw new ValueError("buffer size must be strictly positive");
  return allocate(size);
}

/**
 * Reads bytes through a buffer, with the socket's timeout. If a non-blocking socket would have to
 * wait, `read` and `readinto` return null; other methods take it for the end.
 *
 * Python: `io.BufferedReader`.
 */
export class BufferedReader extends Buffered {
  readonly #buffer: Buffer;
  /** Unread bytes are from `#pos` to `#end`. */
  #pos = 0;
  #end = 0;

  /** UnsupportedOperation for a raw file that cannot be read; ValueError for a buffer without bytes. */
  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    if (!raw.readable()) throw new UnsupportedOperation("File or stream is not readable.");
    super(raw);
    this.#buffer = new_buffer(buffer_size);
  }

  override readable(): boolean {
    return this._raw.readable();
  }

  /**
   * `size` bytes, fewer only at the end; -1 or null for all until the end. Null if a non-blocking
   * socket has none. ValueError for any other negative size. Python: `read()`.
   */
  override read(size: number | null = -1): Buffer | null {
    const n = as_optional_size(size);
    const raw = this._raw;
    if (n < -1) throw new ValueError("read length must be non-negative or -1");
    this.#check_open("read");
    if (n === -1) return this.#read_all(raw);
    return n <= this.#end - this.#pos ? this.#take(n) : this.#read_more(n);
  }

  /** At most `size` bytes (-1: the size of the buffer), with at most one receive. Python: `read1()`. */
  override read1(size: number = -1): Buffer {
    const n = as_signed_size(size);
    this.#check_open("read");
    if (n === 0) return Buffer.alloc(0);
    const most = n < 0 ? this.#buffer.length : n;
    if (this.#pos < this.#end) return this.#take(most);
    const bytes = allocate(most);
    return trimmed(bytes, this._raw.readinto(bytes) ?? 0);
  }

  /** Reads into memory until it is full, and returns the number of bytes; null as in `read`. Python: `readinto()`. */
  override readinto(view: BytesLike): number | null {
    return this.#read_into(as_target(view, "readinto"), false);
  }

  /** The same with at most one receive. Python: `readinto1()`. */
  override readinto1(view: BytesLike): number | null {
    return this.#read_into(as_target(view, "readinto1"), true);
  }

  /** The bytes in the buffer, which stay there; receives first if it is empty. Python: `peek()`. */
  peek(size: number = 0): Buffer {
    as_signed_size(size);
    this.#check_open("peek");
    if (this.#pos === this.#end) {
      this.#reset();
      this.#fill();
    }
    return copied(this.#buffer, this.#pos, this.#end);
  }

  override readline(size: number | null = -1): Buffer {
    let limit = as_optional_size(size);
    this.#check_open("readline");
    if (limit < 0) limit = Infinity;
    const parts: Buffer[] = [];
    do {
      const newline = this.#buffer.subarray(this.#pos, this.#end).indexOf(NEWLINE);
      const length = newline < 0 ? this.#end - this.#pos : newline + 1;
      const part = this.#take(Math.min(length, limit));
      limit -= part.length;
      parts.push(part);
      if (limit === 0 || newline >= 0) break;
      this.#reset();
    } while ((this.#fill() ?? 0) > 0);
    return joined(parts);
  }

  override close(): void {
    super.close();
    this.#reset();
  }

  /** As in CPython, bytes in the buffer can be read even if the raw file is closed. */
  #check_open(what: string): void {
    if (this.closed && this.#pos === this.#end) throw new ValueError(`${what} of closed file`);
  }

  /** A copy of at most `n` bytes of the buffer. */
  #take(n: number): Buffer {
    const start = this.#pos;
    this.#pos = Math.min(start + n, this.#end);
    return copied(this.#buffer, start, this.#pos);
  }

  #reset(): void {
    this.#pos = 0;
    this.#end = 0;
  }

  /** Receives once into the rest of the buffer; null if it would have to wait. */
  #fill(): number | null {
    const n = this._raw.readinto(this.#buffer.subarray(this.#end));
    this.#end += n ?? 0;
    return n;
  }

  #read_all(raw: SocketIO): Buffer | null {
    const first = this.#take(Infinity);
    this.#reset();
    const rest = raw.readall();
    return first.length === 0 ? rest : joined(rest === null ? [first] : [first, rest]);
  }

  #read_more(n: number): Buffer | null {
    const bytes = allocate(n);
    let got = this.#move(bytes, 0);
    this.#reset();
    while (got < n) {
      // Whole buffers are received in place; the last bytes go through the buffer, which may get
      // more.
      const left = n - got;
      const whole = left - (left % this.#buffer.length);
      const came = whole > 0 ? this._raw.readinto(bytes.subarray(got, got + whole)) : this.#fill();
      if (came === null && got === 0) return null;
      if (came === null || came === 0) return trimmed(bytes, got);
      got += whole > 0 ? came : this.#move(bytes, got);
    }
    return bytes;
  }

  #read_into(target: Uint8Array, once: boolean): number | null {
    this.#check_open("readinto");
    let got = this.#move(target, 0);
    if (this.#pos === this.#end) this.#reset();
    while (got < target.length) {
      const is_direct = target.length - got > this.#buffer.length;
      if (once && got > 0 && !is_direct) break;
      const came = is_direct ? this._raw.readinto(target.subarray(got)) : this.#fill();
      if (came === null && got === 0) return null;
      if (came === null || came === 0) break;
      got += is_direct ? came : this.#move(target, got);
      if (once) break;
    }
    return got;
  }

  /** Moves what fits of the buffer to `target` from `offset` on, and returns the number of bytes. */
  #move(target: Uint8Array, offset: number): number {
    const n = this.#buffer.copy(target, offset, this.#pos, this.#end);
    this.#pos += n;
    return n;
  }
}

/**
 * Writes bytes through a buffer, which is sent when it is full, on `flush()` and on `close()`. On a
 * non-blocking socket, BlockingIOError if neither the system nor the buffer has room; its
 * `characters_written` says how many bytes were taken.
 *
 * Python: `io.BufferedWriter`.
 */
export class BufferedWriter extends Buffered {
  readonly #buffer: Buffer;
  /** Unsent bytes are from `#start` to `#end`. */
  #start = 0;
  #end = 0;

  /** UnsupportedOperation for a raw file that cannot be written; ValueError for a buffer without bytes. */
  constructor(raw: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    if (!raw.writable()) throw new UnsupportedOperation("File or stream is not writable.");
    super(raw);
    this.#buffer = new_buffer(buffer_size);
  }

  override writable(): boolean {
    return this._raw.writable();
  }

  /** Takes all the bytes, and returns their number. Python: `write()`. */
  override write(data: BytesLike): number {
    const bytes = bytes_of(as_bytes(data));
    if (this.closed) throw new ValueError("write to closed file");
    if (bytes.length <= this.#buffer.length - this.#end) return this.#keep(bytes);
    if (!this.#send_all()) {
      // Bytes that were sent make room.
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
      const kept = this.#keep(bytes);
      if (kept < bytes.length) throw would_block(kept);
      return kept;
    }
    let sent = 0;
    while (bytes.length - sent > this.#buffer.length) {
      const n = this._raw.write(bytes.subarray(sent));
      if (n === null) throw would_block(sent + this.#keep(bytes.subarray(sent)));
      sent += n;
    }
    return sent + this.#keep(bytes.subarray(sent));
  }

  /** Sends what is in the buffer. BlockingIOError if the system takes no more now. Python: `flush()`. */
  override flush(): void {
    if (this.closed) throw new ValueError("flush of closed file");
    if (!this.#send_all()) throw would_block(0);
  }

  /** Buffers the bytes that there is room for, and returns their number. */
  #keep(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#buffer.length - this.#end);
    this.#buffer.set(part, this.#end);
    this.#end += part.length;
    return part.length;
  }

  /** Sends the buffer; false if the system takes no more now. */
  #send_all(): boolean {
    while (this.#start < this.#end) {
      const n = this._raw.write(this.#buffer.subarray(this.#start, this.#end));
      if (n === null) return false;
      this.#start += n;
      check_signals();
    }
    this.#start = 0;
    this.#end = 0;
    return true;
  }
}

/** The error of a write that would have to wait, after so many bytes. */
function would_block(characters_written: number): BlockingIOError {
  const text = "write could not complete without blocking";
  return Object.assign(new BlockingIOError(native.errors.EAGAIN, text), { characters_written });
}

/**
 * A reader and a writer over the same socket. Other methods, such as `readline`, use `peek` and
 * `read`.
 *
 * Python: `io.BufferedRWPair`.
 */
export class BufferedRWPair extends BufferedIOBase {
  readonly #reader: BufferedReader;
  readonly #writer: BufferedWriter;

  /** Both get a buffer of this size. Errors as in the reader and the writer. */
  constructor(reader: SocketIO, writer: SocketIO, buffer_size: number = DEFAULT_BUFFER_SIZE) {
    super();
    this.#reader = new BufferedReader(reader, buffer_size);
    this.#writer = new BufferedWriter(writer, buffer_size);
  }

  override get closed(): boolean {
    return this.#writer.closed;
  }

  override readable(): boolean {
    return this.#reader.readable();
  }

  override writable(): boolean {
    return this.#writer.writable();
  }

  override isatty(): boolean {
    return this.#writer.isatty() || this.#reader.isatty();
  }

  /** As BufferedReader's. Python: `read()`. */
  override read(size: number | null = -1): Buffer | null {
    return this.#reader.read(size);
  }

  /** As BufferedReader's. Python: `read1()`. */
  override read1(size: number = -1): Buffer {
    return this.#reader.read1(size);
  }

  /** As BufferedReader's. Python: `readinto()`. */
  override readinto(view: BytesLike): number | null {
    return this.#reader.readinto(view);
  }

  /** As BufferedReader's. Python: `readinto1()`. */
  override readinto1(view: BytesLike): number | null {
    return this.#reader.readinto1(view);
  }

  /** As BufferedReader's. Python: `peek()`. */
  peek(size: number = 0): Buffer {
    return this.#reader.peek(size);
  }

  /** @internal */
  protected override _ahead(): Buffer {
    return this.#reader.peek(1);
  }

  /** As BufferedWriter's. Python: `write()`. */
  override write(data: BytesLike): number {
    return this.#writer.write(data);
  }

  override flush(): void {
    this.#writer.flush();
  }

  override close(): void {
    try {
      this.#writer.close();
    } finally {
      this.#reader.close();
    }
  }
}
