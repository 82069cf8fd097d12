/** Two at a time: one has not finished its line when the other one asks. */
import { b, print, repr } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65443];

const slow = socket.create_connection(ADDRESS);
slow.sendall(b`goo`);
// By now the server has read it.
select.select([], [], [], 0.1);
const quick = socket.create_connection(ADDRESS);
quick.sendall(b`hello\n`);
const [answered] = select.select([quick], [], [], 2);
if (answered.length === 0) {
  print("the quick one has waited for 2 seconds, as the slow one has not finished its line");
  process.exitCode = 1;
}
slow.sendall(b`dbye\n`);
print("the quick one was told", repr(quick.recv(1024)));
print("the slow one was told", repr(slow.recv(1024)));
for (const one of [slow, quick]) one.close();
