/** The contract of all selectors, part one: what is registered, and under which key. */
import { describe, expect, onTestFinished, test } from "vitest";

import { b, repr } from "iomux/builtins";
import { BaseSelector, EVENT_READ, EVENT_WRITE, SelectorKey } from "iomux/selectors";
import * as socket from "iomux/socket";

import { BOTH, raises, ready } from "../support/selector-kinds.ts";
import { pair } from "../support/sockets.ts";
import { kinds } from "../support/system.ts";

describe.each(kinds)("%s", (_, Selector) => {
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
    ])("%s raises KeyError, whose text str() quotes", (_method, call) => {
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
});
