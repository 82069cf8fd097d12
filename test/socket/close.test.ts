/** Whose a descriptor is: close, detach, sockets made of one, and what a socket says of itself. */
import { closeSync, constants, openSync } from "node:fs";
import { inspect } from "node:util";

import { describe, expect, test } from "vitest";

import { repr, str } from "iomux/builtins";
import { epoll } from "iomux/select";
import * as socket from "iomux/socket";

import { flags_of } from "../support/proc.ts";
import { closing, connection, listener, pair } from "../support/sockets.ts";
import { has_epoll } from "../support/system.ts";
import { needs_linux } from "../support/tools.ts";

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;

const bad_descriptor = expect.objectContaining({
  name: "OSError",
  message: "[Errno 9] Bad file descriptor",
  errno: 9,
  code: "EBADF",
});

/** A socket for a descriptor. */
function of_descriptor(fd: number): socket.socket {
  return new socket.socket(null, null, null, fd);
}

/** Every call that reaches for the descriptor. */
const calls: Record<string, (sock: socket.socket) => unknown> = {
  accept: (sock) => sock.accept(),
  bind: (sock) => sock.bind("\0iomux-test"),
  connect: (sock) => sock.connect("\0iomux-test"),
  dup: (sock) => sock.dup(),
  get_inheritable: (sock) => sock.get_inheritable(),
  getpeername: (sock) => sock.getpeername(),
  getsockname: (sock) => sock.getsockname(),
  getsockopt: (sock) => sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE),
  "getsockopt with a length": (sock) => sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 4),
  listen: (sock) => sock.listen(),
  recv: (sock) => sock.recv(10),
  "recv of much": (sock) => sock.recv(1e6),
  recv_into: (sock) => sock.recv_into(Buffer.alloc(10)),
  recvfrom: (sock) => sock.recvfrom(10),
  recvfrom_into: (sock) => sock.recvfrom_into(Buffer.alloc(10)),
  recvmsg: (sock) => sock.recvmsg(10),
  recvmsg_into: (sock) => sock.recvmsg_into([Buffer.alloc(10)]),
  send: (sock) => sock.send(Buffer.from("x")),
  sendall: (sock) => sock.sendall(Buffer.from("x")),
  sendmsg: (sock) => sock.sendmsg([Buffer.from("x")]),
  sendto: (sock) => sock.sendto(Buffer.from("x"), "\0iomux-test"),
  set_inheritable: (sock) => sock.set_inheritable(true),
  setblocking: (sock) => sock.setblocking(false),
  setsockopt: (sock) => sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
  "setsockopt with null": (sock) => sock.setsockopt(socket.SOL_SOCKET, socket.SO_TYPE, null, 4),
  settimeout: (sock) => sock.settimeout(1),
  shutdown: (sock) => sock.shutdown(socket.SHUT_RDWR),
};

describe("after close", () => {
  test("fileno() is -1, and closing again does nothing", () => {
    const [sock] = pair();
    expect(sock.fileno()).toBeGreaterThan(2);
    sock.close();
    expect(sock.fileno()).toBe(-1);
    sock.close();
    expect(sock.fileno()).toBe(-1);
    expect(sock.detach()).toBe(-1);
  });

  test.each([null, 5, 0])("every call raises EBADF, with the timeout %s", (timeout) => {
    for (const [name, call] of Object.entries(calls)) {
      const sock = new socket.socket(AF_UNIX);
      sock.settimeout(timeout);
      sock.close();
      expect(() => call(sock), name).toThrow(bad_descriptor);
    }
  });

  test("connect_ex returns EBADF", () => {
    const [sock] = pair();
    sock.close();
    expect(sock.connect_ex("\0iomux-test")).toBe(9);
  });

  test("no call reaches the socket that has got the same number", () => {
    const sock = new socket.socket(AF_UNIX);
    const fd = sock.fileno();
    sock.close();
    // The system gives the lowest number that is free.
    let [heir, peer] = pair();
    while (heir.fileno() !== fd && peer.fileno() !== fd) [heir, peer] = pair();
    if (heir.fileno() !== fd) [heir, peer] = [peer, heir];
    for (const [name, call] of Object.entries(calls)) {
      expect(() => call(sock), name).toThrow(bad_descriptor);
    }
    sock.close();
    expect(sock.detach()).toBe(-1);
    expect(repr(sock)).toContain("[closed] fd=-1");
    // Nothing has arrived, nothing has been changed, and it is still open.
    peer.setblocking(false);
    expect(() => peer.recv(1)).toThrow(expect.objectContaining({ code: "EAGAIN" }));
    expect(heir.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).toBe(0);
    expect(flags_of(fd) & constants.O_NONBLOCK).toBe(0);
    peer.sendall(Buffer.from("x"));
    expect(heir.recv(10).toString()).toBe("x");
  });

  test("the peer hears of it", () => {
    const [client, server] = connection();
    client.close();
    expect(server.recv(10)).toHaveLength(0);
  });
});

test("closing what was closed elsewhere raises EBADF, once", () => {
  const sock = new socket.socket();
  const same = of_descriptor(sock.fileno());
  same.close();
  expect(() => sock.close()).toThrow(bad_descriptor);
  expect(sock.fileno()).toBe(-1);
  sock.close();
});

test("closing what the peer has reset raises nothing", () => {
  const [client, server] = connection();
  server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
  server.close();
  client.close();
});

describe("using", () => {
  test("closes at the end of the block", () => {
    let seen: socket.socket;
    {
      using sock = new socket.socket();
      seen = sock;
      expect(sock.fileno()).toBeGreaterThan(2);
    }
    expect(seen.fileno()).toBe(-1);
  });

  test("closes when the block throws", () => {
    let seen: socket.socket | undefined;
    expect(() => {
      using sock = new socket.socket();
      seen = sock;
      throw new Error("from the block");
    }).toThrow("from the block");
    expect(seen?.fileno()).toBe(-1);
  });

  test("does not mind that it is closed already", () => {
    using sock = new socket.socket();
    sock.close();
  });
});

describe("detach", () => {
  test("gives the descriptor away, open", () => {
    const [left, right] = pair();
    const fd = left.fileno();
    expect(left.detach()).toBe(fd);
    expect(left.fileno()).toBe(-1);
    expect(left.detach()).toBe(-1);
    expect(() => left.recv(1)).toThrow(bad_descriptor);
    left.close();
    const same = closing(of_descriptor(fd));
    right.sendall(Buffer.from("still open"));
    expect(same.recv(100).toString()).toBe("still open");
  });
});

describe("a socket made of a descriptor", () => {
  test("finds out its family, type and protocol", () => {
    const made = [
      new socket.socket(),
      new socket.socket(AF_INET, SOCK_DGRAM),
      new socket.socket(AF_UNIX),
      new socket.socket(AF_UNIX, SOCK_DGRAM),
      new socket.socket(AF_UNIX, socket.SOCK_SEQPACKET),
    ];
    for (const sock of made) {
      const { family, type } = sock;
      const proto = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL);
      const fd = sock.detach();
      const same = closing(of_descriptor(fd));
      expect([same.family, same.type, same.proto, same.fileno()]).toEqual([
        family,
        type,
        proto,
        fd,
      ]);
    }
  });

  test("believes what it is told", () => {
    const [left] = pair();
    const sock = closing(new socket.socket(AF_INET, SOCK_DGRAM, 5, left.detach()));
    expect([sock.family, sock.type, sock.proto]).toEqual([AF_INET, SOCK_DGRAM, 5]);
  });

  test.each([-1, -2, -(2 ** 31)])("%s is a ValueError", (fd) => {
    expect(() => of_descriptor(fd)).toThrow(
      expect.objectContaining({ name: "ValueError", message: "negative file descriptor" }),
    );
  });

  test("what is no socket is ENOTSOCK, and stays open", () => {
    const fd = openSync("/dev/null", "r");
    const no_socket = expect.objectContaining({
      name: "OSError",
      message: "[Errno 88] Socket operation on non-socket",
    });
    expect(() => of_descriptor(fd)).toThrow(no_socket);
    expect(() => new socket.socket(AF_INET, SOCK_STREAM, 0, fd)).toThrow(no_socket);
    closeSync(fd);
  });

  test("one that is closed is EBADF", () => {
    const sock = new socket.socket();
    const fd = sock.fileno();
    sock.close();
    expect(() => of_descriptor(fd)).toThrow(bad_descriptor);
    expect(() => new socket.socket(AF_INET, SOCK_STREAM, 0, fd)).toThrow(bad_descriptor);
    expect(() => of_descriptor(2 ** 31 - 1)).toThrow(bad_descriptor);
  });
});

describe("repr", () => {
  test("an open socket tells its addresses", () => {
    const [lsock, [, port]] = listener();
    const laddr = `laddr=('127.0.0.1', ${port})`;
    const fd = lsock.fileno();
    expect(repr(lsock)).toBe(`<socket.socket fd=${fd}, family=2, type=1, proto=0, ${laddr}>`);
    const client = closing(new socket.socket());
    expect(repr(client)).toBe(
      `<socket.socket fd=${client.fileno()}, family=2, type=1, proto=0, laddr=('0.0.0.0', 0)>`,
    );
    client.connect(["127.0.0.1", port]);
    const own = (client.getsockname() as socket.InetAddress)[1];
    expect(repr(client)).toBe(
      `<socket.socket fd=${client.fileno()}, family=2, type=1, proto=0, ` +
        `laddr=('127.0.0.1', ${own}), raddr=('127.0.0.1', ${port})>`,
    );
  });

  test("AF_UNIX names are as str() has them, and none are left out", () => {
    needs_linux();
    const [left] = pair();
    expect(repr(left)).toBe(`<socket.socket fd=${left.fileno()}, family=1, type=1, proto=0>`);
    const name = `\0iomux-test-${process.pid}`;
    const abstract = closing(new socket.socket(AF_UNIX));
    abstract.bind(name);
    expect(repr(abstract)).toBe(
      `<socket.socket fd=${abstract.fileno()}, family=1, type=1, proto=0, ` +
        `laddr=b'\\x00iomux-test-${process.pid}'>`,
    );
  });

  test("a closed one says so", () => {
    const sock = new socket.socket();
    sock.close();
    expect(repr(sock)).toBe("<socket.socket [closed] fd=-1, family=2, type=1, proto=0>");
  });

  test("a detached one is closed as well", () => {
    const [left] = pair();
    closing(of_descriptor(left.detach()));
    expect(repr(left)).toBe("<socket.socket [closed] fd=-1, family=1, type=1, proto=0>");
  });

  test("JavaScript's own ways to print it say the same", () => {
    const [left] = pair();
    for (const text of [str(left), String(left), inspect(left)]) {
      expect(text).toBe(repr(left));
    }
  });
});

test("the type has neither SOCK_NONBLOCK nor SOCK_CLOEXEC in it", () => {
  const type = SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC;
  const sock = closing(new socket.socket(AF_INET, type));
  expect(sock.type).toBe(SOCK_STREAM);
});

describe("close-on-exec", () => {
  const O_CLOEXEC = 0o2000000;

  function expect_cloexec(fd: number): void {
    expect(flags_of(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
  }

  test("socket()", () => {
    expect_cloexec(closing(new socket.socket()).fileno());
    expect_cloexec(closing(new socket.socket(AF_UNIX, SOCK_DGRAM)).fileno());
  });

  test("socketpair()", () => {
    for (const sock of pair()) expect_cloexec(sock.fileno());
  });

  test("accept()", () => {
    const [client, server] = connection();
    expect_cloexec(client.fileno());
    expect_cloexec(server.fileno());
  });

  test.skipIf(!has_epoll)("epoll()", () => {
    using poller = new epoll();
    expect_cloexec(poller.fileno());
  });
});
