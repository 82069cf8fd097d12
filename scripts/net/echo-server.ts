/**
 * Accepts one connection and sends everything that arrives back to where it came from: echo-server.ts
 * on node:net.
 *
 * Usage: npx tsx scripts/net/echo-server.ts
 */

import { createServer } from "node:net";

import { print } from "iomux/builtins";

import { address_of } from "./address.ts";

const HOST = "127.0.0.1"; // The loopback interface: nobody outside this machine gets in
const PORT = 65432; // Ports above 1023 need no privileges

const server = createServer((conn) => {
  server.close();
  print(`Connected by ${address_of(conn)}`);
  conn.pipe(conn);
});
server.listen(PORT, HOST);
