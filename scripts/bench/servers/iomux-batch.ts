/**
 * The same datagrams as iomux.ts, but up to 64 at a time: by recvmmsg and sendmmsg, which Python does not
 * have.
 *
 * Usage: iomux-batch.ts <host> <port> udp
 */

import { int, print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

const MESSAGES = 64;
/** More than any datagram of an Ethernet has. */
const SIZE = 2048;

const [host, port] = process.argv.slice(2);
const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
sock.bind([host, int(port)]);
print(`Listening on ${str(sock.getsockname())}`);

while (true) {
  const messages = sock.recvmmsg(MESSAGES, SIZE);
  sock.sendmmsg(messages);
}
