/**
 * Step 4 to a loop of one's own: a coroutine yields a future, whoever will give it its result.
 *
 * So it can wait for more than sockets: here the server waits for an echo to end, and counts.
 *
 * Usage: npx tsx scripts/loop/futures.ts <host> <port>
 */

import { int, KeyboardInterrupt, print, str, tuple } from "iomux/builtins";
import { EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import { Loop } from "./loop.ts";
import { ready, ready_within, start } from "./task.ts";
import type { Coroutine, Task } from "./task.ts";

const SECONDS = 1;

const loop = new Loop();

function* serve(lsock: socket.socket): Coroutine<never> {
  while (true) {
    yield ready(loop, lsock, EVENT_READ);
    const [conn, addr] = lsock.accept();
    print(`Accepted connection from ${str(addr)}`);
    conn.setblocking(false);
    start(count(start(echo(conn, addr)), addr));
  }
}

function* count(task: Task<number>, addr: socket.SocketAddress): Coroutine<void> {
  const total: number = yield task;
  print(`Echoed ${total} bytes to ${str(addr)}`);
}

function* echo(sock: socket.socket, addr: socket.SocketAddress): Coroutine<number> {
  let total = 0;
  using conn = sock;
  while (true) {
    const is_ready: boolean = yield ready_within(loop, conn, EVENT_READ, SECONDS);
    if (!is_ready) {
      print(`Nothing from ${str(addr)}`);
      return total;
    }
    const data = conn.recv(65536);
    if (data.length === 0) {
      print(`Closing connection to ${str(addr)}`);
      return total;
    }
    total += yield* send_all(conn, data);
  }
}

function* send_all(conn: socket.socket, data: Buffer): Coroutine<number> {
  const total = data.length;
  while (data.length > 0) {
    yield ready(loop, conn, EVENT_WRITE);
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
start(serve(lsock));

try {
  loop.run_forever();
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
}
