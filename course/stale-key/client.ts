/** Two conversations: while the server writes one down, both ends of the other hang up. */
import { b, ConnectionError, OSError, print, repr } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65444];

function call(): [socket.socket, socket.socket] {
  const pair: [socket.socket, socket.socket] = [
    socket.create_connection(ADDRESS),
    socket.create_connection(ADDRESS),
  ];
  for (const one of pair) one.recv(1024);
  return pair;
}

try {
  const [anna, bert] = call();
  const [clara, dora] = call();
  anna.sendall(b`how are you?\n`);
  // The server has begun to write it down.
  select.select([], [], [], 0.02);
  clara.sendall(b`bye\n`);
  dora.sendall(b`bye\n`);
  print("bert hears", repr(bert.recv(1024)));
  bert.sendall(b`well!\n`);
  const heard = anna.recv(1024);
  if (heard.length === 0) throw new ConnectionError("the line is dead");
  print("anna hears", repr(heard));
  const [emil] = call();
  print("emil can still call");
  for (const one of [anna, bert, clara, dora, emil]) one.close();
} catch (error) {
  if (!(error instanceof OSError)) throw error;
  print("the server has gone:", repr(error));
  process.exitCode = 1;
}
