/**
 * Forwards connections, on poll().
 *
 * Usage: npx tsx examples/port-forward.ts PORT HOST PORT
 */
import {
  b,
  BlockingIOError,
  ConnectionError,
  KeyboardInterrupt,
  OSError,
  print,
} from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";
import * as sys from "iomux/sys";

const LIMIT = 65536;

class Side {
  readonly sock: socket.socket;
  other!: Side;
  outb = b``;
  has_ended = false;
  is_shut = false;

  constructor(sock: socket.socket) {
    this.sock = sock;
  }
}

function connect(server: socket.socket, target: socket.InetAddress): Side[] {
  const [client] = server.accept();
  let upstream: socket.socket;
  try {
    upstream = socket.create_connection(target, 5);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    print("No connection:", error);
    client.close();
    return [];
  }
  const [near, far] = [new Side(client), new Side(upstream)];
  [near.other, far.other] = [far, near];
  for (const side of [near, far]) side.sock.setblocking(false);
  print("Forwarding a connection");
  return [near, far];
}

function serve(side: Side, events: number): void {
  if (events & (select.POLLIN | select.POLLHUP | select.POLLERR) && !side.has_ended) {
    if (side.other.outb.length < LIMIT) {
      const data = side.sock.recv(LIMIT);
      side.other.outb = Buffer.concat([side.other.outb, data]);
      side.has_ended = data.length === 0;
    }
  }
  for (const one of [side, side.other]) {
    if (one.outb.length > 0) {
      try {
        const sent = one.sock.send(one.outb);
        one.outb = one.outb.subarray(sent);
      } catch (error) {
        if (error instanceof BlockingIOError) continue;
        throw error;
      }
    }
    if (one.other.has_ended && one.outb.length === 0 && !one.is_shut) {
      one.sock.shutdown(socket.SHUT_WR);
      one.is_shut = true;
    }
  }
}

function wanted(side: Side): number {
  const reads = !side.has_ended && side.other.outb.length < LIMIT;
  return (reads ? select.POLLIN : 0) | (side.outb.length > 0 ? select.POLLOUT : 0);
}

function main(): void {
  const server = socket.create_server(["127.0.0.1", Number(sys.argv[1])]);
  const target = [sys.argv[2], Number(sys.argv[3])] as const;
  const sides = new Map<number, Side>();
  print("Listening on", server.getsockname());
  const poller = new select.poll();
  poller.register(server, select.POLLIN);
  try {
    for (;;) {
      for (const [fd, events] of poller.poll()) {
        if (fd === server.fileno()) {
          for (const side of connect(server, target)) {
            sides.set(side.sock.fileno(), side);
            poller.register(side.sock, select.POLLIN);
          }
          continue;
        }
        const side = sides.get(fd);
        if (side === undefined) continue;
        let over: boolean;
        try {
          serve(side, events);
          over = side.is_shut && side.other.is_shut;
        } catch (error) {
          if (!(error instanceof ConnectionError)) throw error;
          print("Dropped:", error);
          over = true;
        }
        if (over) print("A connection has ended");
        for (const one of [side, side.other]) {
          if (over) {
            poller.unregister(one.sock);
            sides.delete(one.sock.fileno());
            one.sock.close();
          } else {
            poller.modify(one.sock, wanted(one));
          }
        }
      }
    }
  } catch (error) {
    if (!(error instanceof KeyboardInterrupt)) throw error;
    print("Stopped with", sides.size, "sides");
  } finally {
    server.close();
  }
}

main();
