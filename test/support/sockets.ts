/** Sockets, and descriptors of other kinds, that are closed at the end of their test. */
import { spawnSync } from "node:child_process";

import { onTestFinished } from "vitest";

import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { PYTHON } from "./python.ts";
import { needs } from "./tools.ts";

/** Whether this machine lets a socket have IPv6's own localhost. */
export const has_inet6: boolean = ((): boolean => {
  try {
    using sock = new socket.socket(socket.AF_INET6);
    sock.bind(["::1", 0]);
    return true;
  } catch {
    return false;
  }
})();

/** The same socket, which is closed when the test is over. */
export function closing(sock: socket.socket): socket.socket {
  onTestFinished(() => sock.close());
  return sock;
}

/** Two connected AF_UNIX sockets. */
export function pair(type?: number): readonly [socket.socket, socket.socket] {
  const [left, right] = socket.socketpair(socket.AF_UNIX, type);
  return [closing(left), closing(right)];
}

/** A listening TCP socket on 127.0.0.1, and its address. */
export function listener(backlog?: number): readonly [socket.socket, socket.InetAddress] {
  const lsock = closing(new socket.socket());
  // Should nobody come, the test is to fail and not to hang.
  lsock.settimeout(30);
  lsock.bind(["127.0.0.1", 0]);
  lsock.listen(backlog);
  return [lsock, lsock.getsockname() as socket.InetAddress];
}

/** Both ends of a TCP connection. */
export function connection(): readonly [client: socket.socket, server: socket.socket] {
  const [lsock, address] = listener();
  const client = closing(new socket.socket());
  client.connect(address);
  const [server] = lsock.accept();
  lsock.close();
  return [client, closing(server)];
}

/** A listener that takes no more connections until somebody accepts: connecting to it has to wait. */
export function full_listener(): readonly [socket.socket, socket.InetAddress] {
  const [lsock, address] = listener(0);
  const first = closing(new socket.socket());
  first.connect(address);
  // connect() returns when the client knows; the listener's queue is full when it knows as well.
  select([lsock], [], []);
  return [lsock, address];
}

/** A descriptor of no class of its own: anything with `fileno()` can be waited for. */
export class Descriptor {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
    onTestFinished(() => this.close());
  }

  fileno(): number {
    return this.#fd;
  }

  close(): void {
    if (this.#fd >= 0) socket.close(this.#fd);
    this.#fd = -1;
  }
}

/**
 * Descriptors that JavaScript cannot make: Python makes them, in a process of its own, and sends
 * them here. `program` leaves them in `fds`, a list.
 */
export function descriptors(program: string): Descriptor[] {
  needs("python3");
  const [ours, theirs] = pair();
  const sends = "socket.send_fds(socket.socket(fileno=3), [b'x'], fds)";
  const { status, stderr } = spawnSync(
    PYTHON,
    ["-W", "ignore", "-c", `import os, socket\n${program}\n${sends}`],
    { stdio: ["ignore", "ignore", "pipe", theirs.fileno()], encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${PYTHON} failed:\n${stderr}`);
  return socket.recv_fds(ours, 1, 10)[1].map((fd) => new Descriptor(fd));
}
