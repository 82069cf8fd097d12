/** Which sockets are found in trouble: used or closed too late, written in vain, reset, refused. */
import { describe, expect, test } from "vitest";

import { b, BlockingIOError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";

import { reserve } from "../support/ports.ts";
import {
  address,
  calls_of,
  connection,
  listener,
  ready,
  recorded,
  traced,
  with_connections,
} from "../support/recorded-scenes.ts";
import type { Selector } from "../support/recorded-scenes.ts";
import { has_epoll, waiting_call } from "../support/system.ts";
import { pollers, troubles, only, failing, again, names } from "../support/troubles.ts";

const { EVENT_READ, EVENT_WRITE, DefaultSelector, PollSelector, SelectSelector } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

function close_and_wait(sel: Selector, conn: socket.socket): void {
  conn.close();
  sel.select(0);
}

describe.each(pollers)("with %s", (_, make) => {
  test("a key of a connection that was closed by another one's handler", () => {
    const lines = with_connections(
      2,
      EVENT_READ,
      (sel, clients) => {
        for (const client of clients) client.sendall(b`hello`);
        const [first, second] = ready(sel);
        first.recv(10);
        sel.unregister(second);
        second.close();
        failing(() => second.recv(10));
      },
      make,
    );
    const stale = only(lines);
    expect(stale).toMatchObject({ kind: "stale-key", count: 1 });
    expect(names(lines, stale)).toEqual([
      expect.stringMatching(/wait|poll|select/),
      "close",
      "recv",
    ]);
  });

  test("closing a connection of the same batch is no trouble where its key is skipped", () => {
    const lines = with_connections(
      3,
      EVENT_READ,
      (sel, clients) => {
        for (const client of clients) client.sendall(b`hello`);
        const [first, second, third] = ready(sel);
        first.recv(10);
        sel.unregister(second);
        second.close();
        third.recv(10);
        expect(ready(sel, 0)).toEqual([]);
      },
      make,
    );
    expect(troubles(lines)).toEqual([]);
  });

  test("a handler that goes on after it has closed its own connection", () => {
    const lines = with_connections(
      1,
      BOTH,
      (sel, [client]) => {
        client.close();
        const [conn] = ready(sel);
        expect(conn.recv(10)).toHaveLength(0);
        sel.unregister(conn);
        conn.close();
        failing(() => conn.send(b`too late`));
      },
      make,
    );
    expect(only(lines)).toMatchObject({ kind: "use-after-close", count: 1 });
    expect(names(lines, only(lines))).toEqual(["close", "send"]);
  });
});

test("an old key that meets a new connection with the same number", () => {
  const lines = recorded(() => {
    using sel = new DefaultSelector<unknown, socket.socket>();
    using lsock = listener();
    const [client, conn] = connection(lsock);
    const [other_client, other] = connection(lsock);
    for (const sock of [conn, lsock, other]) sel.register(sock, EVENT_READ);
    client.sendall(b`close the other`);
    expect(ready(sel)).toEqual([conn]);
    // Now all three are ready, in this order.
    using third = new socket.socket();
    third.connect(address(lsock));
    other_client.sendall(b`too late`);
    const batch = sel.select(5).map(([key]) => key);
    expect(new Set(batch.map(({ fileobj }) => fileobj))).toEqual(new Set([conn, lsock, other]));
    const by_fd = new Map([[other.fileno(), other]]);
    const fd = other.fileno();
    conn.recv(100);
    sel.unregister(other);
    other.close();
    const [accepted] = lsock.accept();
    expect(accepted.fileno()).toBe(fd);
    accepted.setblocking(false);
    sel.register(accepted, EVENT_READ);
    by_fd.set(fd, accepted);
    // A program that goes by the number alone.
    expect(batch[2].fd).toBe(fd);
    expect(() => by_fd.get(batch[2].fd)!.recv(100)).toThrow(BlockingIOError);
    sel.close();
    for (const sock of [client, conn, other_client, accepted]) sock.close();
  });
  const [stale] = troubles(lines);
  expect(stale).toMatchObject({ kind: "stale-key", count: 1 });
  expect(stale.title).toContain("a new connection with the same number");
  expect(names(lines, stale)).toEqual([waiting_call, "close", "recv"]);
});

describe("closed while registered", () => {
  test.skipIf(!has_epoll)("epoll forgets it, the selector does not", () => {
    const lines = with_connections(1, EVENT_READ, (sel, _, [conn]) => close_and_wait(sel, conn));
    expect(only(lines)).toMatchObject({ kind: "closed-while-registered", count: 1 });
    expect(names(lines, only(lines))).toEqual(["close"]);
  });

  test("poll says POLLNVAL", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel, _, [conn]) => close_and_wait(sel, conn),
      () => new PollSelector(),
    );
    expect(only(lines)).toMatchObject({ kind: "closed-while-registered", count: 1 });
    expect(only(lines).explanation).toContain("POLLNVAL");
  });

  test("select fails", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel, _, [conn]) => failing(() => close_and_wait(sel, conn)),
      () => new SelectSelector(),
    );
    expect(only(lines)).toMatchObject({ kind: "closed-while-registered", count: 1 });
    expect(only(lines).title).toContain("EBADF");
  });

  test("unregistered after it was closed, but before the next wait, is no trouble", () => {
    const lines = with_connections(2, EVENT_READ, (sel, _, [conn]) => {
      conn.close();
      sel.unregister(conn);
      sel.select(0);
    });
    expect(troubles(lines)).toEqual([]);
  });
});

describe("send", () => {
  const size = 1 << 24;

  test("a rest that is sent later", () => {
    const lines = with_connections(1, EVENT_WRITE, (sel, [client], [conn]) => {
      let outb = Buffer.alloc(size);
      let received = 0;
      while (outb.length > 0) {
        sel.select();
        outb = outb.subarray(conn.send(outb));
        while (received < size - outb.length) received += client.recv(1 << 20).length;
      }
    });
    const short = only(lines);
    expect(short.kind).toBe("short-write");
    expect(short.explanation).toMatch(
      /^The first one took [\d,]+ bytes of 16,777,216 bytes, on fd \d+/,
    );
    expect(short.explanation).toContain("Here it did.");
    const [first] = short.calls;
    expect(calls_of(lines)[first].result).toBeLessThan(size);
  });

  test("a rest that is lost", () => {
    let sent = 0;
    const lines = with_connections(1, EVENT_WRITE, (sel, _, [conn]) => {
      sel.select();
      sent = conn.send(Buffer.alloc(size));
      sel.unregister(conn);
      conn.close();
    });
    const [lost, short] = troubles(lines);
    expect(lost).toMatchObject({ kind: "lost-write", count: 1 });
    const bytes = (size - sent).toLocaleString("en");
    expect(lost.title).toBe(`The rest of 1 send was never sent: ${bytes} bytes`);
    expect(names(lines, lost)).toEqual(["send", "close"]);
    expect(short.explanation).not.toContain("Here it did.");
  });
});

describe("EAGAIN", () => {
  test("without having been ready", () => {
    const lines = with_connections(2, EVENT_READ, (sel, [client], [conn, other]) => {
      client.sendall(b`hello`);
      sel.select();
      conn.recv(10);
      again(() => other.recv(10));
    });
    expect(only(lines)).toMatchObject({ kind: "again-unasked", count: 1 });
    expect(names(lines, only(lines))).toEqual([waiting_call, "recv"]);
  });

  test("at the end of what was there", () => {
    const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
      client.sendall(b`hello`);
      sel.select();
      conn.recv(10);
      again(() => conn.recv(10));
    });
    expect(only(lines)).toMatchObject({ kind: "again-drained", count: 1 });
  });

  test("although it was ready, because another has taken it", () => {
    const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
      using copy = conn.dup();
      copy.setblocking(false);
      sel.register(copy, EVENT_READ);
      client.sendall(b`hello`);
      const [first, second] = ready(sel);
      first.recv(10);
      again(() => second.recv(10));
      sel.unregister(copy);
    });
    expect(only(lines)).toMatchObject({ kind: "again-ready", count: 1 });
  });
});

describe("the end of a connection", () => {
  test("a reset, and a send after it", () => {
    const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
      client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
      client.close();
      sel.select();
      failing(() => conn.recv(10));
      failing(() => conn.send(b`anyone?`));
    });
    const [reset, pipe] = troubles(lines);
    expect(reset).toMatchObject({ kind: "reset", count: 1 });
    expect(reset.explanation).toContain("ECONNRESET");
    expect(pipe).toMatchObject({ kind: "reset", count: 1 });
    expect(pipe.explanation).toContain("EPIPE");
  });

  test("refused", () => {
    const lines = recorded(() => {
      const free = listener();
      const gone = address(free);
      free.close();
      using sel = new DefaultSelector<unknown, socket.socket>();
      using sock = new socket.socket();
      sock.setblocking(false);
      sock.connect_ex(gone);
      sel.register(sock, BOTH);
      sel.select();
      failing(() => sock.recv(10));
      sel.unregister(sock);
    });
    expect(only(lines)).toMatchObject({ kind: "refused", count: 1 });
  });

  test("half closed: what is sent then arrives", () => {
    const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
      client.sendall(b`question`);
      client.shutdown(socket.SHUT_WR);
      sel.select();
      const question = conn.recv(100);
      sel.select();
      expect(conn.recv(100)).toHaveLength(0);
      conn.send(question);
      sel.unregister(conn);
      conn.close();
      expect(client.recv(100)).toEqual(question);
    });
    const half = only(lines);
    expect(half).toMatchObject({ kind: "half-close", count: 1 });
    expect(half.title).toBe("Sent 8 bytes after the peer's end of stream");
  });
});

test("a full backlog", () => {
  const lines = recorded(() => {
    using sel = new DefaultSelector<unknown, socket.socket>();
    using lsock = listener(1);
    sel.register(lsock, EVENT_READ);
    using first = new socket.socket();
    using second = new socket.socket();
    for (const client of [first, second]) client.connect(address(lsock));
    sel.select();
    lsock.accept()[0].close();
  });
  const full = troubles(lines).find(({ kind }) => kind === "backlog");
  expect(full).toMatchObject({ count: 1 });
  expect(full!.explanation).toMatch(
    /^2 connections waited .* listen\(\) was given a backlog of 1\./,
  );
});

test("an error that nobody catches, and what it does to the program", async () => {
  const script = "build-test/scripts/multiconn-server.js";
  const lines = await traced("--fault", "rst", script, "127.0.0.1", String(await reserve()));
  const reset = troubles(lines).find(({ kind }) => kind === "reset")!;
  expect(reset.explanation).toContain("it ended the program: ConnectionResetError: [Errno 104]");
});
