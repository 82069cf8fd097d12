/** The readiness calls themselves: select(), poll() and epoll. */
import { closeSync, openSync } from "node:fs";

import { describe, expect, onTestFinished, test } from "vitest";

import { b } from "iomux/builtins";
import * as select from "iomux/select";
import * as socket from "iomux/socket";

import { flags_of, is_blocked } from "../support/proc.ts";
import { start } from "../support/programs.ts";
import { closing, connection, listener, pair } from "../support/sockets.ts";
import { has_epoll } from "../support/system.ts";
import { until } from "../support/waiting.ts";

const { EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLET, EPOLLOUT, EPOLLRDHUP } = select;
const { POLLHUP, POLLIN, POLLNVAL, POLLOUT } = select;

function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}

const EBADF = raises("OSError", "[Errno 9] Bad file descriptor");

describe("select.select", () => {
  test("returns the very objects that are ready, in their order", () => {
    const [left, right] = pair();
    const file = { fileno: () => right.fileno() };
    left.send(b`x`);
    const [readers, writers, exceptional] = select.select([left, file, right], [right, left], []);
    expect(readers).toEqual([file, right]);
    expect(readers[0]).toBe(file);
    expect(writers).toEqual([right, left]);
    expect(exceptional).toEqual([]);
  });

  test("returns three empty lists when time ran out", () => {
    expect(select.select([pair()[0]], [], [], 0.01)).toEqual([[], [], []]);
    expect(select.select([], [], [], 0)).toEqual([[], [], []]);
  });

  test("out-of-band data are exceptional", () => {
    const [client, server] = connection();
    client.send(b`!`, socket.MSG_OOB);
    expect(select.select([], [], [server])).toEqual([[], [], [server]]);
  });

  test("takes anything that can be gone through", () => {
    const [left, right] = pair();
    left.send(b`x`);
    expect(select.select(new Set([right]), new Map([[left.fileno(), 1]]).keys(), [])).toEqual([
      [right],
      [left.fileno()],
      [],
    ]);
  });

  test("a list that a fileno() makes shorter is looked at no further, as in Python", () => {
    const [, right] = pair();
    const files: { fileno(): number }[] = Array.from({ length: 10 }, () => ({
      fileno: () => (files.pop(), right.fileno()),
    }));
    const [, writers] = select.select([], files, []);
    expect(files).toHaveLength(5);
    expect(writers).toEqual(files);
  });

  test("misuse", () => {
    const [sock] = pair();
    const closed = new socket.socket();
    closed.close();
    expect(() => select.select([sock], [], [], -1)).toThrow(
      raises("ValueError", "timeout must be non-negative"),
    );
    expect(() => select.select([sock], [], [], Number.NaN)).toThrow(raises("ValueError"));
    expect(() => select.select([sock], [], [], "1" as never)).toThrow(
      raises("TypeError", "timeout must be a float or None"),
    );
    expect(() => select.select(1 as never, [], [])).toThrow(
      raises("TypeError", "arguments 1-3 must be sequences"),
    );
    expect(() => select.select([closed], [], [])).toThrow(
      raises("ValueError", "file descriptor cannot be a negative integer (-1)"),
    );
    expect(() => select.select([1024], [], [], 0)).toThrow(
      raises("ValueError", "filedescriptor out of range in select()"),
    );
    expect(() => select.select(["x" as never], [], [], 0)).toThrow(
      raises("TypeError", "argument must be an int, or have a fileno() method."),
    );
    const fd = sock.fileno();
    sock.close();
    expect(() => select.select([fd], [], [], 0)).toThrow(EBADF);
  });
});

describe("select.poll", () => {
  test("returns pairs of descriptor and events", () => {
    const [left, right] = pair();
    const poller = select.poll();
    poller.register(left, POLLIN);
    poller.register(right);
    expect(poller.poll()).toEqual([[right.fileno(), POLLOUT]]);
    right.send(b`x`);
    expect(poller.poll()).toEqual([
      [left.fileno(), POLLIN],
      [right.fileno(), POLLOUT],
    ]);
    poller.modify(right, POLLIN);
    poller.unregister(left);
    expect(poller.poll(0)).toEqual([]);
  });

  test("its timeout is in milliseconds", () => {
    const begin = performance.now();
    expect(select.poll().poll(20)).toEqual([]);
    const took = performance.now() - begin;
    expect(took).toBeGreaterThanOrEqual(20);
    expect(took).toBeLessThan(20_000);
  });

  test("waits for ever with the least negative timeout there is, as with any", async () => {
    for (const timeout of ["-1e-100", "-1", "-5e9"]) {
      const [lsock, [, port]] = listener();
      const program = start("socket-calls.ts", ["poll", String(port), timeout]);
      const [conn] = lsock.accept();
      expect(await program.line()).toBe('"ready"');
      await until(() => is_blocked(program.pid));
      conn.close();
      expect(JSON.parse(await program.line())).toMatchObject({ value: 1 });
    }
  });

  test("the end of the peer and a closed descriptor are events that nobody asks for", () => {
    const [left, right] = pair();
    const [gone] = pair();
    const fd = gone.fileno();
    gone.close();
    const poller = select.poll();
    poller.register(left, 0);
    poller.register(fd, 0);
    right.close();
    expect(new Set(poller.poll())).toEqual(
      new Set([
        [left.fileno(), POLLHUP],
        [fd, POLLNVAL],
      ]),
    );
  });

  test("register again changes the events", () => {
    const [sock] = pair();
    const poller = select.poll();
    poller.register(sock, POLLOUT);
    poller.register(sock, POLLIN);
    expect(poller.poll(0)).toEqual([]);
  });

  test("misuse", () => {
    const [sock] = pair();
    const poller = select.poll();
    expect(() => poller.modify(sock, POLLIN)).toThrow(
      raises("FileNotFoundError", "[Errno 2] No such file or directory"),
    );
    expect(() => poller.unregister(sock)).toThrow(raises("KeyError", String(sock.fileno())));
    expect(() => poller.register(sock, -1)).toThrow(raises("ValueError"));
    expect(() => poller.register(sock, 0x10000)).toThrow(
      raises("OverflowError", "Python int too large for C unsigned short"),
    );
    expect(() => poller.register(-1)).toThrow(raises("ValueError"));
    expect(() => poller.register("x" as never)).toThrow(raises("TypeError"));
    expect(() => poller.poll("1" as never)).toThrow(
      raises("TypeError", "timeout must be an integer or None"),
    );
    expect(() => poller.poll(2 ** 31)).toThrow(raises("OverflowError", "timeout is too large"));
    expect(poller.poll(0)).toEqual([]);
  });
});

describe.skipIf(!has_epoll)("select.epoll", () => {
  test("fromfd(-1) makes a new one, as CPython's does", () => {
    using ep = select.epoll.fromfd(-1);
    expect(ep.poll(0)).toEqual([]);
    expect(ep.fileno()).toBeGreaterThan(2);
  });

  test("fromfd of the largest number there is costs no memory", () => {
    const before = process.memoryUsage.rss();
    const ep = select.epoll.fromfd(2 ** 31 - 1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
    expect(() => ep.poll(0)).toThrow(raises("OSError", "[Errno 9] Bad file descriptor"));
    ep.close();
  });

  test("returns pairs of descriptor and events", () => {
    using ep = new select.epoll();
    const [left, right] = pair();
    ep.register(left, EPOLLIN);
    expect(ep.poll(0)).toEqual([]);
    right.send(b`x`);
    expect(ep.poll()).toEqual([[left.fileno(), EPOLLIN]]);
    ep.modify(left, EPOLLIN | EPOLLOUT);
    expect(ep.poll()).toEqual([[left.fileno(), EPOLLIN | EPOLLOUT]]);
    right.close();
    const gone = EPOLLIN | EPOLLOUT | EPOLLHUP;
    expect(ep.poll()).toEqual([[left.fileno(), gone]]);
    ep.modify(left, EPOLLRDHUP);
    expect(ep.poll()).toEqual([[left.fileno(), EPOLLRDHUP | EPOLLHUP]]);
    ep.unregister(left);
    expect(ep.poll(0)).toEqual([]);
  });

  test("is level-triggered unless told otherwise", () => {
    using ep = new select.epoll();
    const [level, level_peer] = pair();
    const [edge, edge_peer] = pair();
    const [once, once_peer] = pair();
    ep.register(level, EPOLLIN);
    ep.register(edge, EPOLLIN | EPOLLET);
    ep.register(once, EPOLLIN | EPOLLONESHOT);
    for (const peer of [level_peer, edge_peer, once_peer]) peer.send(b`x`);
    expect(ep.poll()).toHaveLength(3);
    expect(ep.poll()).toEqual([[level.fileno(), EPOLLIN]]);
    for (const peer of [edge_peer, once_peer]) peer.send(b`x`);
    expect(new Set(ep.poll())).toEqual(
      new Set([
        [level.fileno(), EPOLLIN],
        [edge.fileno(), EPOLLIN],
      ]),
    );
    ep.modify(once, EPOLLIN | EPOLLONESHOT);
    expect(ep.poll()).toContainEqual([once.fileno(), EPOLLIN]);
  });

  test("maxevents is how many it returns at most, and nobody is forgotten", () => {
    using ep = new select.epoll();
    const socks = Array.from({ length: 5 }, () => pair()[0]);
    for (const sock of socks) ep.register(sock, EPOLLOUT);
    const seen = new Set<number>();
    for (let round = 0; round < 10; round++) {
      const events = ep.poll(0, 2);
      expect(events).toHaveLength(2);
      for (const [fd] of events) seen.add(fd);
    }
    expect(seen).toEqual(new Set(socks.map((sock) => sock.fileno())));
    expect(ep.poll()).toHaveLength(5);
  });

  test("is close-on-exec, and closed at the end of a `using` block", () => {
    const ep = new select.epoll();
    const fd = ep.fileno();
    expect(flags_of(fd) & 0o2000000).not.toBe(0);
    {
      using closed = ep;
      expect(closed.closed).toBe(false);
    }
    expect(ep.closed).toBe(true);
    ep.close();
    expect(() => flags_of(fd)).toThrow("ENOENT");
  });

  test("misuse", () => {
    using ep = new select.epoll();
    const [sock] = pair();
    ep.register(sock);
    expect(() => ep.register(sock)).toThrow(raises("FileExistsError", "[Errno 17] File exists"));
    ep.unregister(sock);
    expect(() => ep.unregister(sock)).toThrow(raises("FileNotFoundError"));
    expect(() => ep.modify(sock, EPOLLIN)).toThrow(raises("FileNotFoundError"));
    expect(() => ep.register(100_000)).toThrow(EBADF);
    expect(() => ep.register(-1)).toThrow(raises("ValueError"));
    expect(() => ep.poll(0, 0)).toThrow(
      raises("ValueError", "maxevents must be greater than 0, got 0"),
    );
    expect(() => ep.poll(0, -2)).toThrow(
      raises("ValueError", "maxevents must be greater than 0, got -2"),
    );
    expect(() => ep.poll(Number.NaN)).toThrow(raises("ValueError"));
    expect(() => ep.poll("1" as never)).toThrow(
      raises("TypeError", "timeout must be an integer or None"),
    );
    expect(() => ep.poll(1e10)).toThrow(raises("OverflowError"));
    expect(() => new select.epoll(0)).toThrow(raises("ValueError", "negative sizehint"));
    expect(() => new select.epoll(-1, 1)).toThrow(raises("OSError", "invalid flags"));
    const fd = openSync("package.json", "r");
    onTestFinished(() => closeSync(fd));
    expect(() => ep.register(fd)).toThrow(raises("PermissionError"));
    ep.close();
    const closed = raises("ValueError", "I/O operation on closed epoll object");
    for (const call of [
      (): unknown => ep.fileno(),
      (): unknown => ep.register(sock),
      (): unknown => ep.modify(sock, EPOLLIN),
      (): unknown => ep.unregister(sock),
      (): unknown => ep.poll(0),
    ]) {
      expect(call).toThrow(closed);
    }
  });
});

test("select.error is OSError, PIPE_BUF is pipe(7)'s", () => {
  expect(select.error).toBe(socket.error);
  expect(select.PIPE_BUF).toBe(4096);
  const sock = closing(new socket.socket());
  expect(select.select([], [sock], [], 0)[1]).toEqual([sock]);
});
