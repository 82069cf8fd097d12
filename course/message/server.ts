/** Answers each line with its length. */
import { KeyboardInterrupt } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = object;

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

function accept(lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_READ, {});
}

/** The answer is short: the send buffer has room for it. */
function serve(conn: socket.socket, _data: Data, _mask: number): void {
  const received = conn.recv(1024);
  if (received.length === 0) {
    sel.unregister(conn);
    conn.close();
    return;
  }
  const line = received.toString("latin1").trimEnd();
  conn.send(Buffer.from(`${line.length}\n`));
}

const lsock = socket.create_server(["127.0.0.1", 65446]);
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
