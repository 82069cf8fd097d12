/** Options: the forms of getsockopt and setsockopt. */
import { describe, expect, test } from "vitest";

import * as socket from "iomux/socket";

import { attempt, python } from "../support/python.ts";
import { closing, connection, pair } from "../support/sockets.ts";

const { IPPROTO_TCP, SO_LINGER, SO_RCVBUF, SO_REUSEADDR, SOL_SOCKET, TCP_NODELAY } = socket;

function new_socket(): socket.socket {
  return closing(new socket.socket());
}

/** What struct linger looks like. */
function linger(on: number, seconds: number): Buffer {
  return Buffer.from(Int32Array.of(on, seconds).buffer);
}

describe("getsockopt", () => {
  test("without a length: an integer", () => {
    const sock = new_socket();
    expect(sock.getsockopt(SOL_SOCKET, socket.SO_TYPE)).toBe(socket.SOCK_STREAM);
    expect(sock.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(0);
    expect(sock.getsockopt(SOL_SOCKET, SO_REUSEADDR, 0)).toBe(0);
  });

  test("with a length: no more bytes than that, and no more than there are", () => {
    const sock = new_socket();
    const type = sock.getsockopt(SOL_SOCKET, socket.SO_TYPE, 1024);
    expect(type).toBeInstanceOf(Buffer);
    expect(type).toEqual(Buffer.from(Int32Array.of(socket.SOCK_STREAM).buffer));
    expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(0, 0));
    expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 1)).toHaveLength(1);
  });

  test.each([-1, 1025, 2 ** 31 - 1])("a length of %s is an OSError without an errno", (length) => {
    expect(() => new_socket().getsockopt(SOL_SOCKET, SO_LINGER, length)).toThrow(
      expect.objectContaining({
        name: "OSError",
        message: "getsockopt buflen out of range",
        errno: null,
      }),
    );
  });

  test("an option that the system does not know is ENOPROTOOPT", () => {
    expect(() => new_socket().getsockopt(SOL_SOCKET, 9999)).toThrow(
      expect.objectContaining({ name: "OSError", message: "[Errno 92] Protocol not available" }),
    );
  });
});

describe("setsockopt", () => {
  test.each([
    ["1", 1],
    ["true", true],
    ["-1", -1],
    ["its bytes", Buffer.from(Int32Array.of(1).buffer)],
    ["an Int32Array", Int32Array.of(1)],
    ["a DataView", new DataView(Int32Array.of(0, 1).buffer, 4)],
  ] as const)("takes %s for an integer", (_, value) => {
    const sock = new_socket();
    sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, value);
    expect(sock.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
    sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, false);
    expect(sock.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(0);
  });

  test("takes bytes at their own offset", () => {
    const sock = new_socket();
    const around = Buffer.concat([Buffer.alloc(3, 0xff), linger(1, 7), Buffer.alloc(3, 0xff)]);
    sock.setsockopt(SOL_SOCKET, SO_LINGER, around.subarray(3, 11));
    expect(sock.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(linger(1, 7));
  });

  test("null and a length: the system call is made with no value", () => {
    const efault = expect.objectContaining({ name: "OSError", message: "[Errno 14] Bad address" });
    expect(() => new_socket().setsockopt(SOL_SOCKET, SO_REUSEADDR, null, 4)).toThrow(efault);
  });

  test.each([
    ["'NoneType'", null],
    ["'NoneType'", undefined],
    ["'str'", "1"],
    ["'float'", 1.5],
    ["'int'", 2 ** 31],
    ["'list'", [1]],
  ])("refuses what Python calls %s with a TypeError", (type, value) => {
    const sock = new_socket();
    expect(() => sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, value as number)).toThrow(
      expect.objectContaining({
        name: "TypeError",
        message: `a bytes-like object is required, not ${type}`,
      }),
    );
  });

  test("too few bytes are EINVAL", () => {
    const sock = new_socket();
    expect(() => sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, Buffer.alloc(3))).toThrow(
      expect.objectContaining({ name: "OSError", message: "[Errno 22] Invalid argument" }),
    );
  });
});

test("SO_RCVBUF reads back doubled", () => {
  const sock = new_socket();
  sock.setsockopt(SOL_SOCKET, SO_RCVBUF, 16 * 1024);
  expect(sock.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBe(32 * 1024);
});

test("an option of TCP", () => {
  const [client] = connection();
  expect(client.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(0);
  client.setsockopt(IPPROTO_TCP, TCP_NODELAY, true);
  expect(client.getsockopt(IPPROTO_TCP, TCP_NODELAY)).not.toBe(0);
});

test("SO_LINGER of no time resets the connection", () => {
  const [client, server] = connection();
  client.setsockopt(SOL_SOCKET, SO_LINGER, linger(1, 0));
  client.close();
  expect(() => server.recv(1)).toThrow(
    expect.objectContaining({
      name: "ConnectionResetError",
      message: "[Errno 104] Connection reset by peer",
    }),
  );
  expect(server.getsockopt(SOL_SOCKET, socket.SO_ERROR)).toBe(0);
});

test("sending where nobody reads any more is a BrokenPipeError, and no signal", () => {
  const [left, right] = pair();
  right.close();
  const broken = expect.objectContaining({
    name: "BrokenPipeError",
    message: "[Errno 32] Broken pipe",
  });
  expect(() => left.send(Buffer.from("x"))).toThrow(broken);
  expect(() => left.sendall(Buffer.from("x"))).toThrow(broken);
});

test("CMSG_LEN and CMSG_SPACE take all lengths that can be, as in Python", () => {
  const questions = [0, 1, 2 ** 31 - 17, 2 ** 31 - 16, 2 ** 31 - 25, 2 ** 31 - 24, 2 ** 31, -1];
  const theirs = python(
    "import socket\nanswers = [[attempt(f, q) for f in (socket.CMSG_LEN, socket.CMSG_SPACE)] for q in questions]",
    questions,
  );
  expect(
    questions.map((length) =>
      [socket.CMSG_LEN, socket.CMSG_SPACE].map((room) => attempt(() => room(length))),
    ),
  ).toEqual(theirs);
});

describe("shutdown", () => {
  test("SHUT_WR ends what the peer receives, not what it sends", () => {
    const [client, server] = connection();
    client.sendall(Buffer.from("last"));
    client.shutdown(socket.SHUT_WR);
    expect(server.recv(10).toString()).toBe("last");
    expect(server.recv(10)).toHaveLength(0);
    server.sendall(Buffer.from("answer"));
    expect(client.recv(10).toString()).toBe("answer");
    expect(() => client.send(Buffer.from("x"))).toThrow("[Errno 32] Broken pipe");
  });

  test("SHUT_RD ends what this end receives", () => {
    const [left, right] = pair();
    left.shutdown(socket.SHUT_RD);
    expect(left.recv(10)).toHaveLength(0);
    expect(() => right.send(Buffer.from("x"))).toThrow("[Errno 32] Broken pipe");
  });

  test("without a connection it is ENOTCONN, with another number EINVAL", () => {
    const [left] = pair();
    expect(() => new_socket().shutdown(socket.SHUT_RDWR)).toThrow(
      expect.objectContaining({ name: "OSError", errno: 107, code: "ENOTCONN" }),
    );
    expect(() => left.shutdown(3)).toThrow(expect.objectContaining({ errno: 22, code: "EINVAL" }));
    expect([socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR]).toEqual([0, 1, 2]);
  });
});
