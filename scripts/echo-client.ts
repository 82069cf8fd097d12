/**
 * Sends one message to the echo server and prints what comes back.
 *
 * Usage: npx tsx scripts/echo-client.ts
 */

import { b, print, repr } from "iomux/builtins";
import * as socket from "iomux/socket";

const HOST = "127.0.0.1"; // Where the server is
const PORT = 65432; // What it listens on

let data;
{
  using s = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  s.connect([HOST, PORT]);
  s.sendall(b`Hello, world`);
  data = s.recv(1024);
}

print(`Received ${repr(data)}`);
