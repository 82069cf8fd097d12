/**
 * Step 5 to a loop of one's own: `await` instead of `yield`.
 *
 * Nobody calls `next`: JavaScript itself resumes an async function, but only when no other code
 * runs. So this loop lets go of the thread after each turn, and another loop shows below it: Node's.
 *
 * Usage: npx tsx scripts/loop/async-await.ts <host> <port>
 */

import { setImmediate } from "node:timers";

import { int, KeyboardInterrupt, print, str, tuple } from "iomux/builtins";
import { EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import { Loop } from "./loop.ts";
import { ready, ready_within } from "./task.ts";

const SECONDS = 1;

const loop = new Loop();

async function serve(lsock: socket.socket) {
  while (true) {
    await ready(loop, lsock, EVENT_READ);
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
    const is_ready = await ready_within(loop, conn, EVENT_READ, SECONDS);
    if (!is_ready) {
      print(`Nothing from ${str(addr)}`);
      return total;
    }
    const data = conn.recv(65536);
    if (data.length === 0) {
      print(`Closing connection to ${str(addr)}`);
      return total;
    }
    total += await send_all(conn, data);
  }
}

async function send_all(conn: socket.socket, data: Buffer) {
  const total = data.length;
  while (data.length > 0) {
    await ready(loop, conn, EVENT_WRITE);
    data = data.subarray(conn.send(data));
  }
  return total;
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

try {
  while (true) {
    // Until all that can run has run, and waits for this loop.
    await new Promise(setImmediate);
    loop.turn();
  }
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
}
