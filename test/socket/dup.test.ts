/** Other objects for a socket: fromfd, dup, classes of one's own, and what a descriptor tells. */
import { describe, expect, onTestFinished, test } from "vitest";

import { b, repr } from "iomux/builtins";
import * as socket from "iomux/socket";

import { flags_of } from "../support/proc.ts";
import { python } from "../support/python.ts";
import { closing, connection, pair } from "../support/sockets.ts";

const { AF_INET, AF_UNIX, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM } = socket;
const O_CLOEXEC = 0o2000000;

function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}

describe("fromfd and dup", () => {
  test("fromfd makes a socket for a duplicate, and believes what it is told", () => {
    const [left, right] = pair();
    const same = closing(socket.fromfd(left.fileno(), AF_UNIX, SOCK_STREAM, 5));
    expect(same.fileno()).not.toBe(left.fileno());
    expect([same.family, same.type, same.proto]).toEqual([AF_UNIX, SOCK_STREAM, 5]);
    expect(flags_of(same.fileno()) & O_CLOEXEC).toBe(O_CLOEXEC);
    left.close();
    same.sendall(b`still open`);
    expect(right.recv(100)).toEqual(b`still open`);
  });

  test("dup() of a socket shares blocking or not, and has a timeout of its own", () => {
    const [left, right] = pair();
    left.settimeout(5);
    const same = closing(left.dup());
    expect(same.gettimeout()).toBe(5);
    expect(flags_of(same.fileno()) & O_CLOEXEC).toBe(O_CLOEXEC);
    same.setblocking(false);
    expect(left.gettimeout()).toBe(5);
    left.setblocking(true);
    // The descriptor blocks now, and gettimeout() of the other does not know.
    expect(same.gettimeout()).toBe(0);
    right.sendall(b`x`);
    expect(same.recv(10)).toEqual(b`x`);
    left.close();
    right.sendall(b`y`);
    expect(same.recv(10)).toEqual(b`y`);
  });

  test("socket.dup() and socket.close() are of descriptors", () => {
    const [left, right] = pair();
    const fd = socket.dup(left.fileno());
    expect(flags_of(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
    left.close();
    right.setblocking(false);
    expect(() => right.recv(1)).toThrow(raises("BlockingIOError"));
    socket.close(fd);
    expect(right.recv(1)).toEqual(b``);
    const bad = raises("OSError", "[Errno 9] Bad file descriptor");
    expect(() => socket.close(fd)).toThrow(bad);
    expect(() => socket.dup(fd)).toThrow(bad);
    expect(() => socket.fromfd(fd, AF_UNIX, SOCK_STREAM)).toThrow(bad);
    left.close();
    expect(() => left.dup()).toThrow(bad);
    for (const wrong of ["x", 1.5, null]) {
      expect(() => socket.dup(wrong as number)).toThrow(TypeError);
      expect(() => socket.close(wrong as number)).toThrow(TypeError);
    }
  });
});

describe("a class of one's own", () => {
  class MySocket extends socket.socket {
    greet(): void {
      this.sendall(b`hello`);
    }
  }

  test("dup() keeps it, accept() does not: as in Python", () => {
    const theirs = python(
      `
import socket
class MySocket(socket.socket):
    pass
with MySocket() as lsock, MySocket() as client:
    lsock.bind(("127.0.0.1", 0))
    lsock.listen()
    client.connect(lsock.getsockname())
    conn, _ = lsock.accept()
    answers = [type(one).__name__ for one in [conn, client.dup()]]
`,
      null,
    );
    const lsock = new MySocket();
    onTestFinished(() => lsock.close());
    lsock.bind(["127.0.0.1", 0]);
    lsock.listen();
    const client = new MySocket();
    onTestFinished(() => client.close());
    client.connect(lsock.getsockname() as socket.InetAddress);
    const conn = closing(lsock.accept()[0]);
    const same = closing(client.dup());
    expect([conn, same].map(({ constructor }) => constructor.name)).toEqual(theirs);
    (same as MySocket).greet();
    expect(conn.recv(10)).toEqual(b`hello`);
  });

  test("prints its own name", () => {
    const sock = new MySocket(AF_UNIX);
    expect(repr(sock)).toBe(`<MySocket fd=${sock.fileno()}, family=1, type=1, proto=0>`);
    sock.close();
    expect(repr(sock)).toBe("<MySocket [closed] fd=-1, family=1, type=1, proto=0>");
  });

  test("may do more when it is closed", () => {
    let closed = 0;
    class Counting extends socket.socket {
      override close(): void {
        closed++;
        super.close();
      }
    }
    {
      using sock = new Counting(AF_UNIX);
      expect(sock.fileno()).toBeGreaterThan(2);
    }
    expect(closed).toBe(1);
  });
});

describe("a socket made of a descriptor alone finds out", () => {
  test.each([
    ["TCP", AF_INET, SOCK_STREAM, 0, IPPROTO_TCP],
    ["UDP", AF_INET, SOCK_DGRAM, 0, IPPROTO_UDP],
    ["UNIX", AF_UNIX, SOCK_STREAM, 0, 0],
    ["UNIX datagrams", AF_UNIX, SOCK_DGRAM, 0, 0],
    ["netlink", socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE, socket.NETLINK_ROUTE],
    ["netlink of another protocol", socket.AF_NETLINK, SOCK_DGRAM, 15, 15],
  ])("that it is %s", (_, family, type, proto, found) => {
    const fd = new socket.socket(family, type, proto).detach();
    const sock = closing(new socket.socket(null, null, null, fd));
    expect([sock.family, sock.type, sock.proto, sock.fileno()]).toEqual([family, type, found, fd]);
    expect(new socket.socket(-1, -1, -1, sock.detach()).detach()).toBe(fd);
    closing(new socket.socket(null, null, null, fd));
  });

  test("that it is a connection", () => {
    const [client, server] = connection();
    const fd = client.detach();
    const sock = closing(new socket.socket(null, null, null, fd));
    sock.sendall(b`x`);
    expect(server.recv(1)).toEqual(b`x`);
    expect(sock.getpeername()).toEqual(server.getsockname());
  });
});
