/** Which troubles are found in recordings of real runs, and which are not. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { b, BlockingIOError, OSError } from "iomux/builtins";
import * as select from "iomux/select";
import * as selectors from "iomux/selectors";
import * as socket from "iomux/socket";
import type { Line } from "iomux/trace";

import { event_names, mask_names, to_events } from "../../tools/recording/masks.ts";
import { TroubleFinder } from "../../tools/recording/troubles.ts";
import type { Trouble } from "../../tools/recording/troubles.ts";
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
import { command } from "../support/tutorial.ts";

const { EVENT_READ, EVENT_WRITE, EpollSelector, PollSelector, SelectSelector } = selectors;
const BOTH = EVENT_READ | EVENT_WRITE;

function all_troubles(lines: readonly Line[]): Trouble[] {
  const finder = new TroubleFinder();
  for (const line of lines) finder.see(line);
  return finder.finish();
}

/**
 * Without what a machine under load does to every program: it is kept from running, and a client that
 * is played by the same program waits for what is still on the way.
 */
function troubles(lines: readonly Line[]): Trouble[] {
  return all_troubles(lines).filter(
    ({ kind }) => kind !== "busy-handler" && kind !== "blocking-call",
  );
}

/** The one trouble that there is. */
function only(lines: readonly Line[]): Trouble {
  const found = troubles(lines);
  expect(found.map(({ title }) => title)).toHaveLength(1);
  return found[0];
}

function failing(work: () => void): void {
  expect(work).toThrow(OSError);
}

function again(work: () => void): void {
  expect(work).toThrow(BlockingIOError);
}

function close_and_wait(sel: Selector, conn: socket.socket): void {
  conn.close();
  sel.select(0);
}

/** A server's recording, while a peer sends it a request one byte at a time. */
async function asked_slowly(script: string): Promise<Line[]> {
  return traced("--fault", "slow-peer", script, "127.0.0.1", String(await reserve()));
}

/** The names of the calls that are given as examples. */
function names(lines: readonly Line[], { calls }: Trouble): string[] {
  const all = calls_of(lines);
  return calls.map((number) => all.find(({ call }) => call === number)!.name);
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

describe.each([
  ["epoll", () => new EpollSelector<unknown, socket.socket>()],
  ["poll", () => new PollSelector<unknown, socket.socket>()],
  ["select", () => new SelectSelector<unknown, socket.socket>()],
] as const)("with %s", (by, make: () => Selector) => {
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

  test("a time-out between two pieces of work is no trouble", () => {
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

test("a spin names the place where the program has asked for it", () => {
  const lines = with_connections(1, BOTH, (sel) => {
    for (let turn = 0; turn < 5; turn++) sel.select();
  });
  expect(only(lines).explanation).toMatch(
    /The program registered it in recorded-scenes\.ts, line \d+\./,
  );
});

test("an old key that meets a new connection with the same number", () => {
  const lines = recorded(() => {
    using sel = new EpollSelector<unknown, socket.socket>();
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
  expect(names(lines, stale)).toEqual(["epoll_wait", "close", "recv"]);
});

describe("closed while registered", () => {
  test("epoll forgets it, the selector does not", () => {
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
    expect(names(lines, only(lines))).toEqual(["epoll_wait", "recv"]);
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
  expect(names(lines, starving)).toEqual(["epoll_wait", "recv"]);
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
      using sel = new EpollSelector<unknown, socket.socket>();
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
    using sel = new EpollSelector<unknown, socket.socket>();
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
    const blocking = all_troubles(lines).find(({ kind }) => kind === "blocking-call")!;
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
    const busy = all_troubles(lines).find(({ kind }) => kind === "busy-handler")!;
    expect(busy.explanation).toMatch(/^After recv, \d+ ms went by without any call/);
    expect(names(lines, busy)).toEqual(["recv"]);
  });

  test("waiting before the loop, and after it, is no trouble", () => {
    const lines = recorded(() => {
      using lsock = listener();
      const [client, conn] = connection(lsock);
      conn.settimeout(0.2);
      expect(() => conn.recv(10)).toThrow(OSError);
      using sel = new EpollSelector<unknown, socket.socket>();
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
  ])("the echo server in %s spins meanwhile", async (_, script, path) => {
    const lines = await asked_slowly(script);
    const spin = only(lines);
    expect(spin.kind).toBe("spin");
    const source = readFileSync(path, "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("sel.register(conn, ")) + 1;
    const file = path.slice(path.lastIndexOf("/") + 1);
    expect(spin.explanation).toContain(`registered it in accept_wrapper (${file}, line ${line})`);
  });

  test.each([
    ["on node:net", "scripts/net/multiconn-server.ts"],
    ["of the last chapter", "build-test/scripts/app-server.js"],
  ])("the server %s does not", async (_, script) => {
    const lines = await asked_slowly(script);
    expect(calls_of(lines).filter(({ wake }) => wake !== undefined).length).toBeGreaterThan(50);
    expect(troubles(lines)).toEqual([]);
  });
});

test("an error that nobody catches, and what it does to the program", async () => {
  const script = "build-test/scripts/multiconn-server.js";
  const lines = await traced("--fault", "rst", script, "127.0.0.1", String(await reserve()));
  const reset = troubles(lines).find(({ kind }) => kind === "reset")!;
  expect(reset.explanation).toContain("it ended the program: ConnectionResetError: [Errno 104]");
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

test("masks by their names, as this system numbers them", () => {
  const { POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL, POLLRDHUP } = select;
  expect(mask_names(POLLIN | POLLHUP)).toBe("POLLIN|POLLHUP");
  expect(mask_names(POLLPRI | POLLOUT | POLLERR)).toBe("POLLPRI|POLLOUT|POLLERR");
  expect(mask_names(POLLNVAL | POLLRDHUP)).toBe("POLLNVAL|POLLRDHUP");
  expect(mask_names(0)).toBe("0");
  expect(mask_names(POLLIN | select.EPOLLET)).toBe("POLLIN|0x80000000");
  expect(event_names(BOTH)).toBe("EVENT_READ|EVENT_WRITE");
  expect([POLLIN, POLLOUT, POLLHUP, POLLIN | POLLOUT].map(to_events)).toEqual([
    EVENT_READ,
    EVENT_WRITE,
    BOTH,
    BOTH,
  ]);
});

test("nothing was recorded", () => {
  expect(troubles([])).toEqual([]);
});
