/**
 * Step 2 to a loop of one's own: a client that says nothing for a second is sent away.
 *
 * Each callback says what comes after it, so the program reads inside out.
 *
 * Usage: npx tsx scripts/loop/timers.ts <host> <port>
 */

import { int, KeyboardInterrupt, print, repr, str, tuple } from "iomux/builtins";
import { EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

import { Loop } from "./loop.ts";

const SECONDS = 1;

const loop = new Loop();

function accept() {
  const [conn, addr] = lsock.accept();
  print(`Accepted connection from ${str(addr)}`);
  conn.setblocking(false);
  receive(conn, addr);
  loop.call_when_ready(lsock, EVENT_READ, accept);
}

function receive(conn: socket.socket, addr: socket.SocketAddress) {
  const is_silent = () => {
    loop.forget(conn);
    print(`Nothing from ${str(addr)}`);
    conn.close();
  };

  const is_ready = () => {
    timer.cancel();
    const data = conn.recv(65536);
    if (data.length > 0) {
      print(`Echoing ${repr(data)} to ${str(addr)}`);
      echo(conn, addr, data);
    } else {
      print(`Closing connection to ${str(addr)}`);
      conn.close();
    }
  };

  const timer = loop.call_later(SECONDS, is_silent);
  loop.call_when_ready(conn, EVENT_READ, is_ready);
}

function echo(conn: socket.socket, addr: socket.SocketAddress, data: Buffer) {
  const is_ready = () => {
    const rest = data.subarray(conn.send(data));
    if (rest.length > 0) {
      echo(conn, addr, rest);
    } else {
      receive(conn, addr);
    }
  };

  loop.call_when_ready(conn, EVENT_WRITE, is_ready);
}

if (sys.argv.length !== 3) {
  print(`Usage: ${sys.argv[0]} <host> <port>`);
  sys.exit(1);
}

const [host, port] = [sys.argv[1], int(sys.argv[2])];
const lsock = socket.create_server([host, port]);
print(`Listening on ${str(tuple([host, port]))}`);
lsock.setblocking(false);
loop.call_when_ready(lsock, EVENT_READ, accept);

try {
  loop.run_forever();
} catch (error) {
  if (!(error instanceof KeyboardInterrupt)) throw error;
  print("Caught keyboard interrupt, exiting.");
}
