/** The contract of all selectors, part two: what select() returns, and how long it waits. */
import { describe, expect, onTestFinished, test } from "vitest";

import { b } from "iomux/builtins";
import { BaseSelector, EVENT_READ, EVENT_WRITE } from "iomux/selectors";
import * as socket from "iomux/socket";

import { is_blocked } from "../support/proc.ts";
import { start } from "../support/programs.ts";
import { BOTH, raises, ready } from "../support/selector-kinds.ts";
import { closing, connection, listener, pair } from "../support/sockets.ts";
import { kinds } from "../support/system.ts";
import { meanwhile, until } from "../support/waiting.ts";

describe.each(kinds)("%s", (name, Selector) => {
  function selector(): BaseSelector {
    const sel = new Selector();
    onTestFinished(() => sel.close());
    return sel;
  }

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

    test.each([0, -1, -0.5, -1e-100, -Infinity])("with the timeout %s does not wait", (timeout) => {
      const sel = selector();
      expect(sel.select(timeout)).toEqual([]);
      sel.register(pair()[0], EVENT_READ);
      expect(sel.select(timeout)).toEqual([]);
    });

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
      // CPython's kqueue has one error for all that is no timeout.
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

  test("a signal that is not Ctrl-C does not end select(), nor begin its time anew", async () => {
    const program = start("socket-calls.ts", [name, "0", "1", "1"]);
    expect(await program.line()).toBe('"ready"');
    await until(() => is_blocked(program.pid));
    const line = await meanwhile(program.line(), () => program.kill("SIGUSR1"));
    const { value, seconds } = JSON.parse(line);
    expect(value).toBe(0);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(await program.line())).toBeGreaterThan(0);
  });
});
