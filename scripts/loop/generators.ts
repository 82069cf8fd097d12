/**
 * Step 3 to a loop of one's own: a generator yields what it waits for, and the loop resumes it.
 *
 * The program reads from top to bottom again, and its state is in local variables.
 *
 * Usage: npx tsx scripts/loop/generators.ts <host> <port>
 */

import { int, KeyboardInterrupt, print, repr, str, tuple } from "iomux/builtins";
import { EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import { Loop } from "./loop.ts";

const SECONDS = 1;

/** Yields what it waits for, and is resumed with whether that came in time. */
type Coroutine = Generator<
  [sock: socket.socket, event: number, seconds: number | null],
  void,
  boolean
>;

const loop = new Loop();

function start(coroutine: Coroutine) {
  // What the first `next` is given goes nowhere: no `yield` is waiting for it.
  resume(coroutine, true);
}

/** Lets it run until it waits again: for a socket, and no longer than so many seconds. */
function resume(coroutine: Coroutine, value: boolean) {
  const result = coroutine.next(value);
  if (result.done) {
    return;
  }
  const [sock, event, seconds] = result.value;

  const is_ready = () => {
    timer?.cancel();
    resume(coroutine, true);
  };

  const is_late = () => {
    loop.forget(sock);
    resume(coroutine, false);
  };

  const timer = seconds === null ? null : loop.call_later(seconds, is_late);
  loop.call_when_ready(sock, event, is_ready);
}

function* serve(lsock: socket.socket): Coroutine {
  while (true) {
    yield [lsock, EVENT_READ, null];
    const [conn, addr] = lsock.accept();
    print(`Accepted connection from ${str(addr)}`);
    conn.setblocking(false);
    start(echo(conn, addr));
  }
}

function* echo(sock: socket.socket, addr: socket.SocketAddress): Coroutine {
  using conn = sock;
  while (true) {
    const is_ready = yield [conn, EVENT_READ, SECONDS];
    if (!is_ready) {
      print(`Nothing from ${str(addr)}`);
      return;
    }
    const data = conn.recv(65536);
    if (data.length === 0) {
      print(`Closing connection to ${str(addr)}`);
      return;
    }
    print(`Echoing ${repr(data)} to ${str(addr)}`);
    yield* send_all(conn, data);
  }
}

function* send_all(conn: socket.socket, data: Buffer): Coroutine {
  while (data.length > 0) {
    yield [conn, EVENT_WRITE, null];
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
start(serve(lsock));

try {
  loop.run_forever();
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
}
