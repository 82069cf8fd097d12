/** Says hello twice, and nothing in between. */
import { b, print, repr } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65441];

const sock = socket.create_connection(ADDRESS);
for (const word of [b`hello`, b`again`]) {
  sock.sendall(word);
  print("the server echoed", repr(sock.recv(1024)));
  select.select([], [], [], 0.5);
}
sock.close();
