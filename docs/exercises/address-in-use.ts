/** Does SO_REUSEADDR let two servers listen on one port? */

import { constants } from "node:os";

import { OSError, print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

{
  using first = new socket.socket(socket.AF_INET);
  using second = new socket.socket(socket.AF_INET);
  for (const s of [first, second]) {
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  }
  first.bind(["127.0.0.1", 0]);
  first.listen();
  try {
    second.bind(first.getsockname());
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    print(`EADDRINUSE: ${str(error.errno === constants.errno.EADDRINUSE)}`);
  }
  const first_addr = first.getsockname();
  first.close();
  second.bind(first_addr);
  print("Free once the first has closed");
}
