/** What does recv(5) do with the bytes that do not fit? */

import { b, print } from "iomux/builtins";
import * as socket from "iomux/socket";

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  left.sendall(b`Hello, world`);
  left.close();
  while (true) {
    const data = right.recv(5);
    print(data);
    if (data.length === 0) {
      break;
    }
  }
}
