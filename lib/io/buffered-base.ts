/** What Python's `io.BufferedReader` and `io.BufferedWriter` share. */
import { UnsupportedOperation, ValueError } from "../core/exceptions.ts";
import { BufferedIOBase, described } from "./base.ts";
import type { SocketIO } from "./raw.ts";

/** A buffered file over one raw file. */
export abstract class Buffered extends BufferedIOBase {
  #raw: SocketIO | null;

  /** For a raw file, which is closed with this one. */
  constructor(raw: SocketIO) {
    super();
    this.#raw = raw;
  }

  /** The unbuffered file below; null once it is detached. Python: `raw`. */
  get raw(): SocketIO | null {
    return this.#raw;
  }

  /** @internal The same. ValueError once it is detached. */
  protected get _raw(): SocketIO {
    if (this.#raw === null) throw new ValueError("raw stream has been detached");
    return this.#raw;
  }

  override get closed(): boolean {
    return this._raw.closed;
  }

  /** The socket's descriptor, -1 once the file is closed. Python: `name`. */
  get name(): number {
    return this._raw.name;
  }

  /** "rb", "wb" or "rwb". Python: `mode`. */
  get mode(): string {
    return this._raw.mode;
  }

  override fileno(): number {
    return this._raw.fileno();
  }

  override isatty(): boolean {
    return this._raw.isatty();
  }

  override seekable(): boolean {
    return this._raw.seekable();
  }

  override seek(_offset: number, _whence: number = 0): number {
    if (this.closed) throw new ValueError("seek of closed file");
    throw new UnsupportedOperation("File or stream is not seekable.");
  }

  override tell(): number {
    return this._raw.tell();
  }

  override truncate(_size: number | null = null): number {
    if (this.closed) throw new ValueError("truncate of closed file");
    throw new UnsupportedOperation("truncate");
  }

  override flush(): void {
    this._raw.flush();
  }

  override close(): void {
    if (this.closed) return;
    try {
      this.flush();
    } finally {
      this._raw.close();
    }
  }

  /** Detaches the raw file and returns it; this file cannot be used then. Python: `detach()`. */
  override detach(): SocketIO {
    this.flush();
    const raw = this._raw;
    this.#raw = null;
    return raw;
  }

  override __repr__(): string {
    return described(this.constructor.name, { name: this.#raw?.name });
  }
}
