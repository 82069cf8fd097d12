/** What handles one request. */
import type { BytesLike } from "../core/arguments.ts";
import { OSError } from "../core/exceptions.ts";
import { BufferedIOBase } from "../io/base.ts";
import type { BufferedReader } from "../io/buffered.ts";
import { IPPROTO_TCP, socket, TCP_NODELAY } from "../socket.ts";
import type { SocketAddress } from "../socket.ts";

/**
 * Handles one request: override `handle`. Unlike Python's, its constructor calls nothing, so that the fields of a
 * subclass have their values when `setup`, `handle` and `finish` are called, by the server.
 *
 * Python: `socketserver.BaseRequestHandler`.
 */
export class BaseRequestHandler<Request = socket, Server = unknown> {
  /** A connection; of a UDP server, the datagram and the server's socket. */
  readonly request: Request;
  /** The peer's address. */
  readonly client_address: SocketAddress;
  /** The server that has got it. */
  readonly server: Server;

  /** The server makes one for each request. */
  constructor(request: Request, client_address: SocketAddress, server: Server) {
    this.request = request;
    this.client_address = client_address;
    this.server = server;
  }

  /** Called before `handle`. Python: `setup()`. */
  setup(): void {}

  /** Does the work: override it. Python: `handle()`. */
  handle(): void {}

  /** Called after `handle`, also if that throws; not if `setup` did. Python: `finish()`. */
  finish(): void {}
}

/**
 * Handles a connection through files: `rfile` to read from, `wfile` to write to.
 *
 * Python: `socketserver.StreamRequestHandler`.
 */
export class StreamRequestHandler<Server = unknown> extends BaseRequestHandler<socket, Server> {
  /** The size of rfile's buffer: -1 for the default. */
  rbufsize = -1;
  /** The size of wfile's buffer: 0 for none, so that all is sent at once. */
  wbufsize = 0;
  /** The connection's timeout in seconds; null for none. */
  timeout: number | null = null;
  /** Whether to send small parts without waiting for more. */
  disable_nagle_algorithm = false;
  /** The connection. */
  declare connection: socket;
  /** What the peer sends. */
  declare rfile: BufferedReader;
  /** What is sent to the peer. */
  declare wfile: BufferedIOBase;

  override setup(): void {
    this.connection = this.request;
    if (this.timeout !== null) this.connection.settimeout(this.timeout);
    if (this.disable_nagle_algorithm) this.connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    this.rfile = this.connection.makefile("rb", this.rbufsize);
    this.wfile =
      this.wbufsize === 0
        ? new SocketWriter(this.connection)
        : this.connection.makefile("wb", this.wbufsize);
  }

  override finish(): void {
    if (!this.wfile.closed) {
      try {
        this.wfile.flush();
      } catch (error) {
        // The peer has closed the connection.
        if (!(error instanceof OSError)) throw error;
      }
    }
    this.wfile.close();
    this.rfile.close();
  }
}

/** Sends what is written at once, and all of it. */
class SocketWriter extends BufferedIOBase {
  readonly #sock: socket;
  #closed = false;

  constructor(sock: socket) {
    super();
    this.#sock = sock;
  }

  override get closed(): boolean {
    return this.#closed;
  }

  override writable(): boolean {
    return true;
  }

  override write(data: BytesLike): number {
    this._check_closed();
    this.#sock.sendall(data);
    return data.byteLength;
  }

  override fileno(): number {
    return this.#sock.fileno();
  }

  override close(): void {
    this.#closed = true;
  }
}
