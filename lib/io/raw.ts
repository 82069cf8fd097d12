/** A socket as an unbuffered file: Python's `socket.SocketIO`. */
import { as_signed_size } from "../core/arguments.ts";
import type { BytesLike } from "../core/arguments.ts";
import { OSError, TimeoutError, UnsupportedOperation, ValueError } from "../core/exceptions.ts";
import { allocate, joined, trimmed } from "../core/memory.ts";
import { repr } from "../core/repr.ts";
import { native } from "../native.ts";
import { BytesIOBase, DEFAULT_BUFFER_SIZE } from "./base.ts";

/** What files need of their socket. */
export interface FileSocket {
  /** @internal */
  _incref_socketios(): void;
  /** @internal */
  _decref_socketios(): void;
  fileno(): number;
  recv_into(buffer: BytesLike): number;
  send(data: BytesLike): number;
}

/**
 * A socket as an unbuffered file, with the socket's timeout. On a non-blocking socket, null means
 * that nothing can be read or written now. After a timeout while reading, it cannot be read again,
 * because bytes may be lost.
 *
 * Python: `socket.SocketIO`.
 */
export class SocketIO extends BytesIOBase {
  #sock: FileSocket | null;
  readonly #mode: string;
  /** @internal Whether reading has timed out. */
  _timeout_occurred = false;

  /** For `mode` "r", "w" or "rw". A file that is not `makefile`'s holds no reference to the socket. */
  constructor(sock: FileSocket, mode: string) {
    if (!["r", "w", "rw", "rb", "wb", "rwb"].includes(mode)) {
      throw new ValueError(`invalid mode: ${repr(mode)}`);
    }
    super();
    this.#sock = sock;
    this.#mode = mode.endsWith("b") ? mode : `${mode}b`;
  }

  override get closed(): boolean {
    return this.#sock === null;
  }

  /** The socket's descriptor, -1 once the file is closed. Python: `name`. */
  get name(): number {
    return this.#sock === null ? -1 : this.#sock.fileno();
  }

  /** "rb", "wb" or "rwb". Python: `mode`. */
  get mode(): string {
    return this.#mode;
  }

  /** The socket of a file that is open. */
  #open(): FileSocket {
    if (this.#sock === null) throw new ValueError("I/O operation on closed file.");
    return this.#sock;
  }

  #check_open(): void {
    if (this.closed) throw new ValueError("I/O operation on closed socket.");
  }

  override readable(): boolean {
    this.#check_open();
    return this.#mode.includes("r");
  }

  override writable(): boolean {
    this.#check_open();
    return this.#mode.includes("w");
  }

  override seekable(): boolean {
    this.#check_open();
    return false;
  }

  override fileno(): number {
    return this.#open().fileno();
  }

  /** Receives once, at most `size` bytes, or with -1 until the end. Python: `read()`. */
  override read(size: number | null = -1): Buffer | null {
    const n = as_signed_size(size);
    if (n < 0) return this.readall();
    const bytes = allocate(n);
    const came = this.readinto(bytes);
    return came === null ? null : trimmed(bytes, came);
  }

  /** All bytes until the end, or until it would have to wait. Python: `readall()`. */
  readall(): Buffer | null {
    const parts: Buffer[] = [];
    let part = this.read(DEFAULT_BUFFER_SIZE);
    if (part === null) return null;
    for (; part !== null && part.length > 0; part = this.read(DEFAULT_BUFFER_SIZE)) {
      parts.push(part);
    }
    return joined(parts);
  }

  /**
   * Receives once and returns the number of bytes: 0 at the end, null if it would have to wait.
   * Python: `readinto()`.
   */
  readinto(view: BytesLike): number | null {
    const sock = this.#open();
    if (!this.readable()) throw new UnsupportedOperation("File or stream is not readable.");
    if (this._timeout_occurred) throw new OSError("cannot read from timed out object");
    try {
      return sock.recv_into(view);
    } catch (error) {
      if (error instanceof TimeoutError) this._timeout_occurred = true;
      return null_if_blocking(error);
    }
  }

  /** Sends once and returns the number of bytes, null if it would have to wait. Python: `write()`. */
  override write(data: BytesLike): number | null {
    const sock = this.#open();
    if (!this.writable()) throw new UnsupportedOperation("File or stream is not writable.");
    try {
      return sock.send(data);
    } catch (error) {
      return null_if_blocking(error);
    }
  }

  /** Closes the file, and the socket if that was closed before and has no other file. Python: `close()`. */
  override close(): void {
    const sock = this.#sock;
    this.#sock = null;
    sock?._decref_socketios();
  }

  override __repr__(): string {
    return "<socket.SocketIO object>";
  }
}

/** Null for the error of a socket that would have to wait; throws any other. */
function null_if_blocking(error: unknown): null {
  if (error instanceof OSError && error.errno === native.errors.EAGAIN) return null;
  throw error;
}
