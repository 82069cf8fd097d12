/** Sends a photograph of 8 MiB, all of it, to everyone who connects. */
import { KeyboardInterrupt } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = { outb: Buffer };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

const PHOTOGRAPH = Buffer.alloc(8 * 1024 * 1024, "x");

function accept(lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  sel.register(conn, selectors.EVENT_WRITE, { outb: PHOTOGRAPH });
}

function serve(conn: socket.socket, data: Data, _mask: number): void {
  const sent = conn.send(data.outb);
  data.outb = data.outb.subarray(sent);
  if (data.outb.length > 0) return;
  sel.unregister(conn);
  conn.close();
}

const lsock = socket.create_server(["127.0.0.1", 65442]);
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
