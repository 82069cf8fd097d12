/** Answers each line in capitals. */
import { b, KeyboardInterrupt } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = { inb: Buffer };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept(lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, { inb: b`` });
}

function serve(conn: socket.socket, data: Data, _mask: number): void {
  const received = conn.recv(1024);
  if (received.length === 0) {
    sel.unregister(conn);
    conn.close();
    return;
  }
  data.inb = Buffer.concat([data.inb, received]);
  if (data.inb.includes("\n")) answer(conn, data);
}

/** A line is short: the send buffer has room for it. */
function answer(conn: socket.socket, data: Data): void {
  const end = data.inb.indexOf("\n") + 1;
  conn.send(Buffer.from(data.inb.toString("latin1", 0, end).toUpperCase()));
  data.inb = data.inb.subarray(end);
}

const lsock = socket.create_server(["127.0.0.1", 65443]);
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
