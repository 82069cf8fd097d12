/**
 * Step 1 to a loop of one's own: what is registered with a socket is what to call.
 *
 * Usage: npx tsx scripts/loop/callbacks.ts <host> <port>
 */

import { int, KeyboardInterrupt, print, repr, str, tuple } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

type Callback = (sock: socket.socket) => void;

const sel = new selectors.DefaultSelector<Callback, socket.socket>();

function accept(lsock: socket.socket) {
  const [conn, addr] = lsock.accept();
  print(`Accepted connection from ${str(addr)}`);
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, (sock) => echo(sock, addr));
}

function echo(conn: socket.socket, addr: socket.SocketAddress) {
  const data = conn.recv(65536);
  if (data.length > 0) {
    print(`Echoing ${repr(data)} to ${str(addr)}`);
    // Raises BlockingIOError for a client that does not read: step 2 waits for it instead.
    conn.sendall(data);
  } else {
    print(`Closing connection to ${str(addr)}`);
    sel.unregister(conn);
    conn.close();
  }
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = socket.create_server([host, port]);
print(`Listening on ${str(tuple([host, port]))}`);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, accept);

try {
  // The whole loop. It knows nothing of what the program does.
  while (true) {
    for (const [key] of sel.select()) {
      const callback = key.data;
      callback(key.fileobj);
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
} finally {
  sel.close();
}
