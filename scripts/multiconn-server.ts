/**
 * An echo server for many connections at a time: one thread, one selector.
 *
 * Usage: npx tsx scripts/multiconn-server.ts <host> <port>
 */

import { b, int, KeyboardInterrupt, print, repr, str, tuple } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

type Data = { addr: socket.SocketAddress; inb: Buffer; outb: Buffer };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept_wrapper(sock: socket.socket) {
  // An error here, such as too many open files, ends the whole server.
  const [conn, addr] = sock.accept();
  print(`Accepted connection from ${str(addr)}`);
  conn.setblocking(false);
  const data = { addr, inb: b``, outb: b`` };
  // Waiting to write all the time keeps the loop turning even when nothing happens,
  // because a socket nearly always has room for more.
  const events = selectors.EVENT_READ | selectors.EVENT_WRITE;
  sel.register(conn, events, data);
}

function service_connection(key: selectors.SelectorKey<Data | null, socket.socket>, mask: number) {
  const sock = key.fileobj;
  const data = key.data!;
  if (mask & selectors.EVENT_READ) {
    const recv_data = sock.recv(1024);
    if (recv_data.length > 0) {
      data.outb = Buffer.concat([data.outb, recv_data]);
    } else {
      print(`Closing connection to ${str(data.addr)}`);
      sel.unregister(sock);
      sock.close();
    }
  }
  if (mask & selectors.EVENT_WRITE) {
    if (data.outb.length > 0) {
      print(`Echoing ${repr(data.outb)} to ${str(data.addr)}`);
      const sent = sock.send(data.outb);
      data.outb = data.outb.subarray(sent);
    }
  }
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
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
        service_connection(key, mask);
      }
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
} finally {
  sel.close();
}
