/**
 * The same echo as iomux.ts, but it receives into one buffer and allocates nothing.
 *
 * Usage: iomux-recv-into.ts <host> <port> echo
 */

import { b, int, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

const CHUNK = 65536;

type Data = { outb: Buffer };
type Key = selectors.SelectorKey<Data | null, socket.socket>;

const [host, port] = process.argv.slice(2);
const sel = new selectors.DefaultSelector<Data | null, socket.socket>();
const buffer = Buffer.alloc(CHUNK);
/** Its first n bytes, by n: an echo would spend most of its time on making views. */
const views: Buffer[] = [];

function first(n: number): Buffer {
  return (views[n] ??= buffer.subarray(0, n));
}

function accept_wrapper(sock: socket.socket) {
  const [conn] = sock.accept();
  conn.setblocking(false);
  conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  sel.register(conn, selectors.EVENT_READ, { outb: b`` });
}

function service_connection(key: Key, mask: number) {
  const sock = key.fileobj;
  const data = key.data!;
  if (mask & selectors.EVENT_READ) {
    const n = sock.recv_into(buffer);
    if (n === 0) {
      sel.unregister(sock);
      sock.close();
      return;
    }
    const sent = data.outb.length > 0 ? 0 : sock.send(first(n));
    if (sent < n) {
      data.outb = Buffer.concat([data.outb, buffer.subarray(sent, n)]);
      sel.modify(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, data);
    }
  }
  if (mask & selectors.EVENT_WRITE && data.outb.length > 0) {
    const sent = sock.send(data.outb);
    data.outb = data.outb.subarray(sent);
    if (data.outb.length === 0) {
      sel.modify(sock, selectors.EVENT_READ, data);
    }
  }
}

const lsock = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
lsock.bind([host, int(port)]);
lsock.listen(1024);
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
