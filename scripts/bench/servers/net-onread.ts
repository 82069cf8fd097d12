/**
 * The same echo as net.ts, but it receives into one buffer and allocates next to nothing: with
 * `onread`, an option that only clients have, so the server's connection gets a new Socket.
 *
 * Usage: net-onread.ts <host> <port> echo
 */

import { createServer, Socket } from "node:net";
import type { AddressInfo, SocketConstructorOpts } from "node:net";

const CHUNK = 65536;

const [host, port] = process.argv.slice(2);
let buffer = Buffer.alloc(CHUNK);

function serve(accepted: Socket) {
  // There is no public way to reach it.
  const owner = accepted as unknown as { _handle: object | null };
  const handle = owner._handle;
  owner._handle = null;
  const onread = {
    buffer: () => buffer,
    callback: (n: number, bytes: Uint8Array) => {
      socket.write(bytes.subarray(0, n));
      // The system has yet to read from this memory what it has not taken.
      if (socket.writableLength > 0) buffer = Buffer.alloc(CHUNK);
      return true;
    },
  };
  const socket = new Socket({ handle, onread } as unknown as SocketConstructorOpts);
  socket.on("error", () => socket.destroy());
  socket.resume();
}

const server = createServer({ noDelay: true, pauseOnConnect: true }, serve);
server.listen({ port: Number(port), host, backlog: 1024 }, () => {
  const { address, port: chosen } = server.address() as AddressInfo;
  console.log(`Listening on ('${address}', ${chosen})`);
});
