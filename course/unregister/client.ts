/** Three visitors, one after the other. */
import { b, ConnectionError, OSError, print, repr } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

const ADDRESS: socket.InetAddress = ["127.0.0.1", 65445];

try {
  for (const name of ["first", "second", "third"]) {
    const sock = socket.create_connection(ADDRESS);
    sock.sendall(b`hello`);
    const answer = sock.recv(1024);
    if (answer.length === 0) throw new ConnectionError("the server hung up");
    print(`the ${name} visitor heard`, repr(answer));
    sock.close();
    // Until the next one comes, the server goes back to its wait.
    select.select([], [], [], 0.1);
  }
} catch (error) {
  if (!(error instanceof OSError)) throw error;
  print("the next visitor could not be served:", repr(error));
  process.exitCode = 1;
}
