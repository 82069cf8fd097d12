/**
 * Step 6 to a loop of one's own: the loop that is there already, Node's.
 *
 * It has all of the steps before: a selector, a heap of timers, promises. `select_async` makes our
 * selector one of the things that it waits for.
 *
 * Usage: npx tsx scripts/loop/event-loop.ts <host> <port>
 */

import process from "node:process";

import { int, print, str, tuple } from "iomux/builtins";
import { DefaultSelector, EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

const SECONDS = 1;

const sel = new DefaultSelector<() => void, socket.socket>();

/** Whether the socket is ready in time. */
function ready(sock: socket.socket, event: number, seconds: number | null = null) {
  return new Promise<boolean>((resolve) => {
    let timer: NodeJS.Timeout | undefined;

    const settle = (is_ready: boolean) => {
      clearTimeout(timer);
      sel.unregister(sock);
      resolve(is_ready);
    };

    if (seconds !== null) {
      timer = setTimeout(() => settle(false), seconds * 1000);
    }
    sel.register(sock, event, () => settle(true));
  });
}

async function serve(lsock: socket.socket) {
  while (true) {
    await ready(lsock, EVENT_READ);
    const [conn, addr] = lsock.accept();
    print(`Accepted connection from ${str(addr)}`);
    conn.setblocking(false);
    void count(conn, addr);
  }
}

async function count(conn: socket.socket, addr: socket.SocketAddress) {
  const total = await echo(conn, addr);
  print(`Echoed ${total} bytes to ${str(addr)}`);
}

async function echo(sock: socket.socket, addr: socket.SocketAddress) {
  let total = 0;
  using conn = sock;
  while (true) {
    if (!(await ready(conn, EVENT_READ, SECONDS))) {
      print(`Nothing from ${str(addr)}`);
      return total;
    }
    const data = conn.recv(65536);
    if (data.length === 0) {
      print(`Closing connection to ${str(addr)}`);
      return total;
    }
    await send_all(conn, data);
    total += data.length;
  }
}

async function send_all(conn: socket.socket, data: Buffer) {
  while (data.length > 0) {
    await ready(conn, EVENT_WRITE);
    data = data.subarray(conn.send(data));
  }
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = socket.create_server([host, port]);
print(`Listening on ${str(tuple([host, port]))}`);
lsock.setblocking(false);
void serve(lsock);

// Nothing blocks here, so Ctrl-C is an event like the others.
process.once("SIGINT", () => {
  print("Caught keyboard interrupt, exiting.");
  sys.exit(0);
});

for await (const events of sel) {
  for (const [key] of events) {
    key.data();
  }
}
