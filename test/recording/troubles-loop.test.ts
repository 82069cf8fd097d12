/** Which loops are found in trouble: they spin, wait in vain, sleep in a call, are busy, or unfair. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { b, BlockingIOError, OSError } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import type { Line } from "iomux/trace";

import { troubles_of } from "../../tools/recording/troubles.ts";
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
import { needs } from "../support/tools.ts";
import { names, only, pollers, troubles } from "../support/troubles.ts";
import { command } from "../support/tutorial.ts";

const { EVENT_READ, EVENT_WRITE, DefaultSelector } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

/** A server's recording, while a peer sends it a request one byte at a time. */
async function asked_slowly(script: string): Promise<Line[]> {
  return traced("--fault", "slow-peer", script, "127.0.0.1", String(await reserve()));
}

/** Echoes for clients of another process until so many have gone; waits to write only when something is left. */
async function echo(make: () => Selector, clients: number): Promise<Line[]> {
  let client: ReturnType<typeof spawn> | undefined;
  const lines = recorded(() => {
    using sel = make();
    using lsock = listener();
    sel.register(lsock, EVENT_READ);
    const [, port] = address(lsock);
    const [file, ...args] = command("multiconn-client", "Python", [
      "127.0.0.1",
      `${port}`,
      `${clients}`,
    ]);
    client = spawn(file, args, { stdio: "ignore" });
    for (let gone = 0; gone < clients;) {
      for (const sock of ready(sel, null)) {
        if (sock === lsock) {
          const [conn] = lsock.accept();
          conn.setblocking(false);
          sel.register(conn, EVENT_READ);
          continue;
        }
        const data = sock.recv(1024);
        if (data.length > 0) sock.send(data);
        else {
          sel.unregister(sock);
          sock.close();
          gone++;
        }
      }
    }
  });
  const [status] = await once(client!, "close");
  expect(status).toBe(0);
  return lines;
}

describe.each(pollers)("with %s", (by, make) => {
  test("a server that waits to read alone has no trouble", async () => {
    const lines = await echo(make, 5);
    expect(calls_of(lines).filter(({ wake }) => wake?.by === by).length).toBeGreaterThan(5);
    expect(troubles(lines)).toEqual([]);
  });

  test("waiting to write with nothing to send is a spin", () => {
    const lines = with_connections(
      2,
      BOTH,
      (sel) => {
        for (let turn = 0; turn < 30; turn++) sel.select();
      },
      make,
    );
    const spin = only(lines);
    // What came of the last one, nobody has seen.
    expect(spin).toMatchObject({ kind: "spin", process: 0, count: 29 });
    expect(spin.title).toMatch(/^The loop spins: 29 wake-ups in .*, with nothing to send$/);
    expect(spin.explanation).toContain("EVENT_WRITE");
    expect(spin.calls).toHaveLength(20);
    expect(new Set(names(lines, spin)).size).toBe(1);
  });

  test("waiting to write while something is left to send is none", () => {
    const lines = with_connections(
      1,
      BOTH,
      (sel, [client], [conn]) => {
        for (let turn = 0; turn < 30; turn++) {
          sel.select();
          conn.send(b`some`);
          client.recv(4);
        }
      },
      make,
    );
    expect(troubles(lines)).toEqual([]);
  });

  test("what is ready and never read is a spin", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel, [client]) => {
        client.sendall(b`unread`);
        for (let turn = 0; turn < 10; turn++) sel.select();
      },
      make,
    );
    const spin = only(lines);
    expect(spin.title).toMatch(/^The loop spins: 9 wake-ups in .*, ignoring what is ready$/);
    expect(spin.advice).toContain("recv");
  });

  test("an end of stream that nobody heeds is a spin", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel, [client], [conn]) => {
        client.shutdown(socket.SHUT_WR);
        for (let turn = 0; turn < 10; turn++) {
          sel.select();
          conn.recv(10);
        }
        sel.select();
      },
      make,
    );
    // The first time it was news.
    expect(only(lines)).toMatchObject({ kind: "spin", count: 9 });
    expect(only(lines).title).toContain("at the end of a stream");
  });

  test("looking again and again without waiting is a spin", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel) => {
        for (let turn = 0; turn < 50; turn++) sel.select(0);
      },
      make,
    );
    expect(only(lines)).toMatchObject({ kind: "spin", count: 49 });
    expect(only(lines).title).toContain("with a timeout of 0");
  });

  test("waits that only time ends", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel) => {
        for (let turn = 0; turn < 7; turn++) expect(sel.select(0.002)).toEqual([]);
      },
      make,
    );
    expect(only(lines)).toMatchObject({ kind: "idle-timeout", count: 7 });
    expect(only(lines).calls).toHaveLength(7);
  });

  test("a timeout between two pieces of work is no trouble", () => {
    const lines = with_connections(
      1,
      EVENT_READ,
      (sel, [client], [conn]) => {
        for (let turn = 0; turn < 10; turn++) {
          expect(sel.select(0.001)).toEqual([]);
          client.sendall(b`tick`);
          sel.select();
          conn.recv(10);
        }
      },
      make,
    );
    expect(troubles(lines)).toEqual([]);
  });
});

test.skipIf(!has_epoll)("a spin names the place where the program has asked for it", () => {
  const lines = with_connections(1, BOTH, (sel) => {
    for (let turn = 0; turn < 5; turn++) sel.select();
  });
  expect(only(lines).explanation).toMatch(
    /The program registered it in recorded-scenes\.ts, line \d+\./,
  );
});

test("a connection that is never its turn", () => {
  const lines = with_connections(2, EVENT_READ, (sel, clients, conns) => {
    const [greedy, patient] = clients;
    patient.sendall(b`waiting`);
    for (let turn = 0; turn < 8; turn++) {
      greedy.sendall(b`more`);
      expect(sel.select(5)).toHaveLength(2);
      conns[0].recv(10);
    }
    conns[1].recv(10);
  });
  const starving = only(lines);
  expect(starving).toMatchObject({ kind: "starving", count: 1 });
  expect(starving.explanation).toMatch(/in 8 wake-ups in .* while it served others 8 times/);
  expect(starving.explanation).toContain("Up to 7 bytes");
  expect(names(lines, starving)).toEqual([waiting_call, "recv"]);
});

describe("a loop that does not get on", () => {
  test("because a call in it sleeps", () => {
    const lines = with_connections(2, EVENT_READ, (sel, clients, [conn, other]) => {
      clients[0].sendall(b`hello`);
      sel.select();
      conn.recv(10);
      clients[1].sendall(b`me too`);
      // As a socket that somebody has forgotten to make non-blocking.
      conn.setblocking(true);
      conn.setsockopt(
        socket.SOL_SOCKET,
        socket.SO_RCVTIMEO,
        Buffer.from(new BigInt64Array([0n, 80_000n]).buffer),
      );
      expect(() => conn.recv(10)).toThrow(BlockingIOError);
      sel.select();
      other.recv(10);
    });
    const blocking = troubles_of(lines).find(({ kind }) => kind === "blocking-call")!;
    expect(blocking.count).toBe(1);
    expect(blocking.explanation).toMatch(/Between two waits, recv on fd \d+ .* took [\d.]+ ms/);
    expect(blocking.explanation).toContain("The wait after it had 1 descriptor ready.");
    expect(names(lines, blocking)).toEqual(["recv"]);
  });

  test("because the program is busy", () => {
    const lines = with_connections(1, EVENT_READ, (sel, [client], [conn]) => {
      client.sendall(b`hello`);
      sel.select();
      conn.recv(10);
      // It is to have done nothing for a while, whatever time it is then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      sel.select(0);
    });
    const busy = troubles_of(lines).find(({ kind }) => kind === "busy-handler")!;
    expect(busy.explanation).toMatch(/^After recv, \d+ ms went by without any call/);
    expect(names(lines, busy)).toEqual(["recv"]);
  });

  test("waiting before the loop, and after it, is no trouble", () => {
    const lines = recorded(() => {
      using lsock = listener();
      const [client, conn] = connection(lsock);
      conn.settimeout(0.2);
      expect(() => conn.recv(10)).toThrow(OSError);
      using sel = new DefaultSelector<unknown, socket.socket>();
      sel.register(conn, EVENT_READ);
      client.sendall(b`hello`);
      sel.select();
      conn.recv(10);
      sel.unregister(conn);
      expect(() => conn.recv(10)).toThrow(OSError);
      client.close();
      conn.close();
    });
    expect(troubles(lines)).toEqual([]);
  });
});

describe("the tutorial's programs, of which a slow peer asks something", () => {
  test.each([
    ["TypeScript", "build-test/scripts/multiconn-server.js", "scripts/multiconn-server.ts"],
    ["Python", "scripts/multiconn-server.py", "scripts/multiconn-server.py"],
  ])("the echo server in %s spins meanwhile", async (language, script, path) => {
    if (language === "Python") needs("python3", "strace");
    const lines = await asked_slowly(script);
    const spin = only(lines);
    expect(spin.kind).toBe("spin");
    const source = readFileSync(path, "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("sel.register(conn, ")) + 1;
    const file = path.slice(path.lastIndexOf("/") + 1);
    // Only a poller of the kernel's is told at that line.
    if (!has_epoll && path.endsWith(".ts")) return;
    expect(spin.explanation).toContain(`registered it in accept_wrapper (${file}, line ${line})`);
  });

  test.each([
    ["on node:net", "scripts/net/multiconn-server.ts"],
    ["of the last chapter", "build-test/scripts/app-server.js"],
  ])("the server %s does not", async (which, script) => {
    if (which === "on node:net") needs("strace");
    const lines = await asked_slowly(script);
    expect(calls_of(lines).filter(({ wake }) => wake !== undefined).length).toBeGreaterThan(50);
    expect(troubles(lines)).toEqual([]);
  });
});

test("troubles of several processes are told apart", () => {
  const lines = with_connections(1, BOTH, (sel) => {
    for (let turn = 0; turn < 5; turn++) sel.select();
  });
  const twice = lines.flatMap((line) => [
    { ...line, process: 0 },
    { ...line, process: 1 },
  ]);
  expect(troubles(twice).map(({ kind, process, count }) => [kind, process, count])).toEqual([
    ["spin", 0, 4],
    ["spin", 1, 4],
  ]);
});

test("nothing was recorded", () => {
  expect(troubles([])).toEqual([]);
});
