/**
 * The server that is measured, on Bun.
 *
 * Usage: bun bun.js <host> <port> <echo | broadcast | http | udp>
 */

const [hostname, port, what] = process.argv.slice(2);
const sockets = new Set();

/** Sends what it can, and keeps the rest until there is room. */
function send(socket, bytes) {
  const { data } = socket;
  if (data.unsent.length > 0) {
    data.unsent = Buffer.concat([data.unsent, bytes]);
    return;
  }
  const sent = socket.write(bytes);
  if (sent < bytes.length) data.unsent = Buffer.from(bytes.subarray(Math.max(sent, 0)));
}

if (what === "udp") {
  const socket = await Bun.udpSocket({
    hostname,
    port: Number(port),
    socket: {
      data: (self, data, peer_port, peer_address) => {
        self.send(data, peer_port, peer_address);
      },
    },
  });
  console.log(`Listening on ('${hostname}', ${socket.port})`);
} else if (what === "http") {
  const server = Bun.serve({
    hostname,
    port: Number(port),
    fetch({ method, url }) {
      const is_known = method === "GET" && new URL(url).pathname === "/";
      return is_known ? new Response("Hello, world\n") : new Response(null, { status: 404 });
    },
  });
  console.log(`Listening on ('${hostname}', ${server.port})`);
} else {
  const server = Bun.listen({
    hostname,
    port: Number(port),
    socket: {
      open(socket) {
        socket.data = { unsent: Buffer.alloc(0) };
        socket.setNoDelay(true);
        sockets.add(socket);
      },
      close(socket) {
        sockets.delete(socket);
      },
      data(socket, bytes) {
        if (what === "echo") send(socket, bytes);
        else for (const one of sockets) send(one, bytes);
      },
      drain(socket) {
        const { data } = socket;
        const sent = socket.write(data.unsent);
        data.unsent = data.unsent.subarray(Math.max(sent, 0));
      },
    },
  });
  console.log(`Listening on ('${hostname}', ${server.port})`);
}
