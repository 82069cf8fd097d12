/**
 * Servers that handle one request after the other: Python's `socketserver`.
 *
 * https://docs.python.org/3/library/socketserver.html
 *
 * What Python has as class attributes (`allow_reuse_address`, `request_queue_size` ...) are fields here. A server
 * binds when it is first used, not in its constructor: so the fields of a subclass count.
 */
import { KeyboardInterrupt, OSError, RuntimeError } from "./core/exceptions.ts";
import { str } from "./core/repr.ts";
import { EVENT_READ, PollSelector, SelectSelector } from "./selectors.ts";
import {
  AF_INET,
  AF_UNIX,
  SHUT_WR,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
} from "./socket.ts";
import type { Address, SocketAddress } from "./socket.ts";
import type { BaseRequestHandler } from "./socketserver/handlers.ts";
import { stderr } from "./sys.ts";

export { BaseRequestHandler, StreamRequestHandler } from "./socketserver/handlers.ts";

/** A class whose objects handle a server's requests. */
export type HandlerClass<Request> = new (
  request: Request,
  client_address: SocketAddress,
  server: never,
) => BaseRequestHandler<Request>;

/**
 * A server of any kind. `serve_forever` handles requests until `shutdown` is called, from a handler or from
 * `service_actions`: where Python has threads, here there is one.
 *
 * Python: `socketserver.BaseServer`.
 */
export abstract class BaseServer<Request = unknown> implements Disposable {
  /** How long `handle_request` waits at most, in seconds; null for no limit. */
  timeout: number | null = null;
  /** What handles its requests. */
  readonly RequestHandlerClass: HandlerClass<Request>;
  #is_to_stop = false;

  /** For the class of its handlers. */
  constructor(RequestHandlerClass: HandlerClass<Request>) {
    this.RequestHandlerClass = RequestHandlerClass;
  }

  /** The descriptor to wait for. Python: `fileno()`. */
  abstract fileno(): number;

  /** Gets the next request, and who has sent it. Python: `get_request()`. */
  abstract get_request(): readonly [request: Request, client_address: SocketAddress];

  /** Closes the server. Python: `server_close()`. */
  abstract server_close(): void;

  /**
   * Handles requests until `shutdown` is called, and looks for that every `poll_interval` seconds. Python:
   * `serve_forever()`.
   */
  serve_forever(poll_interval: number = 0.5): void {
    this.#is_to_stop = false;
    using selector = new_selector();
    selector.register(this, EVENT_READ);
    while (!this.#is_to_stop) {
      const ready = selector.select(poll_interval);
      // A signal handler may have called shutdown().
      if (this.#is_to_stop) break;
      if (ready.length > 0) this.#handle_next();
      this.service_actions();
    }
  }

  /** Ends `serve_forever` when the current request is over; unlike Python's, it does not wait. Python: `shutdown()`. */
  shutdown(): void {
    this.#is_to_stop = true;
  }

  /** Called in each turn of `serve_forever`: override it. Python: `service_actions()`. */
  service_actions(): void {}

  /** Handles one request; if none comes in time, calls `handle_timeout`. Python: `handle_request()`. */
  handle_request(): void {
    const own = this._request_timeout();
    const limits = [own, this.timeout].filter((limit) => limit !== null);
    const timeout = limits.length === 0 ? null : Math.min(...limits);
    using selector = new_selector();
    selector.register(this, EVENT_READ);
    if (selector.select(timeout).length > 0) this.#handle_next();
    else this.handle_timeout();
  }

  /** @internal The timeout of the socket. */
  protected _request_timeout(): number | null {
    return null;
  }

  /** Handles a request that is there, or turns out not to be. */
  #handle_next(): void {
    let next: readonly [Request, SocketAddress];
    try {
      next = this.get_request();
    } catch (error) {
      if (error instanceof OSError) return;
      throw error;
    }
    const [request, client_address] = next;
    if (!this.verify_request(request, client_address)) {
      this.shutdown_request(request);
      return;
    }
    try {
      this.process_request(request, client_address);
    } catch (error) {
      if (!(error instanceof KeyboardInterrupt)) this.handle_error(request, client_address, error);
      this.shutdown_request(request);
      if (error instanceof KeyboardInterrupt) throw error;
    }
  }

  /** Called when `handle_request` has waited in vain. Python: `handle_timeout()`. */
  handle_timeout(): void {}

  /** Whether to handle a request. Python: `verify_request()`. */
  verify_request(_request: Request, _client_address: SocketAddress): boolean {
    return true;
  }

  /** Handles a request, and ends it. Python: `process_request()`. */
  process_request(request: Request, client_address: SocketAddress): void {
    this.finish_request(request, client_address);
    this.shutdown_request(request);
  }

  /** Makes a handler, and has it handle the request. Python: `finish_request()`. */
  finish_request(request: Request, client_address: SocketAddress): void {
    const handler = new this.RequestHandlerClass(request, client_address, this as never);
    handler.setup();
    try {
      handler.handle();
    } finally {
      handler.finish();
    }
  }

  /** Ends a request. Python: `shutdown_request()`. */
  shutdown_request(request: Request): void {
    this.close_request(request);
  }

  /** Releases what a request has. Python: `close_request()`. */
  close_request(_request: Request): void {}

  /**
   * Says on standard error what a handler has thrown; the server goes on. Python: `handle_error()`, which finds the
   * error by itself.
   */
  handle_error(_request: Request, client_address: SocketAddress, error: unknown): void {
    const line = "-".repeat(40);
    const what = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    stderr.write(
      `${line}\nException occurred during processing of request from ${str(client_address)}\n${what}\n${line}\n`,
    );
  }

  /** `using server = ...` closes it at the end of the block. Python: `with`. */
  [Symbol.dispose](): void {
    this.server_close();
  }
}

function new_selector(): PollSelector | SelectSelector {
  return PollSelector === undefined ? new SelectSelector() : new PollSelector();
}

/**
 * A server with a socket: of TCP, unless `address_family` and `socket_type` say otherwise. OSError where its
 * address cannot be bound, when it is first used.
 *
 * Python: `socketserver.TCPServer`.
 */
export class TCPServer<Request = socket> extends BaseServer<Request> {
  /** The family of its socket. */
  address_family: number = AF_INET;
  /** The type of its socket. */
  socket_type: number = SOCK_STREAM;
  /** How many connections may wait to be accepted. */
  request_queue_size = 5;
  /** Whether to set SO_REUSEADDR. */
  allow_reuse_address = false;
  /** Whether to set SO_REUSEPORT, by which several processes or workers share a port. */
  allow_reuse_port = false;
  readonly #bind_and_activate: boolean;
  #address: Address | SocketAddress;
  #socket: socket | null = null;

  /** For an address, as `bind` takes it. */
  constructor(
    server_address: Address,
    RequestHandlerClass: HandlerClass<Request>,
    bind_and_activate: boolean = true,
  ) {
    super(RequestHandlerClass);
    this.#address = server_address;
    this.#bind_and_activate = bind_and_activate;
  }

  /** Its socket, which is made, bound and listening when it is first asked for. */
  get socket(): socket {
    if (this.#socket !== null) return this.#socket;
    this.#socket = new socket(this.address_family, this.socket_type);
    if (!this.#bind_and_activate) return this.#socket;
    try {
      this.server_bind();
      this.server_activate();
    } catch (error) {
      this.server_close();
      throw error;
    }
    return this.#socket;
  }

  /** Its address: with the port that the system has chosen for port 0. */
  get server_address(): Address | SocketAddress {
    if (this.#bind_and_activate) void this.socket;
    return this.#address;
  }

  /** Binds the socket. Python: `server_bind()`. */
  server_bind(): void {
    if (this.allow_reuse_address) this.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (this.allow_reuse_port) this.socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    this.socket.bind(this.#address as Address);
    this.#address = this.socket.getsockname();
  }

  /** Makes the socket listen. Python: `server_activate()`. */
  server_activate(): void {
    this.socket.listen(this.request_queue_size);
  }

  override server_close(): void {
    this.#socket?.close();
  }

  override fileno(): number {
    return this.socket.fileno();
  }

  protected override _request_timeout(): number | null {
    return this.socket.gettimeout();
  }

  override get_request(): readonly [request: Request, client_address: SocketAddress] {
    return this.socket.accept() as unknown as readonly [Request, SocketAddress];
  }

  override shutdown_request(request: Request): void {
    if (request instanceof socket) {
      try {
        request.shutdown(SHUT_WR);
      } catch (error) {
        // It may have no peer any more.
        if (!(error instanceof OSError)) throw error;
      }
    }
    this.close_request(request);
  }

  override close_request(request: Request): void {
    if (request instanceof socket) request.close();
  }
}

/** What a UDP server's handlers get: a datagram, and the socket to answer by. */
export type Datagram = readonly [data: Buffer, socket: socket];

/** A server of UDP. Python: `socketserver.UDPServer`. */
export class UDPServer extends TCPServer<Datagram> {
  override socket_type: number = SOCK_DGRAM;
  /** The most bytes of a datagram; what is longer is cut off. */
  max_packet_size = 8192;

  override get_request(): readonly [request: Datagram, client_address: SocketAddress] {
    const [data, client_address] = this.socket.recvfrom(this.max_packet_size);
    return [[data, this.socket], client_address];
  }

  override server_activate(): void {}
}

/** A server of stream sockets in the file system. Python: `socketserver.UnixStreamServer`. */
export class UnixStreamServer extends TCPServer {
  override address_family: number = AF_UNIX;
}

/** A server of datagrams in the file system. Python: `socketserver.UnixDatagramServer`. */
export class UnixDatagramServer extends UDPServer {
  override address_family: number = AF_UNIX;
}

/**
 * Threads that share objects are what JavaScript does not have: this throws RuntimeError, which says what to do.
 * Python: `socketserver.ThreadingMixIn`.
 */
export function ThreadingMixIn(): never {
  throw new RuntimeError(
    "JavaScript's threads share no objects: start several workers (node:worker_threads), each with a " +
      "TCPServer of its own and allow_reuse_port = true, and the system divides the connections among them",
  );
}
