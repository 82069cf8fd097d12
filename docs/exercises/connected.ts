/** A socket that connects becomes writable. Is it connected then? */

import { constants } from "node:os";

import { print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

function outcome(addr: readonly [string, number]): void {
  using s = new socket.socket(socket.AF_INET);
  using sel = new selectors.DefaultSelector();
  s.setblocking(false);
  print(`in progress: ${str(s.connect_ex(addr) === constants.errno.EINPROGRESS)}`);
  sel.register(s, selectors.EVENT_WRITE);
  sel.select();
  const error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR);
  const refused = error === constants.errno.ECONNREFUSED;
  print(`writable; connected: ${str(error === 0)}, refused: ${str(refused)}`);
}

{
  using server = new socket.socket(socket.AF_INET);
  server.bind(["127.0.0.1", 0]);
  outcome(server.getsockname());
  server.listen();
  outcome(server.getsockname());
}
