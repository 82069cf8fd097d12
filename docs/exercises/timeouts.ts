/** What does a timeout of None, of 0 and of a tenth of a second do to recv? */

import { b, OSError, print, repr } from "iomux/builtins";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  print(`at first: ${repr(right.gettimeout())}`);
  for (const timeout of [0, 0.1]) {
    right.settimeout(timeout);
    try {
      right.recv(1024);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      print(`${timeout}: ${error.name}`);
    }
  }
  left.sendall(b`Hello, world`);
  print(right.recv(1024));
}
