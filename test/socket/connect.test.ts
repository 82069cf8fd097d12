/** Connecting: what connect raises, what connect_ex returns, and what SO_ERROR remembers. */
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { select } from "iomux/select";
import * as socket from "iomux/socket";

import { closing, full_listener, listener } from "../support/sockets.ts";

const { AF_UNIX, SO_ERROR, SOL_SOCKET } = socket;
const { EAGAIN, EALREADY, EBADF, ECONNREFUSED, EINPROGRESS, EISCONN } = constants.errno;

const folder = mkdtempSync(join(tmpdir(), "iomux-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** An address that nobody listens at, and nobody else can take before the test is over. */
function deserted(): socket.InetAddress {
  const sock = closing(new socket.socket());
  sock.bind(["127.0.0.1", 0]);
  return sock.getsockname() as socket.InetAddress;
}

function new_socket(timeout: number | null): socket.socket {
  const sock = closing(new socket.socket());
  sock.settimeout(timeout);
  return sock;
}

describe("where nobody listens", () => {
  const refused = expect.objectContaining({
    name: "ConnectionRefusedError",
    message: "[Errno 111] Connection refused",
    errno: ECONNREFUSED,
  });

  test.each([null, 30])("connect with the timeout %s raises ConnectionRefusedError", (timeout) => {
    const sock = new_socket(timeout);
    expect(() => sock.connect(deserted())).toThrow(refused);
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
  });

  test.each([null, 30])("connect_ex with the timeout %s returns 111", (timeout) => {
    const sock = new_socket(timeout);
    expect(sock.connect_ex(deserted())).toBe(ECONNREFUSED);
  });

  test("a socket that does not wait finds 111 in SO_ERROR, once", () => {
    const sock = new_socket(0);
    expect(sock.connect_ex(deserted())).toBe(EINPROGRESS);
    select([], [sock], []);
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(ECONNREFUSED);
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
  });

  test("or as the exception of its next call", () => {
    const sock = new_socket(0);
    expect(sock.connect_ex(deserted())).toBe(EINPROGRESS);
    select([], [sock], []);
    expect(() => sock.recv(1)).toThrow(refused);
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
  });

  test("AF_UNIX: a path without a listener behind it", () => {
    const path = join(folder, "deserted");
    closing(new socket.socket(AF_UNIX)).bind(path);
    using sock = new socket.socket(AF_UNIX);
    expect(() => sock.connect(path)).toThrow(refused);
    expect(sock.connect_ex(path)).toBe(ECONNREFUSED);
  });
});

describe("connect_ex on a socket that does not wait", () => {
  test("returns 115, then 0 once connected, then 106", () => {
    const [, address] = listener();
    const sock = new_socket(0);
    expect(sock.connect_ex(address)).toBe(EINPROGRESS);
    select([], [sock], []);
    expect(sock.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(sock.connect_ex(address)).toBe(0);
    expect(sock.connect_ex(address)).toBe(EISCONN);
    expect(sock.getpeername()).toEqual(address);
  });

  test("returns 115, then 114 while it is pending, then 0, then 106", () => {
    const [lsock, address] = full_listener();
    const sock = new_socket(0);
    expect(sock.connect_ex(address)).toBe(EINPROGRESS);
    expect(sock.connect_ex(address)).toBe(EALREADY);
    expect(sock.connect_ex(address)).toBe(EALREADY);
    closing(lsock.accept()[0]);
    select([], [sock], []);
    expect(sock.connect_ex(address)).toBe(0);
    expect(sock.connect_ex(address)).toBe(EISCONN);
  });

  test("returns 11 from an AF_UNIX listener that is full", () => {
    const path = join(folder, "full");
    const lsock = closing(new socket.socket(AF_UNIX));
    lsock.bind(path);
    lsock.listen(0);
    closing(new socket.socket(AF_UNIX)).connect(path);
    const sock = closing(new socket.socket(AF_UNIX));
    sock.setblocking(false);
    expect(sock.connect_ex(path)).toBe(EAGAIN);
    expect(() => sock.connect(path)).toThrow(expect.objectContaining({ name: "BlockingIOError" }));
  });
});

test("connect on a socket that does not wait raises BlockingIOError, and goes on", () => {
  const [lsock, address] = listener();
  const sock = new_socket(0);
  expect(() => sock.connect(address)).toThrow(
    expect.objectContaining({
      name: "BlockingIOError",
      message: "[Errno 115] Operation now in progress",
      errno: EINPROGRESS,
      code: "EINPROGRESS",
    }),
  );
  const [conn, peer] = lsock.accept();
  closing(conn);
  expect(peer).toEqual(sock.getsockname());
});

test("connect while one is pending raises BlockingIOError with 114", () => {
  const [, address] = full_listener();
  const sock = new_socket(0);
  expect(sock.connect_ex(address)).toBe(EINPROGRESS);
  const pending = expect.objectContaining({ name: "BlockingIOError", errno: EALREADY });
  expect(() => sock.connect(address)).toThrow(pending);
});

describe("where nobody answers", () => {
  test("connect with a timeout raises TimeoutError without an errno, no sooner", () => {
    const [, address] = full_listener();
    const sock = new_socket(0.05);
    const before = performance.now();
    expect(() => sock.connect(address)).toThrow(
      expect.objectContaining({ name: "TimeoutError", message: "timed out", errno: null }),
    );
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  });

  test("connect_ex with a timeout returns 11, no sooner", () => {
    const [, address] = full_listener();
    const sock = new_socket(0.05);
    const before = performance.now();
    expect(sock.connect_ex(address)).toBe(EAGAIN);
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  });

  test("after which the connection may still be made", () => {
    const [lsock, address] = full_listener();
    const sock = new_socket(0.05);
    expect(sock.connect_ex(address)).toBe(EAGAIN);
    expect(sock.connect_ex(address)).toBe(EALREADY);
    closing(lsock.accept()[0]);
    const [conn, peer] = lsock.accept();
    closing(conn);
    expect(peer).toEqual(sock.getsockname());
  });
});

test.each([null, 30])("connect with the timeout %s waits until it is connected", (timeout) => {
  const [lsock, address] = listener();
  const sock = new_socket(timeout);
  sock.connect(address);
  const [conn, peer] = lsock.accept();
  closing(conn);
  expect(peer).toEqual(sock.getsockname());
  expect(sock.getpeername()).toEqual(address);
});

test("connecting once more raises OSError with 106, which has no class of its own", () => {
  const [, address] = listener();
  const sock = new_socket(null);
  sock.connect(address);
  expect(() => sock.connect(address)).toThrow(
    expect.objectContaining({
      name: "OSError",
      message: "[Errno 106] Transport endpoint is already connected",
      code: "EISCONN",
    }),
  );
  expect(sock.connect_ex(address)).toBe(EISCONN);
});

test("connect_ex returns the errno of a socket that cannot connect", () => {
  const [lsock, address] = listener();
  expect(lsock.connect_ex(address)).toBe(EISCONN);
  lsock.close();
  expect(lsock.connect_ex(address)).toBe(EBADF);
});

test("what has no address at all raises, from connect_ex too", () => {
  using sock = new socket.socket();
  expect(() => sock.connect_ex(["no such host", 1])).toThrow(socket.gaierror);
  expect(() => sock.connect_ex(["127.0.0.1", 70000])).toThrow(
    expect.objectContaining({ name: "OverflowError" }),
  );
  expect(() => sock.connect_ex("127.0.0.1:80")).toThrow(TypeError);
});
