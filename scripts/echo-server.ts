/**
 * Accepts one connection and sends everything that arrives back to where it came from.
 *
 * Usage: npx tsx scripts/echo-server.ts
 */

import { print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

const HOST = "127.0.0.1"; // The loopback interface: nobody outside this machine gets in
const PORT = 65432; // Ports above 1023 need no privileges

{
  using s = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  s.bind([HOST, PORT]);
  s.listen();
  const [accepted, addr] = s.accept();
  using conn = accepted;
  print(`Connected by ${str(addr)}`);
  while (true) {
    const data = conn.recv(1024);
    if (data.length === 0) {
      break;
    }
    conn.sendall(data);
  }
}
