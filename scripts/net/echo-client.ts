/**
 * Sends one message to the echo server and prints what comes back: echo-client.ts on node:net.
 *
 * Usage: npx tsx scripts/net/echo-client.ts
 */

import { connect } from "node:net";

import { print, repr } from "iomux/builtins";

const HOST = "127.0.0.1"; // Where the server is
const PORT = 65432; // What it listens on

const conn = connect(PORT, HOST);
conn.write("Hello, world");
conn.once("data", (data) => {
  conn.end();
  print(`Received ${repr(data)}`);
});
