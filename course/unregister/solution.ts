/** Echoes what visitors say. */
import { KeyboardInterrupt, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = { visitor: string };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept(lsock: socket.socket): void {
  const [conn, addr] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, { visitor: str(addr) });
}

/** A visitor says little: the send buffer has room for it. */
function serve(conn: socket.socket, data: Data, _mask: number): void {
  const received = conn.recv(1024);
  if (received.length > 0) {
    conn.send(received);
    return;
  }
  print(`${data.visitor} has left`);
  sel.unregister(conn);
  conn.close();
}

const lsock = socket.create_server(["127.0.0.1", 65445]);
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
