/** How is a message of a known length read, however it arrives? */

import { b, print, RuntimeError, str } from "iomux/builtins";
import * as socket from "iomux/socket";

function recv_exactly(sock: socket.socket, n: number): Buffer {
  let data = b``;
  while (data.length < n) {
    const more = sock.recv(n - data.length);
    if (more.length === 0) {
      throw new RuntimeError(`The peer closed after ${data.length} of ${n} bytes`);
    }
    data = b`${data}${more}`;
  }
  return data;
}

const [left, right] = socket.socketpair();
{
  using _left = left;
  using _right = right;
  left.sendall(b`Hello`);
  left.sendall(b`, worldBye`);
  left.close();
  print(recv_exactly(right, 12));
  try {
    recv_exactly(right, 4);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    print(str(error));
  }
}
