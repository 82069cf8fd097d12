/** The selectors: one contract for all of them, and what each does in its own way. */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";

import { describe, expect, onTestFinished, test } from "vitest";

import { b, repr, str } from "iomux/builtins";
import {
  BaseSelector,
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  KqueueSelector,
  PollSelector,
  SelectorKey,
  SelectSelector,
} from "iomux/selectors";
import * as socket from "iomux/socket";

import { is_blocked } from "../support/proc.ts";
import { start } from "../support/programs.ts";
import { closing, connection, listener, pair } from "../support/sockets.ts";
import { meanwhile, until } from "../support/waiting.ts";

// KqueueSelector is undefined where the system has no kqueue: see test/select/kqueue.test.ts.
const all: [name: string, Selector: (new () => BaseSelector) | undefined][] = [
  ["EpollSelector", EpollSelector],
  ["KqueueSelector", KqueueSelector],
  ["PollSelector", PollSelector],
  ["SelectSelector", SelectSelector],
];
const kinds = all.filter(
  (kind): kind is [name: string, Selector: new () => BaseSelector] => kind[1] !== undefined,
);

const BOTH = EVENT_READ | EVENT_WRITE;

/** What select() returned, in the shortest form. */
function ready(sel: BaseSelector, timeout: number | null = 0): [unknown, number][] {
  return sel.select(timeout).map(([key, mask]) => [key.data, mask]);
}

function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}

describe.each(kinds)("%s", (name, Selector) => {
  function selector(): BaseSelector {
    const sel = new Selector();
    onTestFinished(() => sel.close());
    return sel;
  }

  describe("register", () => {
    test.each([
      ...[0, 99, -1, 4, Number.NaN, null, undefined].map((one) => [one, "ValueError"]),
      ...[1.5, "1"].map((one) => [one, "TypeError"]),
    ])("events %s are a %s, and nothing is registered", (events, error) => {
      const sel = selector();
      const [sock] = pair();
      expect(() => sel.register(sock, events as number)).toThrow(raises(error as string));
      expect(sel.get_map()?.size).toBe(0);
      sel.register(sock, EVENT_READ);
    });

    test("events 99 are named in the error", () => {
      expect(() => selector().register(pair()[0], 99)).toThrow("Invalid events: 99");
    });

    test.each([
      [-1, "Invalid file descriptor: -1"],
      ["a", "Invalid file object: 'a'"],
      [null, "Invalid file object: None"],
      [undefined, "Invalid file object: None"],
      [{}, "Invalid file object: {}"],
      [{ fileno: () => -1 }, "Invalid file descriptor: -1"],
      [{ fileno: 3 }, "Invalid file object: {'fileno': 3}"],
    ])("%o is a ValueError", (file, message) => {
      const sel = selector();
      expect(() => sel.register(file as number, EVENT_READ)).toThrow(raises("ValueError", message));
      expect(sel.get_map()?.size).toBe(0);
    });

    test("an object that raises in fileno() raises that", () => {
      const file = {
        fileno(): number {
          throw new RangeError("mine");
        },
      };
      // Python swallows only what says that there is no descriptor.
      expect(() => selector().register(file, EVENT_READ)).toThrow(raises("RangeError", "mine"));
    });

    test("a closed socket is a ValueError", () => {
      const sock = new socket.socket();
      sock.close();
      expect(() => selector().register(sock, EVENT_READ)).toThrow(
        raises("ValueError", "Invalid file descriptor: -1"),
      );
    });

    test("the same descriptor again is a KeyError, even by another object", () => {
      const sel = selector();
      const [sock] = pair();
      const key = sel.register(sock, EVENT_READ, "first");
      const again = `${repr(sock)} (FD ${sock.fileno()}) is already registered`;
      expect(() => sel.register(sock, EVENT_WRITE)).toThrow(raises("KeyError", repr(again)));
      expect(() => sel.register(sock.fileno(), EVENT_WRITE)).toThrow(raises("KeyError"));
      const other = { fileno: () => sock.fileno() };
      expect(() => sel.register(other, EVENT_WRITE)).toThrow(raises("KeyError"));
      expect(sel.get_key(sock)).toBe(key);
    });

    test("returns a key with everything in it, null for the data left out", () => {
      const sel = selector();
      const [left, right] = pair();
      const data = { any: "thing" };
      const key = sel.register(left, BOTH, data);
      expect(key).toBeInstanceOf(SelectorKey);
      expect([...key]).toEqual([left, left.fileno(), 3, data]);
      expect(key.fileobj).toBe(left);
      expect(key.data).toBe(data);
      expect(sel.register(right, EVENT_READ).data).toBe(null);
      expect(sel.get_key(left.fileno())).toBe(key);
    });
  });

  describe("what is not registered", () => {
    test.each([
      ["unregister", (sel: BaseSelector, file: never) => sel.unregister(file)],
      ["modify", (sel: BaseSelector, file: never) => sel.modify(file, EVENT_READ)],
      ["get_key", (sel: BaseSelector, file: never) => sel.get_key(file)],
    ])("%s raises KeyError, whose text str() quotes", (_, call) => {
      const sel = selector();
      const [sock] = pair();
      sel.register(pair()[0], EVENT_READ);
      const text = repr(`${repr(sock)} is not registered`);
      expect(() => call(sel, sock as never)).toThrow(raises("KeyError", text));
      expect(() => call(sel, sock.fileno() as never)).toThrow(
        raises("KeyError", `'${sock.fileno()} is not registered'`),
      );
      expect(() => call(sel, -1 as never)).toThrow(raises("ValueError"));
      expect(() => call(sel, "x" as never)).toThrow(raises("ValueError"));
      expect(sel.get_map()?.size).toBe(1);
    });
  });

  describe("unregister", () => {
    test("returns the key, and the socket is ready no more", () => {
      const sel = selector();
      const [sock] = pair();
      const key = sel.register(sock, EVENT_WRITE, 1);
      expect(ready(sel)).toEqual([[1, EVENT_WRITE]]);
      expect(sel.unregister(sock)).toBe(key);
      expect(ready(sel)).toEqual([]);
      sel.register(sock, EVENT_WRITE, 2);
      expect(ready(sel)).toEqual([[2, EVENT_WRITE]]);
    });

    test("works by the number of what was registered as an object", () => {
      const sel = selector();
      const [sock] = pair();
      const key = sel.register(sock, EVENT_READ);
      expect(sel.unregister(sock.fileno())).toBe(key);
    });

    test("works after the socket was closed, whose fileno() is -1 then", () => {
      const sel = selector();
      const [sock] = pair();
      const key = sel.register(sock, EVENT_READ);
      sock.close();
      expect(sel.get_key(sock)).toBe(key);
      expect(sel.unregister(sock)).toBe(key);
      expect(sel.get_map()?.size).toBe(0);
      expect(() => sel.unregister(sock)).toThrow(raises("ValueError"));
    });
  });

  describe("modify", () => {
    test("gives a new key with other events and data, and keeps the old one as it was", () => {
      const sel = selector();
      const [sock, peer] = pair();
      peer.send(b`x`);
      const old = sel.register(sock, EVENT_READ, "reading");
      const key = sel.modify(sock, EVENT_WRITE, "writing");
      expect([...old]).toEqual([sock, sock.fileno(), EVENT_READ, "reading"]);
      expect([...key]).toEqual([sock, sock.fileno(), EVENT_WRITE, "writing"]);
      expect(sel.get_key(sock)).toBe(key);
      expect(ready(sel)).toEqual([["writing", EVENT_WRITE]]);
      sel.modify(sock, BOTH);
      expect(ready(sel)).toEqual([[null, BOTH]]);
    });

    test("with the same events and data keeps the key", () => {
      const sel = selector();
      const [sock] = pair();
      const key = sel.register(sock, EVENT_READ, "data");
      expect(sel.modify(sock, EVENT_READ, "data")).toBe(key);
      expect(sel.modify(sock, EVENT_READ, "other")).not.toBe(key);
    });
  });

  describe("select", () => {
    test("says who can be read and who can be written", () => {
      const sel = selector();
      const [left, right] = pair();
      sel.register(left, BOTH, "left");
      sel.register(right, EVENT_READ, "right");
      expect(ready(sel)).toEqual([["left", EVENT_WRITE]]);
      right.send(b`x`);
      expect(ready(sel)).toEqual([["left", BOTH]]);
      left.send(b`y`);
      expect(new Set(ready(sel, null))).toEqual(
        new Set([
          ["left", BOTH],
          ["right", EVENT_READ],
        ]),
      );
      left.recv(1);
      expect(new Set(ready(sel))).toEqual(
        new Set([
          ["left", EVENT_WRITE],
          ["right", EVENT_READ],
        ]),
      );
    });

    test("a connection to accept is something to read", () => {
      const sel = selector();
      const [lsock, address] = listener();
      lsock.setblocking(false);
      sel.register(lsock, EVENT_READ, "listener");
      expect(ready(sel)).toEqual([]);
      const client = closing(new socket.socket());
      client.connect(address);
      expect(ready(sel, null)).toEqual([["listener", EVENT_READ]]);
      closing(lsock.accept()[0]);
      expect(ready(sel)).toEqual([]);
    });

    test("returns tuples that cannot be changed", () => {
      const sel = selector();
      sel.register(pair()[0], EVENT_WRITE);
      const events = sel.select(0);
      expect(Object.isFrozen(events[0])).toBe(true);
      expect(Object.isFrozen(events[0][0])).toBe(true);
      events.pop();
      expect(sel.select(0)).toHaveLength(1);
    });

    test.each([0, -1, -0.5, -1e-100, -Infinity])(
      "with the time-out %s does not wait",
      (timeout) => {
        const sel = selector();
        expect(sel.select(timeout)).toEqual([]);
        sel.register(pair()[0], EVENT_READ);
        expect(sel.select(timeout)).toEqual([]);
      },
    );

    test.each([0.05, 0.0101, 1e-9])("waits %s seconds and no less", (timeout) => {
      const sel = selector();
      sel.register(pair()[0], EVENT_READ);
      const begin = performance.now();
      expect(sel.select(timeout)).toEqual([]);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(timeout * 1e3);
    });

    test("an empty selector waits as well", () => {
      const begin = performance.now();
      expect(selector().select(0.05)).toEqual([]);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(50);
    });

    test("NaN is a ValueError, infinity an OverflowError, a text a TypeError", () => {
      const sel = selector();
      // CPython's kqueue has one error for all that is no time-out.
      const is_kqueue = name === "KqueueSelector";
      const too_large = raises(is_kqueue ? "TypeError" : "OverflowError");
      expect(() => sel.select(Number.NaN)).toThrow(raises(is_kqueue ? "TypeError" : "ValueError"));
      expect(() => sel.select(Infinity)).toThrow(too_large);
      expect(() => sel.select("1" as never)).toThrow(raises("TypeError"));
      expect(() => sel.select(1e300)).toThrow(too_large);
    });

    test("a peer that has gone is ready for whatever was asked for; recv tells the rest", () => {
      for (const events of [EVENT_READ, EVENT_WRITE, BOTH]) {
        const sel = selector();
        const [client, server] = connection();
        sel.register(client, events, "client");
        // What arrives at a closed socket is answered by a reset.
        server.setsockopt(
          socket.SOL_SOCKET,
          socket.SO_LINGER,
          Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
        );
        server.close();
        expect(ready(sel, null)).toEqual([["client", events]]);
        // The kqueue library for Linux takes the error for itself.
        if (name === "KqueueSelector" && process.platform === "linux") continue;
        expect(() => client.recv(1)).toThrow(raises("ConnectionResetError"));
      }
    });

    test("the end of the stream is something to read", () => {
      const sel = selector();
      const [left, right] = pair();
      sel.register(left, BOTH, "left");
      right.shutdown(socket.SHUT_WR);
      expect(ready(sel, null)).toEqual([["left", BOTH]]);
      expect(left.recv(1)).toHaveLength(0);
    });

    test("keys are looked up before any handler of the batch runs", () => {
      const sel = selector();
      const [a, a_peer] = pair();
      const [other, other_peer] = pair();
      for (const peer of [a_peer, other_peer]) peer.send(b`x`);
      sel.register(a, EVENT_READ);
      sel.register(other, EVENT_READ);
      const [[first], [second]] = sel.select(0);
      // The first one's handler closes the second, and a new socket takes its number.
      (second.fileobj as socket.socket).close();
      sel.unregister(second.fileobj);
      // The lowest number that is free: threads of others may have left some below.
      const strangers = Array.from({ length: 50 }, () => closing(new socket.socket()));
      expect(strangers.map((stranger) => stranger.fileno())).toContain(second.fd);
      expect(() => (second.fileobj as socket.socket).recv(1)).toThrow(
        raises("OSError", "[Errno 9] Bad file descriptor"),
      );
      expect((first.fileobj as socket.socket).recv(1)).toEqual(b`x`);
    });

    test("fifty connections, all at once", () => {
      const sel = selector();
      const pairs = Array.from({ length: 50 }, () => pair());
      pairs.forEach(([sock], index) => sel.register(sock, EVENT_READ, index));
      for (const [, peer] of pairs) peer.send(b`x`);
      const seen = new Set<unknown>();
      for (const [key] of sel.select()) {
        (key.fileobj as socket.socket).recv(1);
        seen.add(key.data);
      }
      expect(seen.size).toBe(50);
      expect(sel.select(0)).toEqual([]);
    });
  });

  describe("get_map", () => {
    test("is a live, read-only mapping of descriptors to keys", () => {
      const sel = selector();
      const map = sel.get_map()!;
      expect(map.size).toBe(0);
      const [left, right] = pair();
      const key = sel.register(left, EVENT_READ, "left");
      const other = sel.register(right.fileno(), EVENT_READ);
      expect(map.size).toBe(2);
      expect([...map]).toEqual([left.fileno(), right.fileno()]);
      expect([...map.keys()]).toEqual([...map]);
      expect([...map.values()]).toEqual([key, other]);
      expect([...map.entries()]).toEqual([
        [left.fileno(), key],
        [right.fileno(), other],
      ]);
      expect(map.get(left)).toBe(key);
      expect(map.get(left.fileno())).toBe(key);
      expect(map.get(right)).toBe(other);
      expect(map.has(left)).toBe(true);
      sel.unregister(left);
      expect(map.has(left)).toBe(false);
      expect(map.get(left)).toBe(undefined);
      expect(() => map.get("x" as never)).toThrow(raises("ValueError"));
    });

    test("is empty for the loop that ends when nobody is left", () => {
      const sel = selector();
      const [sock] = pair();
      sel.register(sock, EVENT_READ);
      sel.unregister(sock);
      // Unlike Python's, it is an object, and that is always true.
      expect(sel.get_map()?.size).toBe(0);
      expect(Boolean(sel.get_map())).toBe(true);
    });
  });

  describe("close", () => {
    test("empties the map taken before, and get_map() is null", () => {
      const sel = selector();
      const [sock] = pair();
      sel.register(sock, EVENT_READ);
      const map = sel.get_map()!;
      sel.close();
      sel.close();
      expect(map.size).toBe(0);
      expect(sel.get_map()).toBe(null);
      expect(() => sel.get_key(sock)).toThrow(raises("RuntimeError", "Selector is closed"));
      expect(() => sel.unregister(sock)).toThrow(raises("KeyError"));
      expect(sock.fileno()).toBeGreaterThan(0);
    });

    test("`using` closes it at the end of the block", () => {
      const outside = { sel: selector() };
      {
        using sel = new Selector();
        outside.sel = sel;
        expect(sel.get_map()).not.toBe(null);
      }
      expect(outside.sel.get_map()).toBe(null);
    });
  });

  test("a signal that is not Ctrl-C does not end select(), nor begin its time anew", async () => {
    const program = start("socket-calls.ts", [name, "0", "1"]);
    expect(await program.line()).toBe('"ready"');
    await until(() => is_blocked(program.pid));
    const line = await meanwhile(program.line(), () => program.kill("SIGUSR1"));
    const { value, seconds } = JSON.parse(line);
    expect(value).toBe(0);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(await program.line())).toBeGreaterThan(0);
  });
});

describe("DefaultSelector", () => {
  test("is the best that there is", () => {
    expect(DefaultSelector).toBe(EpollSelector);
  });

  test.each([
    ["epoll", "EpollSelector"],
    ["poll", "PollSelector"],
    ["select", "SelectSelector"],
    ["kpoll", "IOMUX_SELECTOR is 'kpoll'; this system has epoll, poll, select"],
  ])("is what IOMUX_SELECTOR names: %s", (name, expected) => {
    const program = `import(${JSON.stringify(`${process.cwd()}/build-test/lib/selectors.js`)}).then(
      ({ DefaultSelector }) => console.log(DefaultSelector.name),
      ({ message }) => console.log(message),
    )`;
    const env = { ...process.env, IOMUX_SELECTOR: name };
    const { stdout } = spawnSync(process.execPath, ["-e", program], { env, encoding: "utf8" });
    expect(stdout).toBe(`${expected}\n`);
  });
});

describe("EpollSelector", () => {
  test("a regular file is a PermissionError, and the key is rolled back", () => {
    using sel = new EpollSelector();
    const fd = openSync("package.json", "r");
    onTestFinished(() => closeSync(fd));
    expect(() => sel.register(fd, EVENT_READ)).toThrow(
      raises("PermissionError", "[Errno 1] Operation not permitted"),
    );
    expect(sel.get_map()?.size).toBe(0);
  });

  test("a descriptor that is not open raises EBADF, and the key is rolled back", () => {
    using sel = new EpollSelector();
    expect(() => sel.register(100_000, EVENT_READ)).toThrow(
      raises("OSError", "[Errno 9] Bad file descriptor"),
    );
    expect(sel.get_map()?.size).toBe(0);
  });

  test("closed, it raises ValueError", () => {
    const sel = new EpollSelector();
    const [sock] = pair();
    sel.close();
    const closed = raises("ValueError", "I/O operation on closed epoll object");
    expect(() => sel.select(0)).toThrow(closed);
    expect(() => sel.register(sock, EVENT_READ)).toThrow(closed);
    expect(() => sel.fileno()).toThrow(closed);
  });

  test("with a duplicate alive, a dead registration ends every wait at once", () => {
    using sel = new EpollSelector();
    const [sock, peer] = pair();
    // A child process inherits the socket, under a number of its own.
    const child = spawn("sleep", ["600"], { stdio: ["ignore", "ignore", "ignore", sock.fileno()] });
    onTestFinished(() => void child.kill());
    sel.register(sock, EVENT_READ);
    sock.close();
    sel.unregister(sock);
    peer.send(b`x`);
    expect(sel.select(null)).toEqual([]);
    expect(sel.select(null)).toEqual([]);
  });

  test("its descriptor can be watched by another selector", () => {
    using inner = new EpollSelector();
    using outer = new PollSelector();
    const [sock, peer] = pair();
    inner.register(sock, EVENT_READ);
    outer.register(inner, EVENT_READ, "inner");
    expect(ready(outer)).toEqual([]);
    peer.send(b`x`);
    expect(ready(outer, null)).toEqual([["inner", EVENT_READ]]);
  });
});

describe("PollSelector", () => {
  test("a regular file is always ready", () => {
    using sel = new PollSelector();
    const fd = openSync("package.json", "r");
    onTestFinished(() => closeSync(fd));
    sel.register(fd, BOTH, "file");
    expect(ready(sel, null)).toEqual([["file", BOTH]]);
  });

  test("a closed descriptor is ready", () => {
    using sel = new PollSelector();
    const [sock] = pair();
    sel.register(sock, EVENT_READ, "closed");
    sock.close();
    expect(ready(sel, null)).toEqual([["closed", EVENT_READ]]);
  });
});

describe("SelectSelector", () => {
  test("a descriptor past FD_SETSIZE is a ValueError when it waits", () => {
    using sel = new SelectSelector();
    sel.register(2000, EVENT_READ);
    expect(() => sel.select(0)).toThrow(
      raises("ValueError", "filedescriptor out of range in select()"),
    );
  });

  test("a closed descriptor raises EBADF when it waits", () => {
    using sel = new SelectSelector();
    const [sock] = pair();
    sel.register(sock, EVENT_READ);
    sock.close();
    expect(() => sel.select(0)).toThrow(raises("OSError", "[Errno 9] Bad file descriptor"));
  });

  test.each([0, 99])("modify with events %s is a ValueError, and the key is lost", (events) => {
    using sel = new SelectSelector();
    const [sock] = pair();
    sel.register(sock, EVENT_READ);
    expect(() => sel.modify(sock, events)).toThrow(raises("ValueError"));
    expect(sel.get_map()?.size).toBe(0);
  });
});

describe.each([
  ["EpollSelector", EpollSelector],
  ["PollSelector", PollSelector],
])("%s", (_, Selector) => {
  test("modify takes events that register does not", () => {
    using sel = new Selector();
    const [sock] = pair();
    sel.register(sock, EVENT_WRITE, "data");
    expect(sel.modify(sock, 0).events).toBe(0);
    expect(sel.select(0)).toEqual([]);
    expect(sel.modify(sock, 99, "data").events).toBe(99);
    expect(ready(sel)).toEqual([["data", EVENT_WRITE]]);
  });
});

test.each([
  ["SelectSelector", SelectSelector],
  ["PollSelector", PollSelector],
])("%s goes on working after close()", (_, Selector) => {
  const sel = new Selector();
  const [sock] = pair();
  sel.close();
  sel.register(sock, EVENT_WRITE, "still");
  expect(ready(sel)).toEqual([["still", EVENT_WRITE]]);
  expect(sel.get_map()).toBe(null);
});

test("a modify that the system refuses drops the key", () => {
  using sel = new EpollSelector();
  const [sock] = pair();
  sel.register(sock, EVENT_READ);
  sock.close();
  expect(() => sel.modify(sock, EVENT_WRITE)).toThrow(raises("OSError"));
  expect(sel.get_map()?.size).toBe(0);
});

test("a key prints as Python's named tuple", () => {
  const key = new SelectorKey(3, 3, EVENT_READ, "data");
  expect(str(key)).toBe("SelectorKey(fileobj=3, fd=3, events=1, data='data')");
  expect(String(key)).toBe(repr(key));
  expect(() => Object.assign(key, { events: 2 })).toThrow(TypeError);
});

test("a selector of one's own needs four methods", () => {
  /** Says that everything is ready, at once. */
  class Eager extends BaseSelector<string> {
    readonly #keys = new Map<number, SelectorKey<string>>();
    override register(fileobj: number, events: number, data: string = ""): SelectorKey<string> {
      const key = new SelectorKey<string>(fileobj, fileobj, events, data);
      this.#keys.set(fileobj, key);
      return key;
    }
    override unregister(fileobj: number): SelectorKey<string> {
      const key = this.#keys.get(fileobj)!;
      this.#keys.delete(fileobj);
      return key;
    }
    override select(): (readonly [SelectorKey<string>, number])[] {
      return [...this.#keys.values()].map((key) => [key, key.events] as const);
    }
    override get_map(): never {
      return this.#keys as never;
    }
  }
  using sel = new Eager();
  sel.register(7, EVENT_READ, "old");
  expect(sel.modify(7, EVENT_WRITE, "new")).toBe(sel.get_key(7));
  expect(sel.select()).toEqual([[sel.get_key(7), EVENT_WRITE]]);
  expect(() => sel.get_key(8)).toThrow(raises("KeyError", "'8 is not registered'"));
});
