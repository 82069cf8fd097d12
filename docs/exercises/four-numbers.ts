/** Two connections to one port of one server: what tells them apart? */

import { print, str } from "iomux/builtins";
import * as socket from "iomux/socket";

{
  using server = new socket.socket(socket.AF_INET);
  server.bind(["127.0.0.1", 0]);
  server.listen();
  const addr = server.getsockname();
  using one = socket.create_connection(addr);
  using two = socket.create_connection(addr);
  print(`same remote address: ${str(str(one.getpeername()) === str(two.getpeername()))}`);
  print(`same local host: ${str(one.getsockname()[0] === two.getsockname()[0])}`);
  print(`same local port: ${str(one.getsockname()[1] === two.getsockname()[1])}`);
  const [conn, client] = server.accept();
  using _conn = conn;
  print(`the server keeps its port: ${str(str(conn.getsockname()) === str(addr))}`);
  print(`accept tells who it is: ${str(str(client) === str(one.getsockname()))}`);
}
