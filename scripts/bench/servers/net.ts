/**
 * The server that is measured, written as is usual on node:net, node:http and node:dgram.
 *
 * Usage: net.ts <host> <port> <echo | broadcast | http | udp>
 */

import { createSocket } from "node:dgram";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const [host, port, what] = process.argv.slice(2);
const sockets = new Set<Socket>();

function echo(socket: Socket, data: Buffer) {
  if (socket.write(data)) return;
  // Do not read from a client that reads slowly.
  socket.pause();
  socket.once("drain", () => socket.resume());
}

function broadcast(data: Buffer) {
  for (const socket of sockets) socket.write(data);
}

function announce({ address, port: chosen }: AddressInfo) {
  console.log(`Listening on ('${address}', ${chosen})`);
}

if (what === "udp") {
  const socket = createSocket("udp4", (data, peer) => {
    socket.send(data, peer.port, peer.address);
  });
  socket.bind(Number(port), host, () => announce(socket.address()));
} else if (what === "http") {
  const server = createHttpServer(({ method, url }, response) => {
    if (method === "GET" && url === "/") {
      response.setHeader("Content-Type", "text/plain");
      response.end("Hello, world\n");
    } else {
      response.writeHead(404).end();
    }
  });
  const listening = () => announce(server.address() as AddressInfo);
  server.listen({ port: Number(port), host, backlog: 1024 }, listening);
} else {
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (data) => (what === "echo" ? echo(socket, data) : broadcast(data)));
  });
  const listening = () => announce(server.address() as AddressInfo);
  server.listen({ port: Number(port), host, backlog: 1024 }, listening);
}
