/**
 * Says "ready", comes to a stage of a socket's life, and stays there until it ends, which test/lifecycles.test.ts
 * brings about. Arguments: the stage, what SIGUSR2 does, and "worker" for a worker that comes to the stage.
 */
import { openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";

import * as select from "iomux/select";
import { DefaultSelector, EVENT_READ } from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

const [, , stage, ending, where] = process.argv;
const LARGE = Buffer.alloc(32 * 2 ** 20);
/** What must live until the end. */
const kept: unknown[] = [];

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

function pair(): readonly [socket.socket, socket.socket] {
  const both = socket.socketpair();
  kept.push(...both);
  return both;
}

function listener(): socket.socket {
  const lsock = socket.create_server(["127.0.0.1", 0]);
  kept.push(lsock);
  return lsock;
}

/** A selector that waits for what never comes. */
function selector(): DefaultSelector {
  const sel = new DefaultSelector();
  sel.register(pair()[0], EVENT_READ);
  kept.push(sel);
  return sel;
}

/** Those that return leave the program in its event loop. */
const stages: Readonly<Record<string, () => unknown>> = {
  open: () => kept.push(new socket.socket()),
  listening: () => listener(),
  connected: () => pair(),
  registered: () => selector(),
  closed: () => pair().forEach((sock) => sock.close()),
  detached: () => pair().forEach((sock) => sock.detach()),
  /** Nobody closes it, and nobody can any more. */
  leaked() {
    for (let count = 0; count < 100; count++) socket.socketpair();
  },
  /** Something is written that has not been sent. */
  written() {
    const file = pair()[0].makefile("w");
    file.write("x".repeat(1000));
    kept.push(file);
  },
  select_async: () => void selector().select_async(),

  accept: () => listener().accept(),
  recv: () => pair()[0].recv(1),
  recv_with_timeout() {
    const [sock] = pair();
    sock.settimeout(600);
    sock.recv(1);
  },
  recvfrom_into: () => pair()[0].recvfrom_into(Buffer.alloc(1)),
  recvmsg: () => pair()[0].recvmsg(1),
  sendall: () => pair()[0].sendall(LARGE),
  sendmsg() {
    const [sock] = pair();
    // A signal may leave it with a part.
    for (;;) sock.sendmsg([LARGE]);
  },
  sendfile() {
    const [sock] = pair();
    const file = openSync(fileURLToPath(import.meta.url), "r");
    for (;;) sock.sendfile(file);
  },
  readline: () => pair()[0].makefile("r").readline(),
  /** The backlog of its listener is full. */
  connect() {
    const lsock = listener();
    lsock.listen(0);
    for (;;) {
      const sock = new socket.socket();
      kept.push(sock);
      sock.connect(lsock.getsockname() as socket.InetAddress);
    }
  },
  select: () => select.select([pair()[0]], [], []),
  poll() {
    const poller = select.poll();
    poller.register(pair()[0], select.POLLIN);
    poller.poll();
  },
  selector: () => selector().select(),
  pause: () => signal.pause(),
  /** Never asleep. */
  polling() {
    const sel = selector();
    while (sel.select(0).length === 0);
  },
};

let worker: Worker | undefined;

function handler(): void {
  if (ending === "exit") process.exit(3);
  if (ending === "throw") throw new Error("on purpose");
  if (ending === "terminate") void worker!.terminate().then(() => process.exit());
}

if (isMainThread) {
  signal.signal(signal.SIGUSR2, handler);
  if (ending !== "return") setInterval(() => {}, 60_000);
}
if (isMainThread && where === "worker") {
  worker = new Worker(new URL(import.meta.url), { workerData: stage });
} else {
  say("ready");
  stages[isMainThread ? stage : (workerData as string)]();
}
