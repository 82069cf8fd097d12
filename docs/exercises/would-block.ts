/** What does recv do on a non-blocking socket when nothing has arrived? */

import { b, BlockingIOError, print } from "iomux/builtins";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  right.setblocking(false);
  try {
    right.recv(1024);
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error;
    print(`BlockingIOError: ${error.strerror}`);
  }
  left.sendall(b`Hello, world`);
  print(right.recv(1024));
  left.close();
  print(right.recv(1024));
}
