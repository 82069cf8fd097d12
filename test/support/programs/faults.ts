/**
 * Makes calls while strace(1) injects faults into them, for test/faults.test.ts; faults.py is the same in Python.
 * For each name of a scenario on its standard input, it goes through it twelve times, and prints as JSON what
 * came of each time, whether the kernel watches what the selectors' maps say, and how many descriptors were left.
 */
import { openSync, readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { BlockingIOError } from "iomux/builtins";
import * as select from "iomux/select";
import {
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  PollSelector,
  SelectSelector,
} from "iomux/selectors";
import type { BaseSelector } from "iomux/selectors";
import * as socket from "iomux/socket";

const TIMES = 12;
const LISTENER = socket.create_server(["127.0.0.1", 0]);
const ADDRESS = LISTENER.getsockname();
const FILE = openSync(fileURLToPath(new URL("faults.js", import.meta.url)), "r");

/** New ones each time, which are closed at its end. */
let [left, right] = socket.socketpair();
let maps_are_right = true;

function close(...socks: readonly socket.socket[]): void {
  for (const sock of socks) sock.close();
}

/** A listener to which a connection comes, or several. */
function accept(timeout: number | null): number {
  using client = new socket.socket();
  LISTENER.settimeout(timeout);
  client.connect(ADDRESS);
  const [conn] = LISTENER.accept();
  const blocks = conn.getblocking();
  conn.close();
  return Number(blocks);
}

/** Accepts what there is: a connection may have been made only to look so. */
function empty(): void {
  LISTENER.settimeout(0);
  try {
    close(LISTENER.accept()[0]);
  } catch (error) {
    if (!(error instanceof BlockingIOError)) throw error;
  }
}

/** Whether a selector's map is what the kernel watches. */
function check(sel: EpollSelector): void {
  const info = readFileSync(`/proc/self/fdinfo/${sel.fileno()}`, "latin1");
  const watched = [...info.matchAll(/^tfd:\s*(\d+) events:\s*([\da-f]+)/gm)].map(
    ([, fd, mask]) => `${fd}:${Number.parseInt(mask, 16) & 5}`,
  );
  const asked = [...sel.get_map()!.values()].map(
    ({ fd, events }) =>
      `${fd}:${(events & EVENT_READ ? select.EPOLLIN : 0) | (events & EVENT_WRITE ? select.EPOLLOUT : 0)}`,
  );
  if (watched.toSorted().join() !== asked.toSorted().join()) maps_are_right = false;
}

function with_epoll(act: (sel: EpollSelector) => unknown): unknown {
  const sel = new EpollSelector();
  try {
    return act(sel);
  } finally {
    check(sel);
    sel.close();
  }
}

function waiting(sel: BaseSelector): number {
  sel.register(left, EVENT_READ | EVENT_WRITE);
  const count = sel.select(0.01).length;
  sel.close();
  return count;
}

const scenarios: Readonly<Record<string, () => unknown>> = {
  socket: () => close(new socket.socket()),
  socketpair: () => close(...socket.socketpair()),
  bind: () => {
    using sock = new socket.socket();
    sock.bind(["127.0.0.1", 0]);
  },
  listen: () => {
    using sock = new socket.socket();
    sock.listen();
  },
  create_server: () => close(socket.create_server(["127.0.0.1", 0])),
  create_connection: () => {
    close(socket.create_connection(ADDRESS));
    empty();
  },
  accept: () => accept(null),
  accept_with_timeout: () => accept(5),
  connect: () => {
    using sock = new socket.socket();
    sock.connect(ADDRESS);
    empty();
  },
  connect_ex: () => {
    using sock = new socket.socket();
    const result = sock.connect_ex(ADDRESS);
    empty();
    return result;
  },
  getsockname: () => LISTENER.getsockname()[0],
  getpeername: () => left.getpeername(),
  getsockopt: () => left.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
  setsockopt: () => left.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),
  setblocking: () => {
    left.setblocking(false);
    return left.getblocking();
  },
  settimeout: () => {
    left.settimeout(5);
    return left.gettimeout();
  },
  dup: () => close(left.dup()),
  set_inheritable: () => left.set_inheritable(true),
  shutdown: () => left.shutdown(socket.SHUT_WR),
  close: () => close(left),
  send: () => left.send(Buffer.from("data")),
  send_with_timeout: () => {
    left.settimeout(5);
    return left.send(Buffer.from("data"));
  },
  sendall: () => left.sendall(Buffer.from("data")),
  sendmsg: () => left.sendmsg([Buffer.from("da"), Buffer.from("ta")]),
  sendfile: () => left.sendfile(FILE, 0, 100),
  recv: () => {
    right.send(Buffer.from("data"));
    return left.recv(10).length;
  },
  recv_with_timeout: () => {
    left.settimeout(5);
    right.send(Buffer.from("data"));
    return left.recv(10).length;
  },
  recv_into: () => {
    right.send(Buffer.from("data"));
    return left.recv_into(Buffer.alloc(10));
  },
  recvmsg: () => {
    right.send(Buffer.from("data"));
    return left.recvmsg(10)[0].length;
  },
  epoll: () => with_epoll(() => 0),
  register: () =>
    with_epoll((sel) => {
      sel.register(left, EVENT_READ);
      sel.register(right, EVENT_WRITE);
    }),
  modify: () =>
    with_epoll((sel) => {
      sel.register(left, EVENT_READ);
      sel.modify(left, EVENT_READ | EVENT_WRITE);
    }),
  unregister: () =>
    with_epoll((sel) => {
      sel.register(left, EVENT_READ);
      sel.unregister(left);
    }),
  epoll_select: () => waiting(new EpollSelector()),
  poll_select: () => waiting(new PollSelector()),
  select_select: () => waiting(new SelectSelector()),
  select: () => select.select([left], [left], [], 0.01)[1].length,
};

function attempt(scenario: () => unknown): unknown {
  try {
    [left, right] = socket.socketpair();
    return scenario() ?? null;
  } catch (error) {
    const { name, message } = error as Error;
    return [name, message];
  } finally {
    for (const sock of [left, right]) {
      try {
        sock.close();
      } catch {
        // The fault that is injected.
      }
    }
  }
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** The next line of standard input, which comes when strace is there. */
function next_line(): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString("utf8", 0, readSync(0, bytes)).trim();
}

close(left, right);
writeSync(1, "ready\n");
for (let name = next_line(); name !== ""; name = next_line()) {
  maps_are_right = true;
  const before = descriptors();
  const outcomes = Array.from({ length: TIMES }, () => attempt(scenarios[name]));
  const result = { outcomes, maps_are_right, left: descriptors() - before };
  writeSync(1, `${JSON.stringify(result)}\n`);
}
