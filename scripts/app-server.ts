/**
 * Answers searches and binary requests, each a message with a header of its own.
 *
 * Usage: npx tsx scripts/app-server.ts <host> <port>
 */

import { int, KeyboardInterrupt, print, str, tuple } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import * as libserver from "./libserver.ts";

const sel = new selectors.DefaultSelector<libserver.Message | null, socket.socket>();

function accept_wrapper(sock: socket.socket) {
  const [conn, addr] = sock.accept();
  print(`Accepted connection from ${str(addr)}`);
  conn.setblocking(false);
  const message = new libserver.Message(sel, conn, addr);
  sel.register(conn, selectors.EVENT_READ, message);
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
// A server that is started again must not wait for the connections of its predecessor to be
// forgotten: "OSError: [Errno 98] Address already in use".
lsock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
lsock.bind([host, port]);
lsock.listen();
print(`Listening on ${str(tuple([host, port]))}`);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);

try {
  while (true) {
    const events = sel.select(null);
    for (const [key, mask] of events) {
      if (key.data === null) {
        accept_wrapper(key.fileobj);
      } else {
        const message = key.data;
        try {
          message.process_events(mask);
        } catch (error) {
          if (error instanceof KeyboardInterrupt) throw error;
          print(`Main: Error: Exception for ${str(message.addr)}:\n${(error as Error).stack}`);
          message.close();
        }
      }
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
} finally {
  sel.close();
}
