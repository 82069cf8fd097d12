/** What goes over the connections between the clients and a server, byte by byte. */
import { once } from "node:events";
import { createServer, connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

import { onTestFinished } from "vitest";

/** What a server answers until it closes the connection. */
export async function exchange(port: number, sent: string): Promise<string> {
  const sock = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  // The server may close a connection in which there is something to read.
  sock.on("error", () => {});
  sock.end(sent);
  return text(sock);
}

/** What went over one connection, in both directions. */
export interface Exchange {
  readonly sent: Buffer;
  readonly received: Buffer;
}

export interface Recorder {
  readonly port: number;
  /** The exchanges so far, by the order of their connections. */
  exchanges(): Exchange[];
}

/** Stands between the clients and a server, and writes down every byte that passes. */
export async function record(server_port: number): Promise<Recorder> {
  const all: { sent: Buffer[]; received: Buffer[] }[] = [];
  const server = createServer({ allowHalfOpen: true }, (client: Socket) => {
    const one = { sent: [] as Buffer[], received: [] as Buffer[] };
    all.push(one);
    const upstream = connect({ port: server_port, host: "127.0.0.1", allowHalfOpen: true });
    client.on("data", (data: Buffer) => one.sent.push(data)).pipe(upstream);
    upstream.on("data", (data: Buffer) => one.received.push(data)).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 512 });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return {
    port: (server.address() as AddressInfo).port,
    exchanges: () =>
      all.map(({ sent, received }) => ({
        sent: Buffer.concat(sent),
        received: Buffer.concat(received),
      })),
  };
}
