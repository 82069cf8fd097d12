/**
 * An echo server for many connections at a time: multiconn-server.ts on node:net.
 *
 * Usage: npx tsx scripts/net/multiconn-server.ts <host> <port>
 */

import { createServer } from "node:net";
import type { Socket } from "node:net";

import { int, print, repr, str, tuple } from "iomux/builtins";

import { address_of } from "./address.ts";
import * as sys from "./sys.ts";

function serve(conn: Socket) {
  const addr = address_of(conn);
  print(`Accepted connection from ${addr}`);
  conn.on("data", (data) => {
    print(`Echoing ${repr(data)} to ${addr}`);
    if (conn.write(data)) return;
    // Who reads slowly is not read from meanwhile.
    conn.pause();
    conn.once("drain", () => conn.resume());
  });
  conn.on("error", (error) => print(`Error: ${error.message}`));
  conn.on("close", () => print(`Closing connection to ${addr}`));
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const server = createServer(serve);
server.listen(port, host, () => print(`Listening on ${str(tuple([host, port]))}`));

process.once("SIGINT", () => {
  print("Caught keyboard interrupt, exiting.");
  process.exit();
});
