/** An echo server that keeps its machine warm. */
import { b, KeyboardInterrupt } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = { outb: Buffer };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept(lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ | selectors.EVENT_WRITE, { outb: b`` });
}

function serve(conn: socket.socket, data: Data, mask: number): void {
  if (mask & selectors.EVENT_READ) {
    const received = conn.recv(1024);
    if (received.length === 0) {
      sel.unregister(conn);
      conn.close();
      return;
    }
    data.outb = Buffer.concat([data.outb, received]);
  }
  if (mask & selectors.EVENT_WRITE && data.outb.length > 0) {
    const sent = conn.send(data.outb);
    data.outb = data.outb.subarray(sent);
  }
}

const lsock = socket.create_server(["127.0.0.1", 65441]);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);
try {
  while (true) {
    for (const [key, mask] of sel.select()) {
      if (key.data === null) accept(key.fileobj);
      else serve(key.fileobj, key.data, mask);
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
}
