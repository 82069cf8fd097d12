/** What goes over the connections between the clients and a server, byte by byte. */
import { once } from "node:events";
import { createServer, connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

import { onTestFinished } from "vitest";

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
    const exchange = { sent: [] as Buffer[], received: [] as Buffer[] };
    all.push(exchange);
    const upstream = connect({ port: server_port, host: "127.0.0.1", allowHalfOpen: true });
    client.on("data", (data: Buffer) => exchange.sent.push(data)).pipe(upstream);
    upstream.on("data", (data: Buffer) => exchange.received.push(data)).pipe(client);
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
