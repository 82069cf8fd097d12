/**
 * Asks a binary for something of everything that it does differently on each system: a program that runs in
 * whatever runtime there is for it, and prints a line for each thing that works. The first that does not ends it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

import { b, KeyboardInterrupt, TimeoutError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

const { AF_INET, SOCK_STREAM } = socket;

function check(is_so: boolean, what: string): void {
  if (!is_so) throw new Error(`not so: ${what}`);
}

/** What a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Ctrl-C for this process in a moment, from outside. */
function interrupt_soon(): void {
  spawn("sh", ["-c", `sleep 0.3; kill -INT ${process.pid}`], { stdio: "ignore" });
}

function is_socket_error(error: unknown, errno: string): boolean {
  return error instanceof Error && "code" in error && error.code === errno;
}

const selector_classes = [
  selectors.SelectSelector,
  selectors.PollSelector,
  selectors.EpollSelector,
  selectors.KqueueSelector,
].filter((one) => one !== undefined);

const things: Record<string, () => unknown> = {
  "TCP both ways"() {
    using server = socket.create_server(["127.0.0.1", 0]);
    using client = socket.create_connection(server.getsockname());
    const [peer] = server.accept();
    client.sendall(b`a question`);
    check(peer.recv(100).toString() === "a question", "what was sent arrives");
    peer.sendall(b`an answer`);
    check(client.recv(100).toString() === "an answer", "the answer arrives");
    peer.close();
    check(client.recv(100).length === 0, "the end arrives");
  },
  "UDP with addresses"() {
    using one = new socket.socket(AF_INET, socket.SOCK_DGRAM);
    using other = new socket.socket(AF_INET, socket.SOCK_DGRAM);
    one.bind(["127.0.0.1", 0]);
    other.bind(["127.0.0.1", 0]);
    one.sendto(b`hello`, other.getsockname());
    const [bytes, from] = other.recvfrom(100);
    check(bytes.toString() === "hello", "the datagram arrives");
    check(String(from) === String(one.getsockname()), "its sender is known");
  },
  "descriptors in messages"() {
    const [left, right] = socket.socketpair();
    const [one, other] = socket.socketpair();
    socket.send_fds(left, [b`x`], [one.fileno()]);
    const [, [fd]] = socket.recv_fds(right, 1, 1);
    using copy = socket.fromfd(fd, one.family, one.type);
    copy.sendall(b`by a copy`);
    check(other.recv(100).toString() === "by a copy", "the copy is the same socket");
    for (const sock of [left, right, one, other]) sock.close();
    socket.close(fd);
  },
  "a file, sent"() {
    const file = fileURLToPath(import.meta.url);
    const [left, right] = socket.socketpair();
    const fd = openSync(file, "r");
    const count = left.sendfile({ fileno: () => fd, read: () => Buffer.alloc(0) }, 0, 1000);
    check(count === 1000, "as much as was asked for");
    left.close();
    const expected = readFileSync(file).subarray(0, 1000);
    check(right.recv(2000).equals(expected), "its first bytes arrive");
    right.close();
    socket.close(fd);
  },
  "errors by class"() {
    using server = socket.create_server(["127.0.0.1", 0]);
    const error = thrown(() => new socket.socket(AF_INET, SOCK_STREAM).bind(server.getsockname()));
    check(is_socket_error(error, "EADDRINUSE"), "an address is in use");
    const [left, right] = socket.socketpair();
    right.close();
    const broken = thrown(() => left.sendall(b`x`));
    check(is_socket_error(broken, "EPIPE"), "SIGPIPE ends nobody");
  },
  timeouts() {
    const [left, right] = socket.socketpair();
    left.settimeout(0.05);
    check(thrown(() => left.recv(1)) instanceof TimeoutError, "recv() times out");
    left.close();
    right.close();
  },
  names() {
    const [[family, , , , address]] = socket.getaddrinfo("127.0.0.1", 80, 0, SOCK_STREAM);
    check(family === AF_INET && String(address) === "127.0.0.1,80", "getaddrinfo()");
    check(socket.gethostbyname("localhost") === "127.0.0.1", "gethostbyname()");
    check(socket.gethostname().length > 0, "gethostname()");
    check(socket.if_nameindex().length > 0, "if_nameindex()");
  },
  "signal handlers"() {
    const [left] = socket.socketpair();
    signal.signal(signal.SIGALRM, () => {
      throw new RangeError("from the handler");
    });
    signal.setitimer(signal.ITIMER_REAL, 0.1);
    check(thrown(() => left.recv(1)) instanceof RangeError, "what a handler throws, recv() throws");
    signal.signal(signal.SIGALRM, signal.SIG_DFL);
  },
  "Ctrl-C"() {
    using server = socket.create_server(["127.0.0.1", 0]);
    interrupt_soon();
    check(thrown(() => server.accept()) instanceof KeyboardInterrupt, "accept() ends");
  },
  async "workers that block"() {
    const worker = new Worker(new URL(import.meta.url));
    await once(worker, "message");
    await worker.terminate();
  },
};

for (const Selector of selector_classes) {
  things[Selector.name] = () => {
    const [left, right] = socket.socketpair();
    using sel = new Selector();
    sel.register(left, selectors.EVENT_READ, "left");
    check(sel.select(0.01).length === 0, "nothing is ready");
    right.sendall(b`x`);
    const [[key, events]] = sel.select();
    check(key.data === "left" && events === selectors.EVENT_READ, "it is ready");
    interrupt_soon();
    left.recv(1);
    check(thrown(() => sel.select()) instanceof KeyboardInterrupt, "Ctrl-C ends select()");
    left.close();
    right.close();
  };
}

if ("bun" in process.versions) {
  // It ends when it is asked for libuv, which has to watch a descriptor.
  delete things["signal handlers"];
  delete things["workers that block"];
} else {
  things["select_async()"] = async () => {
    const [left, right] = socket.socketpair();
    using sel = new selectors.DefaultSelector();
    sel.register(left, selectors.EVENT_READ);
    setTimeout(() => right.sendall(b`x`), 20);
    check((await sel.select_async()).length === 1, "it is ready");
    left.close();
    right.close();
  };
}

if (isMainThread) {
  for (const [name, act] of Object.entries(things)) {
    await act();
    console.log(name);
  }
} else {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is a port, not a window
  parentPort!.postMessage("ready");
  socket.socketpair()[0].recv(1);
}
