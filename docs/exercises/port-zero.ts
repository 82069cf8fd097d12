/** Which port does a server get that asks for port 0? */

import { print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

{
  using s = new socket.socket(socket.AF_INET);
  print(`before: ${str(s.getsockname())}`);
  s.bind(["127.0.0.1", 0]);
  const [host, port] = s.getsockname();
  print(`after: ${host}, a port of its own: ${str(port > 1023)}`);
}
