/** Which calls wait, and for how long. No test says that something was fast. */
import { constants } from "node:fs";

import { afterEach, describe, expect, test } from "vitest";

import { BlockingIOError } from "iomux/builtins";
import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { flags_of } from "../support/proc.ts";
import { start } from "../support/programs.ts";
import { for_python, ask_python } from "../support/python.ts";
import { closing, connection, listener, pair } from "../support/sockets.ts";
import { meanwhile } from "../support/waiting.ts";

const { AF_INET, SOCK_NONBLOCK, SOCK_STREAM } = socket;

/** What a timeout that ran out raises. */
const timed_out = expect.objectContaining({
  name: "TimeoutError",
  message: "timed out",
  errno: null,
  code: null,
  strerror: null,
});

const would_block = expect.objectContaining({
  name: "BlockingIOError",
  message: "[Errno 11] Resource temporarily unavailable",
  errno: 11,
});

afterEach(() => socket.setdefaulttimeout(null));

function has_nonblock(sock: socket.socket): boolean {
  return (flags_of(sock.fileno()) & constants.O_NONBLOCK) !== 0;
}

/** Fills what the system keeps for the peer, until a socket that does not wait takes no more. */
function fill(sock: socket.socket): void {
  const bytes = Buffer.alloc(64 * 1024);
  for (const size of [bytes.length, 1]) {
    try {
      while (sock.send(bytes.subarray(0, size), socket.MSG_DONTWAIT) > 0);
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
    }
  }
}

const times = [0, 5, true, 5e-324, 1e-10, 1e-9, 2.5e-9, 0.1, 0.3, 1.1, 2.2, 1 / 3, Math.PI];
times.push(1.0000000001, 1e6 + 1e-6, 1e9, 9e9, 9223372036, 1e9 / 9, 2 ** 33 - 2 ** -20);

const times_in_python = ask_python(
  `
import socket

def kept(seconds):
    sock = socket.socket()
    sock.settimeout(seconds)
    return [sock.gettimeout(), sock.getblocking()]

answers = [kept(value_of(time)) for time in questions]
`,
  times.map(for_python),
) as () => unknown[];

describe("the timeout", () => {
  test("settimeout refuses what is no time", () => {
    const [sock] = pair();
    expect(() => sock.settimeout(-1)).toThrow("Timeout value out of range");
    expect(() => sock.settimeout(NaN)).toThrow("Invalid value NaN (not a number)");
    expect(() => sock.settimeout(1e30)).toThrow("timestamp out of range for platform time_t");
    expect(() => sock.settimeout("1" as unknown as number)).toThrow(TypeError);
    expect(() => sock.settimeout(undefined as unknown as null)).toThrow(TypeError);
    expect(sock.gettimeout()).toBe(null);
    expect(has_nonblock(sock)).toBe(false);
  });

  test.each(times.map((time, index) => [time, index] as const))(
    "settimeout(%s) is kept as Python keeps it",
    (time, index) => {
      const [sock] = pair();
      sock.settimeout(time as number);
      expect([sock.gettimeout(), sock.getblocking()]).toEqual(times_in_python()[index]);
    },
  );

  test("with a timeout the descriptor has O_NONBLOCK, and yet getblocking() is true", () => {
    const [sock] = pair();
    expect([sock.gettimeout(), sock.getblocking(), has_nonblock(sock)]).toEqual([
      null,
      true,
      false,
    ]);
    sock.settimeout(5);
    expect([sock.gettimeout(), sock.getblocking(), has_nonblock(sock)]).toEqual([5, true, true]);
    sock.settimeout(0);
    expect([sock.gettimeout(), sock.getblocking(), has_nonblock(sock)]).toEqual([0, false, true]);
    sock.settimeout(null);
    expect([sock.gettimeout(), sock.getblocking(), has_nonblock(sock)]).toEqual([
      null,
      true,
      false,
    ]);
  });

  test("setblocking(true) takes any timeout away, setblocking(false) is one of 0", () => {
    const [sock] = pair();
    sock.settimeout(5);
    sock.setblocking(true);
    expect([sock.timeout, has_nonblock(sock)]).toEqual([null, false]);
    sock.setblocking(false);
    expect([sock.timeout, has_nonblock(sock)]).toEqual([0, true]);
    // As much Python code has it.
    sock.setblocking(1);
    expect([sock.timeout, has_nonblock(sock)]).toEqual([null, false]);
    sock.setblocking(0);
    expect([sock.timeout, has_nonblock(sock)]).toEqual([0, true]);
  });

  test("gettimeout and getblocking still tell of a closed socket", () => {
    const [sock] = pair();
    sock.settimeout(5);
    sock.close();
    expect([sock.gettimeout(), sock.getblocking(), sock.timeout]).toEqual([5, true, 5]);
  });
});

describe("the default timeout", () => {
  test("there is none at first, and wrong ones change nothing", () => {
    expect(socket.getdefaulttimeout()).toBe(null);
    socket.setdefaulttimeout(2.5);
    expect(() => socket.setdefaulttimeout(-1)).toThrow("Timeout value out of range");
    expect(() => socket.setdefaulttimeout(NaN)).toThrow("Invalid value NaN (not a number)");
    expect(socket.getdefaulttimeout()).toBe(2.5);
  });

  test("new sockets take it, those that there are do not", () => {
    const before = closing(new socket.socket());
    socket.setdefaulttimeout(2.5);
    const after = closing(new socket.socket());
    const [left, right] = pair();
    expect(before.gettimeout()).toBe(null);
    for (const sock of [after, left, right]) {
      expect([sock.gettimeout(), has_nonblock(sock)]).toEqual([2.5, true]);
    }
  });

  test("a default of 0 makes sockets that do not wait", () => {
    socket.setdefaulttimeout(0);
    const [sock] = pair();
    expect([sock.getblocking(), has_nonblock(sock)]).toEqual([false, true]);
    expect(() => sock.recv(1)).toThrow(would_block);
  });

  test("a socket made of a descriptor takes it", () => {
    const [sock] = pair();
    socket.setdefaulttimeout(2.5);
    const same = closing(new socket.socket(null, null, null, sock.detach()));
    expect([same.gettimeout(), has_nonblock(same)]).toEqual([2.5, true]);
  });
});

/** What a listener with this timeout accepts. */
function accepted(timeout: number | null): socket.socket {
  const [lsock, address] = listener();
  lsock.settimeout(timeout);
  closing(new socket.socket()).connect(address);
  select([lsock], [], []);
  return closing(lsock.accept()[0]);
}

describe("accept returns a socket that blocks", () => {
  test.each([null, 0, 5])("from a listener with the timeout %s", (timeout) => {
    const conn = accepted(timeout);
    expect([conn.gettimeout(), conn.getblocking(), has_nonblock(conn)]).toEqual([
      null,
      true,
      false,
    ]);
  });

  test("unless there is a default timeout, which it takes", () => {
    const [lsock, address] = listener();
    closing(new socket.socket()).connect(address);
    socket.setdefaulttimeout(2.5);
    const conn = closing(lsock.accept()[0]);
    expect([conn.gettimeout(), has_nonblock(conn)]).toEqual([2.5, true]);
  });
});

function expect_nonblocking(sock: socket.socket): void {
  expect([sock.type, sock.gettimeout(), has_nonblock(sock)]).toEqual([SOCK_STREAM, 0, true]);
}

describe("SOCK_NONBLOCK in the type makes a socket that does not wait", () => {
  test("socket()", () => {
    expect_nonblocking(closing(new socket.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK)));
  });

  test("socketpair()", () => {
    for (const sock of pair(SOCK_STREAM | SOCK_NONBLOCK)) expect_nonblocking(sock);
  });

  test("a socket made of a descriptor", () => {
    const [sock] = pair();
    sock.setblocking(false);
    const type = SOCK_STREAM | SOCK_NONBLOCK;
    expect_nonblocking(closing(new socket.socket(null, type, null, sock.detach())));
  });
});

describe("a call on a socket that does not wait raises BlockingIOError", () => {
  test("accept without a connection", () => {
    const [lsock] = listener();
    lsock.setblocking(false);
    expect(() => lsock.accept()).toThrow(would_block);
  });

  test("recv and recv_into without data", () => {
    const [sock] = pair();
    sock.setblocking(false);
    expect(() => sock.recv(10)).toThrow(would_block);
    expect(() => sock.recv(1e6)).toThrow(would_block);
    expect(() => sock.recv_into(Buffer.alloc(10))).toThrow(would_block);
  });

  test("send when the system takes no more", () => {
    const [client] = connection();
    client.setblocking(false);
    fill(client);
    expect(() => client.send(Buffer.alloc(1))).toThrow(would_block);
  });

  test("send takes what it can and says how much that was", () => {
    const [client, server] = connection();
    client.setblocking(false);
    const taken = client.send(Buffer.alloc(64 * 1024 * 1024));
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(64 * 1024 * 1024);
    client.close();
    let received = 0;
    for (let n = -1; n !== 0; received += n) n = server.recv(1024 * 1024).length;
    expect(received).toBe(taken);
  });

  test("sendall after an unknown part was sent", () => {
    const [client, server] = connection();
    client.setblocking(false);
    const data = Buffer.alloc(64 * 1024 * 1024, "0123456789");
    expect(() => client.sendall(data)).toThrow(would_block);
    client.close();
    const parts: Buffer[] = [];
    for (let part; (part = server.recv(1024 * 1024)).length > 0;) parts.push(part);
    const received = Buffer.concat(parts);
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThan(data.length);
    expect(received.equals(data.subarray(0, received.length))).toBe(true);
  });

  test("but not one that need not wait", () => {
    const [left, right] = pair();
    left.setblocking(false);
    right.sendall(Buffer.from("here"));
    expect(left.recv(10).toString()).toBe("here");
    right.close();
    expect(left.recv(10)).toEqual(Buffer.alloc(0));
  });
});

describe("a timeout that runs out raises TimeoutError without an errno, no sooner", () => {
  const SECONDS = 0.05;

  function expect_time_out(sock: socket.socket, call: () => unknown): void {
    sock.settimeout(SECONDS);
    const before = performance.now();
    expect(call).toThrow(timed_out);
    expect(performance.now() - before).toBeGreaterThanOrEqual(SECONDS * 1e3);
  }

  test("accept", () => {
    const [lsock] = listener();
    expect_time_out(lsock, () => lsock.accept());
  });

  test("recv, whatever the size", () => {
    const [sock] = pair();
    expect_time_out(sock, () => sock.recv(1));
    expect_time_out(sock, () => sock.recv(1e6));
  });

  test("recv_into", () => {
    const [sock] = pair();
    expect_time_out(sock, () => sock.recv_into(Buffer.alloc(10)));
  });

  test("send", () => {
    const [client] = connection();
    fill(client);
    expect_time_out(client, () => client.send(Buffer.alloc(1)));
  });

  test("sendall", () => {
    const [client] = connection();
    expect_time_out(client, () => client.sendall(Buffer.alloc(64 * 1024 * 1024)));
  });

  test("the least there is still lets a call succeed that need not wait", () => {
    const [left, right] = pair();
    right.sendall(Buffer.from("here"));
    left.settimeout(1e-9);
    expect(left.recv(10).toString()).toBe("here");
    expect(() => left.recv(10)).toThrow(timed_out);
  });

  test("and can be caught as socket.timeout and as OSError", () => {
    const [sock] = pair();
    sock.settimeout(1e-3);
    expect(() => sock.recv(1)).toThrow(socket.timeout);
    expect(() => sock.recv(1)).toThrow(socket.error);
  });
});

test("sendall's timeout is for the whole call, not for each part", async () => {
  const [lsock, [, port]] = listener();
  lsock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024);
  const program = start("socket-calls.ts", ["sendall_in_small_parts", String(port), "0.5"]);
  const conn = closing(lsock.accept()[0]);
  expect(await program.line()).toBe('"ready"');
  // All the while something is read, and so something can be sent.
  const outcome = await meanwhile(program.line(), () => {
    if (select([conn], [], [], 0)[0].length > 0) conn.recv(64 * 1024);
  });
  const { error, seconds } = JSON.parse(outcome);
  expect(error).toEqual(["TimeoutError", "timed out", null]);
  expect(seconds).toBeGreaterThanOrEqual(0.5);
});

test("the peer's end is an empty Buffer, again and again", () => {
  const [left, right] = pair();
  right.sendall(Buffer.from("last"));
  right.close();
  expect(left.recv(100).toString()).toBe("last");
  expect(left.recv(100)).toEqual(Buffer.alloc(0));
  left.settimeout(5);
  expect(left.recv(100)).toEqual(Buffer.alloc(0));
  expect(left.recv_into(Buffer.alloc(10))).toBe(0);
});
