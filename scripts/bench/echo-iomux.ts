/** The echo server that is measured, on iomux: echo-selectors.py, statement by statement. */

import { b, int, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

import * as sys from "../sys.ts";

type Data = { outb: Buffer };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept_wrapper(sock: socket.socket) {
  const [conn] = sock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, { outb: b`` });
}

function service_connection(key: selectors.SelectorKey<Data | null, socket.socket>, mask: number) {
  const sock = key.fileobj;
  const data = key.data!;
  if (mask & selectors.EVENT_READ) {
    const recv_data = sock.recv(16384);
    if (recv_data.length > 0) {
      const sent = sock.send(recv_data);
      if (sent < recv_data.length) {
        data.outb = recv_data.subarray(sent);
        sel.modify(sock, selectors.EVENT_WRITE, data);
      }
    } else {
      sel.unregister(sock);
      sock.close();
    }
  } else {
    const sent = sock.send(data.outb);
    data.outb = data.outb.subarray(sent);
    if (data.outb.length === 0) {
      sel.modify(sock, selectors.EVENT_READ, data);
    }
  }
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
lsock.bind([host, port]);
lsock.listen();
print(`Listening on ${str(lsock.getsockname())}`);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);

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
