/** How much does one send take of 16 MiB that nobody reads? */

import { BlockingIOError, print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  left.setblocking(false);
  const data = Buffer.alloc(16 * 1024 * 1024);
  let sent = left.send(data);
  print(`something: ${str(sent > 0)}, all: ${str(sent === data.length)}`);

  // What is left goes whenever the reader has made room.
  let received = 0;
  while (received < data.length) {
    received += right.recv(1024 * 1024).length;
    if (sent < data.length) {
      try {
        sent += left.send(data.subarray(sent));
      } catch (error) {
        if (!(error instanceof BlockingIOError)) throw error;
      }
    }
  }
  print(`sent: ${sent}, received: ${received}`);
}
