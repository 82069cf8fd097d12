/**
 * The server that is measured, on iomux: python.py, statement by statement.
 *
 * Usage: iomux.ts <host> <port> <echo | broadcast | http | udp> [epoll | poll | select | async]
 *   [descriptor of a socket that listens already]
 */

import { b, int, print, str } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

const CHUNK = 65536;
const RESPONSE = b`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n`;
const NOT_FOUND = b`HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n`;

type Data = { inb: string; outb: Buffer };
type Key = selectors.SelectorKey<Data | null, socket.socket>;

const Selectors = {
  epoll: selectors.EpollSelector,
  poll: selectors.PollSelector,
  select: selectors.SelectSelector,
  // Node's event loop waits.
  async: selectors.DefaultSelector,
};

const [host, port, what, kind = "epoll", listener] = process.argv.slice(2);
const sel = new Selectors[kind as keyof typeof Selectors]<Data | null, socket.socket>();

function accept_wrapper(sock: socket.socket) {
  const [conn] = sock.accept();
  conn.setblocking(false);
  conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  sel.register(conn, selectors.EVENT_READ, { inb: "", outb: b`` });
}

/** Sends what it can, and keeps the rest until there is room. */
function send(key: Key, bytes: Buffer) {
  const data = key.data!;
  if (data.outb.length > 0) {
    data.outb = Buffer.concat([data.outb, bytes]);
    return;
  }
  const sent = key.fileobj.send(bytes);
  if (sent < bytes.length) {
    data.outb = bytes.subarray(sent);
    sel.modify(key.fileobj, selectors.EVENT_READ | selectors.EVENT_WRITE, data);
  }
}

/** Answers each request that is whole. */
function respond(key: Key, recv_data: Buffer) {
  const data = key.data!;
  data.inb += recv_data.toString("latin1");
  for (let end = data.inb.indexOf("\r\n\r\n"); end >= 0; end = data.inb.indexOf("\r\n\r\n")) {
    const [method, path] = data.inb.slice(0, data.inb.indexOf("\r\n")).split(" ");
    data.inb = data.inb.slice(end + 4);
    send(key, method === "GET" && path === "/" ? RESPONSE : NOT_FOUND);
  }
}

function service_connection(key: Key, mask: number) {
  const sock = key.fileobj;
  const data = key.data!;
  if (mask & selectors.EVENT_READ) {
    const recv_data = sock.recv(CHUNK);
    if (recv_data.length === 0) {
      sel.unregister(sock);
      sock.close();
      return;
    }
    if (what === "echo") {
      send(key, recv_data);
    } else if (what === "http") {
      respond(key, recv_data);
    } else {
      for (const one of sel.get_map()!.values()) {
        if (one.data !== null) {
          send(one, recv_data);
        }
      }
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

function serve_datagrams(sock: socket.socket<socket.AF_INET>) {
  while (true) {
    const [data, addr] = sock.recvfrom(CHUNK);
    sock.sendto(data, addr);
  }
}

function listen() {
  const lsock = new socket.socket(
    socket.AF_INET,
    what === "udp" ? socket.SOCK_DGRAM : socket.SOCK_STREAM,
  );
  lsock.bind([host, int(port)]);
  if (what === "udp") {
    print(`Listening on ${str(lsock.getsockname())}`);
    serve_datagrams(lsock);
  }
  lsock.listen(1024);
  print(`Listening on ${str(lsock.getsockname())}`);
  return lsock;
}

const lsock = listener ? new socket.socket(null, null, null, int(listener)) : listen();
lsock.setblocking(false);
sel.register(lsock, selectors.EVENT_READ, null);

while (true) {
  const events = kind === "async" ? await sel.select_async() : sel.select(null);
  for (const [key, mask] of events) {
    if (key.data === null) {
      accept_wrapper(key.fileobj);
    } else {
      service_connection(key, mask);
    }
  }
}
