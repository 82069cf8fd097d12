/**
 * The server that is measured, on Deno.
 *
 * Usage: deno run --allow-net deno.js <host> <port> <echo | broadcast | http | udp>
 */

const CHUNK = 65536;

const [hostname, port, what] = Deno.args;
const connections = new Set();

async function write_all(conn, bytes) {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

async function serve(conn) {
  conn.setNoDelay(true);
  connections.add(conn);
  const buffer = new Uint8Array(CHUNK);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    const bytes = buffer.subarray(0, n);
    if (what === "echo") await write_all(conn, bytes);
    else await Promise.all([...connections].map((one) => write_all(one, bytes)));
  }
  connections.delete(conn);
  conn.close();
}

if (what === "udp") {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: Number(port) });
  console.log(`Listening on ('${hostname}', ${socket.addr.port})`);
  for await (const [data, peer] of socket) await socket.send(data, peer);
} else if (what === "http") {
  const onListen = (addr) => console.log(`Listening on ('${hostname}', ${addr.port})`);
  Deno.serve({ hostname, port: Number(port), onListen }, ({ method, url }) => {
    const is_known = method === "GET" && new URL(url).pathname === "/";
    return is_known ? new Response("Hello, world\n") : new Response(null, { status: 404 });
  });
} else {
  const listener = Deno.listen({ hostname, port: Number(port) });
  console.log(`Listening on ('${hostname}', ${listener.addr.port})`);
  // One that ends in an error is its client's affair.
  for await (const conn of listener) serve(conn).catch(() => connections.delete(conn));
}
