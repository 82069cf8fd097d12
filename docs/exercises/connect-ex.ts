/** How do connect and connect_ex say that nobody listens? */

import { constants } from "node:os";

import { ConnectionRefusedError, print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

{
  using taken = new socket.socket(socket.AF_INET);
  // Bound, but not listening: nobody else gets the port, and nobody answers there.
  taken.bind(["127.0.0.1", 0]);
  const addr = taken.getsockname();

  {
    using s = new socket.socket(socket.AF_INET);
    const refused = s.connect_ex(addr) === constants.errno.ECONNREFUSED;
    print(`connect_ex returns ECONNREFUSED: ${str(refused)}`);
  }

  {
    using s = new socket.socket(socket.AF_INET);
    try {
      s.connect(addr);
    } catch (error) {
      if (!(error instanceof ConnectionRefusedError)) throw error;
      print(`connect raises ConnectionRefusedError: ${error.strerror}`);
    }
  }
}
