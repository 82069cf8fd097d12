/** May a client send before the server has called accept? */

import { b, print, repr } from "iomux/builtins";
import * as socket from "iomux/socket";

{
  using server = new socket.socket(socket.AF_INET);
  using client = new socket.socket(socket.AF_INET);
  server.bind(["127.0.0.1", 0]);
  server.listen();
  client.connect(server.getsockname());
  client.sendall(b`Hello, world`);
  client.close();
  print("The client has sent and gone");
  const [conn] = server.accept();
  using _conn = conn;
  print(`accepted: ${repr(conn.recv(1024))}`);
}
