/**
 * Churn, for test/soak.test.ts: for as many seconds as argv[2] says, whatever a program does with sockets,
 * in random order, while a timer's signal comes all the time, whose handler throws now and then. Prints, as
 * JSON, what the process has open and how large it is after the first tenth of that time and at the end,
 * and how often each thing was done.
 */
// oxlint-disable unicorn/require-post-message-target-origin -- these are ports, not windows
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

import { OSError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

import { has_poller, kinds } from "../system.ts";

/** What the handler throws. */
class Interruption extends Error {}

const seconds = Number(process.argv[2]);
/** At least 0, and less than `below`. */
const number = (below: number): number => Math.floor(Math.random() * below);
const one_of = <T>(items: readonly T[]): T => items[number(items.length)];

let listener: socket.socket;

/** A connection, whose two ends are closed in the end, whatever happens, but for those that are lost. */
function connected(use: (client: socket.socket, conn: socket.socket) => void): void {
  using client = new socket.socket();
  client.settimeout(5);
  client.connect(listener.getsockname() as socket.InetAddress);
  using conn = accepted(client);
  conn.settimeout(5);
  use(client, conn);
}

/** The other end of a connection; those of clients that were interrupted before are in the way. */
function accepted(client: socket.socket): socket.socket {
  const [, port] = client.getsockname() as socket.InetAddress;
  for (;;) {
    const [conn, address] = listener.accept();
    if ((address as socket.InetAddress)[1] === port) return conn;
    conn.close();
  }
}

/** The next close of it sends RST. */
function reset(sock: socket.socket): void {
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
}

const things: Readonly<Record<string, () => void | Promise<void>>> = {
  echo() {
    connected((client, conn) => {
      const data = Buffer.alloc(1 + number(20_000), number(256));
      client.sendall(data);
      let left = data.length;
      while (left > 0) left -= conn.recv(1 + number(70_000)).length;
    });
  },

  reset() {
    connected((client, conn) => {
      client.sendall(Buffer.alloc(number(1000)));
      reset(one_of([client, conn]));
    });
  },

  half_close() {
    connected((client, conn) => {
      client.shutdown(socket.SHUT_WR);
      if (conn.recv(100).length !== 0) throw new Error("no end of the stream");
      conn.sendall(Buffer.from("the rest\n"));
      using file = client.makefile("r");
      if (file.readline() !== "the rest\n") throw new Error("another rest");
    });
  },

  lost() {
    for (let made = number(20); made >= 0; made--) socket.socketpair();
  },

  no_descriptors() {
    const opened: socket.socket[] = [];
    try {
      for (;;) opened.push(new socket.socket());
    } finally {
      for (const sock of opened) sock.close();
    }
  },

  no_room() {
    connected((client) => {
      client.setblocking(false);
      for (;;) client.send(Buffer.alloc(100_000));
    });
  },

  select() {
    const pairs = Array.from({ length: 1 + number(20) }, () => socket.socketpair());
    const [, Selector] = one_of(kinds);
    using selector = new Selector();
    try {
      for (const [reader] of pairs) selector.register(reader, selectors.EVENT_READ);
      for (const [, writer] of pairs) if (number(2) === 0) writer.send(Buffer.from("x"));
      selector.select(number(3) / 1000);
    } finally {
      for (const [reader, writer] of pairs) {
        reader.close();
        writer.close();
      }
    }
  },

  descriptors() {
    const [one, other] = socket.socketpair();
    try {
      socket.send_fds(one, [Buffer.from("x")], [listener.fileno()]);
      const [, fds] = socket.recv_fds(other, 10, 1);
      for (const fd of fds) socket.close(fd);
    } finally {
      one.close();
      other.close();
    }
  },

  timeout() {
    const [one, other] = socket.socketpair();
    try {
      one.settimeout(number(5) / 1000);
      one.recv(10);
    } finally {
      one.close();
      other.close();
    }
  },

  async select_async() {
    const [one, other] = socket.socketpair();
    using selector = new selectors.DefaultSelector();
    selector.register(one, selectors.EVENT_READ);
    if (number(2) === 0) other.send(Buffer.from("x"));
    await selector.select_async(number(3) / 1000);
    one.close();
    other.close();
  },

  async worker() {
    // Node needs descriptors to load it, which those that are lost may have.
    await settled();
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
  },
};

/** What is done in random order: not workers, and what Node's event loop can wait for only where it can. */
const often = Object.keys(things).filter(
  (thing) => thing !== "worker" && (has_poller || thing !== "select_async"),
);

/** Whether the handler may throw: not in the event loop, where nobody would catch it. */
let in_call = false;
let signals = 0;

/** Does something; what the system or the handler makes of it is none of an error. */
async function attempt(thing: string): Promise<void> {
  in_call = true;
  try {
    const result = things[thing]();
    in_call = false;
    await result;
  } catch (error) {
    if (!(error instanceof OSError || error instanceof Interruption)) throw error;
  } finally {
    in_call = false;
  }
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Until nothing that was lost is open any more, as often as that takes. */
async function settled(): Promise<unknown> {
  for (let before = Infinity; descriptors() < before;) {
    before = descriptors();
    gc!();
    for (let turns = 0; turns < 10; turns++) await setImmediate();
  }
  return {
    descriptors: descriptors(),
    threads: readdirSync("/proc/self/task").length,
    rss: process.memoryUsage.rss(),
  };
}

async function churn(milliseconds: number): Promise<Record<string, number>> {
  const done: Record<string, number> = {};
  const end = performance.now() + milliseconds;
  for (let round = 0; performance.now() < end; round++) {
    // A worker takes as long as a thousand calls.
    const thing = round % 200 === 0 ? "worker" : one_of(often);
    await attempt(thing);
    done[thing] = (done[thing] ?? 0) + 1;
    if (round % 100 === 0) await setImmediate();
  }
  return done;
}

async function main(): Promise<void> {
  process.removeAllListeners("warning");
  listener = new socket.socket();
  listener.bind(["127.0.0.1", 0]);
  listener.listen();
  listener.settimeout(5);
  signal.signal(signal.SIGALRM, () => {
    signals++;
    if (in_call && number(10) === 0) throw new Interruption();
  });
  signal.setitimer(signal.ITIMER_REAL, 0.001, 0.003);
  await churn(seconds * 100);
  const before = await settled();
  const done = await churn(seconds * 900);
  const after = await settled();
  signal.setitimer(signal.ITIMER_REAL, 0);
  console.log(JSON.stringify({ before, after, done, signals }));
}

/** Blocks until it is terminated. */
function blocked(): void {
  const [one] = socket.socketpair();
  parentPort!.postMessage("here");
  one.recv(1);
}

if (isMainThread) await main();
else blocked();
