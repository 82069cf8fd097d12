/**
 * A web server on edge-triggered epoll.
 *
 * Usage: npx tsx examples/http-server.ts PORT, then curl http://127.0.0.1:PORT/
 */
import {
  b,
  BlockingIOError,
  ConnectionError,
  KeyboardInterrupt,
  print,
  ValueError,
} from "iomux/builtins";
import { find, split } from "iomux/bytes";
import * as select from "iomux/select";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

const PAGES = new Map([
  ["/", b`Hello, world\n`],
  ["/large", Buffer.alloc(1_000_000, "x")],
]);

class Connection {
  readonly sock: socket.socket;
  inb = b``;
  outb = b``;
  /** Whether the client says no more, and whether it has been told that this is all. */
  has_ended = false;
  is_last = false;

  constructor(sock: socket.socket) {
    this.sock = sock;
  }
}

function response(head: Buffer): readonly [answer: Buffer, is_last: boolean] {
  const [request, ...headers] = split(head, b`\r\n`).map(String);
  const words = request.split(" ");
  if (words.length !== 3) {
    const what =
      words.length < 3
        ? `not enough values to unpack (expected 3, got ${words.length})`
        : "too many values to unpack (expected 3)";
    throw new ValueError(what);
  }
  const [method, path, version] = words;
  let body = PAGES.get(path);
  let status: string;
  if (method !== "GET" && method !== "HEAD") [status, body] = ["405 Method Not Allowed", b``];
  else if (body === undefined)
    [status, body] = ["404 Not Found", Buffer.from(`There is no ${path}\n`)];
  else status = "200 OK";
  const wants_close = headers.some((header) => header.toLowerCase() === "connection: close");
  const is_last = version === "HTTP/1.0" || wants_close;
  print(method, path, status);
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`];
  lines.push(is_last ? "Connection: close" : "Connection: keep-alive");
  const answer = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return [method === "HEAD" ? answer : Buffer.concat([answer, body]), is_last];
}

function accept(
  server: socket.socket,
  epoll: select.epoll,
  connections: Map<number, Connection>,
): void {
  // An edge says that something has come, not how much: so until there is no more.
  for (;;) {
    let sock: socket.socket;
    try {
      [sock] = server.accept();
    } catch (error) {
      if (error instanceof BlockingIOError) return;
      throw error;
    }
    sock.setblocking(false);
    connections.set(sock.fileno(), new Connection(sock));
    epoll.register(sock, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET);
  }
}

function receive(conn: Connection): void {
  for (;;) {
    let data: Buffer;
    try {
      data = conn.sock.recv(65536);
    } catch (error) {
      if (error instanceof BlockingIOError) return;
      throw error;
    }
    if (data.length === 0) {
      conn.has_ended = true;
      return;
    }
    conn.inb = Buffer.concat([conn.inb, data]);
  }
}

function serve(conn: Connection): void {
  receive(conn);
  while (find(conn.inb, b`\r\n\r\n`) >= 0 && !conn.is_last) {
    const [head, rest] = split(conn.inb, b`\r\n\r\n`, 1);
    conn.inb = rest;
    const [answer, is_last] = response(head);
    conn.outb = Buffer.concat([conn.outb, answer]);
    conn.is_last = is_last;
  }
  while (conn.outb.length > 0) {
    try {
      const sent = conn.sock.send(conn.outb);
      conn.outb = conn.outb.subarray(sent);
    } catch (error) {
      if (error instanceof BlockingIOError) return;
      throw error;
    }
  }
}

function main(): void {
  const server = socket.create_server(["127.0.0.1", Number(sys.argv[1])]);
  server.setblocking(false);
  const epoll = new select.epoll();
  epoll.register(server, select.EPOLLIN | select.EPOLLET);
  const connections = new Map<number, Connection>();
  print("Listening on", server.getsockname());
  try {
    for (;;) {
      for (const [fd] of epoll.poll()) {
        if (fd === server.fileno()) {
          accept(server, epoll, connections);
          continue;
        }
        const conn = connections.get(fd)!;
        try {
          serve(conn);
        } catch (error) {
          if (!(error instanceof ConnectionError || error instanceof ValueError)) throw error;
          print("Dropped:", error);
          [conn.is_last, conn.outb] = [true, b``];
        }
        if ((conn.is_last || conn.has_ended) && conn.outb.length === 0) {
          connections.delete(fd);
          conn.sock.close();
        }
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped");
  } finally {
    epoll.close();
    server.close();
  }
}

main();
