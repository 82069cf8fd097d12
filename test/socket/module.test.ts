/** The functions that make sockets: create_connection, create_server, socketpair. */
import { afterEach, describe, expect, test } from "vitest";

import { b, ExceptionGroup, OSError, tuple } from "iomux/builtins";
import * as socket from "iomux/socket";

import { count_sockets } from "../support/own-process.ts";
import { closing, full_listener, has_inet6, listener, pair } from "../support/sockets.ts";

const { AF_INET, AF_INET6, AF_UNIX, IPPROTO_IPV6, IPPROTO_TCP, IPV6_V6ONLY } = socket;
const { SO_REUSEADDR, SO_REUSEPORT, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET } = socket;

afterEach(() => socket.setdefaulttimeout(null));

function raises(name: string, message?: string): unknown {
  return expect.objectContaining(message === undefined ? { name } : { name, message });
}

/** An address at which nobody listens, and nobody else will. */
function refusing(): socket.InetAddress {
  const sock = closing(new socket.socket());
  sock.bind(["127.0.0.1", 0]);
  return sock.getsockname() as socket.InetAddress;
}

/** What a call raises. */
function raised(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("it raised nothing");
}

describe("create_connection", () => {
  test.each(["127.0.0.1", null, 5, [], ["127.0.0.1"], ["127.0.0.1", 1, 2]])(
    "%j is no pair of host and port: a TypeError",
    (address) => {
      expect(() => socket.create_connection(address as never)).toThrow(TypeError);
    },
  );

  test("what cannot be looked up, and what is no timeout, raise; and leave nothing open", () => {
    const [, address] = listener();
    const before = count_sockets();
    const calls: [string, () => unknown][] = [
      ["gaierror", () => socket.create_connection(["no such host", 1])],
      ["gaierror", () => socket.create_connection(["127.0.0.1", "no such service"])],
      ["ValueError", () => socket.create_connection(address, -1)],
      ["TypeError", () => socket.create_connection(address, "1" as unknown as number)],
      ["TypeError", () => socket.create_connection(address, null, 5 as never)],
      ["OSError", () => socket.create_connection(address, null, ["192.0.2.1", 0])],
      ["ConnectionRefusedError", () => socket.create_connection(refusing())],
    ];
    for (const [name, call] of calls) expect(call, name).toThrow(raises(name));
    // The address at which nobody listens has a socket of its own.
    expect(count_sockets()).toBe(before + 1);
  });

  test("connects, by whatever name the host has", () => {
    const [lsock, [, port]] = listener();
    for (const host of ["127.0.0.1", "localhost"]) {
      const client = closing(socket.create_connection([host, port]));
      const server = closing(lsock.accept()[0]);
      server.sendall(b`hello`);
      expect(client.recv(10)).toEqual(b`hello`);
      expect([client.family, client.type, client.proto]).toEqual([
        AF_INET,
        SOCK_STREAM,
        IPPROTO_TCP,
      ]);
    }
  });

  test("the timeout: left out is the default, null is none, a number is that", () => {
    const [, address] = listener();
    const timeout_of = (...timeout: (number | null)[]): number | null => {
      return closing(socket.create_connection(address, ...(timeout as [number]))).gettimeout();
    };
    expect([timeout_of(), timeout_of(null), timeout_of(2.5)]).toEqual([null, null, 2.5]);
    socket.setdefaulttimeout(7);
    expect([timeout_of(), timeout_of(null), timeout_of(2.5)]).toEqual([7, null, 2.5]);
    expect(closing(socket.create_connection(address, undefined)).gettimeout()).toBe(7);
  });

  test("a timeout that runs out is a TimeoutError, no sooner", () => {
    const [, address] = full_listener();
    const before = performance.now();
    const sockets_before = count_sockets();
    expect(() => socket.create_connection(address, 0.05)).toThrow(
      raises("TimeoutError", "timed out"),
    );
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
    expect(count_sockets()).toBe(sockets_before);
  });

  test("a timeout of 0 does not wait, and so is BlockingIOError", () => {
    const [, address] = full_listener();
    expect(() => socket.create_connection(address, 0)).toThrow(
      raises("BlockingIOError", "[Errno 115] Operation now in progress"),
    );
  });

  test("source_address is what it is bound to", () => {
    const [lsock, address] = listener();
    const [, port] = refusing();
    const source = ["127.0.0.2", 0] as const;
    const client = closing(socket.create_connection(address, null, source));
    const [server, peer] = lsock.accept();
    closing(server);
    expect(peer).toEqual(client.getsockname());
    expect((peer as socket.InetAddress)[0]).toBe("127.0.0.2");
    expect(() => socket.create_connection(address, null, ["127.0.0.1", port])).toThrow(
      raises("OSError", "[Errno 98] Address already in use"),
    );
  });

  test("null as the host is this machine", () => {
    const [lsock, [, port]] = listener();
    const client = closing(socket.create_connection([null, port]));
    expect(closing(lsock.accept()[0]).getpeername()).toEqual(client.getsockname());
  });

  test("when no address answers, the last error is raised, or with all_errors all of them", () => {
    const [, port] = refusing();
    const count = socket.getaddrinfo("localhost", port, 0, SOCK_STREAM).length;
    expect(() => socket.create_connection(["localhost", port])).toThrow(
      raises("ConnectionRefusedError", "[Errno 111] Connection refused"),
    );
    const group = raised(() => {
      socket.create_connection(["localhost", port], null, null, { all_errors: true });
    });
    expect(group).toBeInstanceOf(ExceptionGroup);
    const { message, exceptions } = group as ExceptionGroup;
    const sub = `${count} sub-exception${count === 1 ? "" : "s"}`;
    expect(message).toBe(`create_connection failed (${sub})`);
    expect(exceptions.map(({ name }) => name)).toEqual(
      Array.from({ length: count }, () => "ConnectionRefusedError"),
    );
  });

  test("with all_errors, what is no OSError is raised as it is", () => {
    const [, address] = listener();
    const options = { all_errors: true };
    expect(() => socket.create_connection(address, -1, null, options)).toThrow(
      raises("ValueError"),
    );
    expect(() => socket.create_connection(["no such host", 1], null, null, options)).toThrow(
      raises("gaierror"),
    );
  });
});

describe("create_server", () => {
  test("listens, reuses addresses, and is a blocking TCP socket", () => {
    const lsock = closing(socket.create_server(["127.0.0.1", 0]));
    expect([lsock.family, lsock.type, lsock.gettimeout()]).toEqual([AF_INET, SOCK_STREAM, null]);
    expect(lsock.getsockopt(SOL_SOCKET, socket.SO_ACCEPTCONN)).toBe(1);
    expect(lsock.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
    expect(lsock.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(0);
    const client = closing(socket.create_connection(lsock.getsockname() as socket.InetAddress));
    expect(closing(lsock.accept()[0]).getpeername()).toEqual(client.getsockname());
  });

  test("takes the default timeout, and what it accepts does as well", () => {
    socket.setdefaulttimeout(7);
    const lsock = closing(socket.create_server(["127.0.0.1", 0]));
    expect(lsock.gettimeout()).toBe(7);
    closing(socket.create_connection(lsock.getsockname() as socket.InetAddress));
    expect(closing(lsock.accept()[0]).gettimeout()).toBe(7);
  });

  test("what bind raises also says which address it was, and nothing is left open", () => {
    const [, [, port]] = listener();
    const before = count_sockets();
    const error = raised(() => socket.create_server(tuple(["127.0.0.1", port]))) as OSError;
    const where = `(while attempting to bind on address ('127.0.0.1', ${port}))`;
    expect(error).toBeInstanceOf(OSError);
    expect([error.name, error.errno, error.code]).toEqual(["OSError", 98, "EADDRINUSE"]);
    expect(error.message).toBe(`[Errno 98] Address already in use ${where}`);
    const not_mine = raised(() => socket.create_server(["192.0.2.1", 0]));
    expect(not_mine).toMatchObject({ name: "OSError", errno: 99 });
    expect(count_sockets()).toBe(before);
  });

  test.each([
    ["OverflowError", "bind(): port must be 0-65535.", [["127.0.0.1", 70_000]]],
    ["TypeError", "bind(): AF_INET address must be tuple, not int", [5]],
    [
      "OSError",
      "[Errno 97] Address family not supported by protocol",
      [["127.0.0.1", 0], { family: 4242 }],
    ],
    [
      "TypeError",
      "'str' object cannot be interpreted as an integer",
      [["127.0.0.1", 0], { backlog: "x" }],
    ],
    ["ValueError", "dualstack_ipv6 requires AF_INET6 family", [["", 0], { dualstack_ipv6: true }]],
  ])("%s: %s", (name, message, args) => {
    const before = count_sockets();
    const create_server = socket.create_server as (...args: unknown[]) => socket.socket;
    expect(() => create_server(...args)).toThrow(raises(name, message));
    expect(count_sockets()).toBe(before);
  });

  test("with reuse_port, two listen at one address; without, one", () => {
    const first = closing(socket.create_server(["127.0.0.1", 0], { reuse_port: true }));
    const address = first.getsockname() as socket.InetAddress;
    const second = closing(socket.create_server(address, { reuse_port: true }));
    expect(second.getsockname()).toEqual(address);
    expect(second.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(1);
    expect(() => socket.create_server(address)).toThrow(expect.objectContaining({ errno: 98 }));
  });

  test("backlog is how many wait: with 0, the second has to", () => {
    const lsock = closing(socket.create_server(["127.0.0.1", 0], { backlog: 0 }));
    const address = lsock.getsockname() as socket.InetAddress;
    const clients = [0, 1, 2].map(() => closing(new socket.socket()));
    const outcomes = clients.map((client) => {
      client.settimeout(0.02);
      return client.connect_ex(address);
    });
    expect(outcomes.at(0)).toBe(0);
    expect(outcomes.at(-1)).toBe(11);
  });

  test.runIf(has_inet6)("an AF_INET6 server takes no IPv4 connections unless told to", () => {
    const six = closing(socket.create_server(["::1", 0], { family: AF_INET6 }));
    expect(six.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    expect(six.getsockname()).toEqual(["::1", expect.any(Number), 0, 0]);
    expect(socket.has_dualstack_ipv6()).toBe(true);
    const both = closing(socket.create_server(["", 0], { family: AF_INET6, dualstack_ipv6: true }));
    expect(both.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(0);
    const [, port] = both.getsockname() as socket.Inet6Address;
    closing(socket.create_connection(["127.0.0.1", port]));
    const [conn, peer] = both.accept();
    closing(conn);
    expect((peer as socket.Inet6Address)[0]).toBe("::ffff:127.0.0.1");
  });
});

describe("socketpair", () => {
  test.each([
    [undefined, SOCK_STREAM],
    [SOCK_STREAM, SOCK_STREAM],
    [SOCK_DGRAM, SOCK_DGRAM],
    [SOCK_SEQPACKET, SOCK_SEQPACKET],
    [SOCK_DGRAM | socket.SOCK_NONBLOCK, SOCK_DGRAM],
  ])("of type %s", (type, expected) => {
    const [left, right] = pair(type);
    expect([left.family, left.type, left.proto]).toEqual([AF_UNIX, expected, 0]);
    left.send(b`to and`);
    right.send(b`fro`);
    expect([right.recv(10), left.recv(10)]).toEqual([b`to and`, b`fro`]);
    expect(left.getblocking()).toBe(type === expected || type === undefined);
  });

  test("a family that has none is EOPNOTSUPP", () => {
    expect(() => socket.socketpair(AF_INET)).toThrow(
      raises("OSError", "[Errno 95] Operation not supported"),
    );
  });
});
