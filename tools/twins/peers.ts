/** The peers of the compared programs, which do the same for both. */
import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

export const HOST = "127.0.0.1";

/** One connection. */
export class Peer {
  readonly #socket: Socket;
  /** Emits "news" when bytes or the end have arrived. */
  readonly #news = new EventEmitter();
  #received = Buffer.alloc(0);
  #is_over = false;

  constructor(connected: Socket) {
    this.#socket = connected;
    connected.on("data", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#news.emit("news");
    });
    // A reset shows in the program's calls.
    connected.on("error", () => {});
    connected.on("close", () => {
      this.#is_over = true;
      this.#news.emit("news");
    });
  }

  static async to(port: number): Promise<Peer> {
    const connected = connect(port, HOST);
    await once(connected, "connect");
    return new Peer(connected);
  }

  send(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** Waits for `size` bytes or the end, and returns what has arrived. */
  async receive(size: number): Promise<Buffer> {
    while (this.#received.length < size && !this.#is_over) await once(this.#news, "news");
    const received = this.#received;
    this.#received = Buffer.alloc(0);
    return received;
  }

  /** Ends this side, and waits for the other side to end. */
  async end(): Promise<void> {
    this.#socket.end();
    await this.ended();
  }

  async ended(): Promise<void> {
    while (!this.#is_over) await once(this.#news, "news");
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A server for a compared client. */
export class PeerServer {
  readonly #server: Server = createServer();
  readonly #waiting: Peer[] = [];
  readonly #all: Peer[] = [];

  /** Listens on a port, or on any if it is 0, and returns the port. */
  async listen(port: number): Promise<number> {
    this.#server.on("connection", (connected) => {
      const peer = new Peer(connected);
      this.#all.push(peer);
      this.#waiting.push(peer);
      this.#server.emit("peer");
    });
    this.#server.listen(port, HOST);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits for `count` connections. */
  async peers(count: number): Promise<Peer[]> {
    while (this.#waiting.length < count) await once(this.#server, "peer");
    return this.#waiting.splice(0, count);
  }

  close(): void {
    this.#server.close();
    for (const peer of this.#all) peer.destroy();
  }
}
