/** What each selector does in its own way, and what one of your own needs. */
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
  PollSelector,
  SelectorKey,
  SelectSelector,
} from "iomux/selectors";

import { compiled } from "../support/commands.ts";
import { BOTH, raises, ready } from "../support/selector-kinds.ts";
import { pair } from "../support/sockets.ts";
import { has_epoll, kinds } from "../support/system.ts";

describe("DefaultSelector", () => {
  test("is the best that there is", () => {
    expect(DefaultSelector).toBe(kinds[0][1]);
  });

  const names = kinds.map(([name]) => [name.replace("Selector", "").toLowerCase(), name]);
  const usable = names.map(([name]) => name).join(", ");
  test.each([...names, ["kpoll", `IOMUX_SELECTOR is 'kpoll'; this system has ${usable}`]])(
    "is what IOMUX_SELECTOR names: %s",
    (name, expected) => {
      const [runtime, ...program] = compiled("test/support/programs/default-selector.ts");
      const env = { ...process.env, IOMUX_SELECTOR: name };
      const { stdout } = spawnSync(runtime, program, { env, encoding: "utf8" });
      expect(stdout).toBe(`${expected}\n`);
    },
  );
});

describe.skipIf(!has_epoll)("EpollSelector", () => {
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

describe.each(kinds.filter(([name]) => /^E?Poll/i.test(name)))("%s", (_, Selector) => {
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

test.skipIf(!has_epoll)("a modify that the system refuses drops the key", () => {
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
