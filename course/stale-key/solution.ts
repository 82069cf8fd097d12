/** A telephone exchange: it connects every two callers, until one of them hangs up. */
import { b, KeyboardInterrupt } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

type Data = { partner: socket.socket | null };

const sel = new selectors.DefaultSelector<Data | null, socket.socket>();

/** Who waits for a partner. */
let waiting: [socket.socket, Data] | null = null;

function accept(lsock: socket.socket): void {
  const [conn] = lsock.accept();
  conn.setblocking(false);
  const data: Data = { partner: null };
  sel.register(conn, selectors.EVENT_READ, data);
  if (waiting === null) {
    waiting = [conn, data];
    return;
  }
  const [partner, other] = waiting;
  waiting = null;
  data.partner = partner;
  other.partner = conn;
  for (const one of [conn, partner]) one.send(b`you are connected\n`);
}

function serve(conn: socket.socket, data: Data, _mask: number): void {
  const received = conn.recv(1024);
  if (received.length > 0 && !received.equals(b`bye\n`)) {
    write_down(received);
    data.partner?.send(received);
    return;
  }
  if (waiting?.[0] === conn) waiting = null;
  for (const one of [conn, data.partner]) {
    if (one === null) continue;
    sel.unregister(one);
    one.close();
  }
}

/** On a slow disk: meanwhile, more may happen than one thing. */
function write_down(_received: Buffer): void {
  const end = performance.now() + 50;
  while (performance.now() < end);
}

const lsock = socket.create_server(["127.0.0.1", 65444]);
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);
try {
  while (true) {
    for (const [key, mask] of sel.select()) {
      // An earlier event of this list may have ended the connection.
      if (sel.get_map()?.get(key.fd) !== key) continue;
      if (key.data === null) accept(key.fileobj);
      else serve(key.fileobj, key.data, mask);
    }
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
}
