/** Two calls of sendall: how many calls of recv does it take? */

import { b, print } from "iomux/builtins";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  left.sendall(b`Hello, `);
  left.sendall(b`world`);
  print(right.recv(1024));
}
