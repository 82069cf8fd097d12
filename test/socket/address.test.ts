/** Which addresses go in, and which come out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { repr, tuple } from "iomux/builtins";
import type { OSError } from "iomux/builtins";
import * as socket from "iomux/socket";

import { for_python, ask_python } from "../support/python.ts";
import { closing, connection, has_inet6, listener, pair } from "../support/sockets.ts";
import { needs_linux } from "../support/tools.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = socket;

const folder = mkdtempSync(join(tmpdir(), "iomux-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The longest that struct sockaddr_un has room for, with the NUL that ends it. */
const longest = join(folder, "x").padEnd(107, "x");

type Question = readonly [how: "bind" | "connect", family: number, address: socket.Address];

/** An address, and how it reads back when a socket has been bound to it. Port 0 becomes another. */
const questions: readonly Question[] = [
  ["bind", AF_INET, tuple(["127.0.0.1", 0])],
  ["bind", AF_INET, tuple([Buffer.from("127.0.0.1"), 0])],
  ["bind", AF_INET, tuple(["localhost", 0])],
  ["bind", AF_INET, tuple(["", 0])],
  ["bind", AF_INET, tuple(["0", 0])],
  ["bind", AF_INET, tuple(["127.1", 0])],
  ["bind", AF_INET, tuple(["0x7f.1", 0])],
  ["bind", AF_INET, tuple(["<broadcast>", 0])],
  ["bind", AF_INET, tuple(["255.255.255.255", 0])],
  ["bind", AF_INET, tuple(["<Broadcast>", 0])],
  ["bind", AF_INET, tuple(["256.0.0.1", 0])],
  ["bind", AF_INET, tuple(["fe80::1%lo", 0])],
  ["connect", AF_INET, tuple(["localhost", 9])],
  ["connect", AF_INET, tuple(["127.0.0.1", 65535])],
  ["connect", AF_INET, tuple(["127.0.0.1", 0])],
  ["bind", AF_INET6, tuple(["::1", 0])],
  ["bind", AF_INET6, tuple(["::1", 0, 5])],
  ["bind", AF_INET6, tuple(["::1", 0, 0xfffff, 1])],
  ["bind", AF_INET6, tuple(["", 0])],
  ["bind", AF_INET6, tuple(["::", 0])],
  ["bind", AF_INET6, tuple(["0:0::0:1", 0])],
  ["bind", AF_INET6, tuple(["::ffff:127.0.0.1", 0])],
  ["connect", AF_INET6, tuple(["::1", 9, 5])],
  ["connect", AF_INET6, tuple(["localhost", 9])],
  ["connect", AF_INET6, tuple(["fe80::1", 9, 0, 1])],
  ["connect", AF_INET6, tuple(["fe80::1", 9])],
  ["connect", AF_INET6, tuple(["fe80::1%lo", 9])],
  ["connect", AF_INET6, tuple(["fe80::1%none", 9])],
  ["bind", AF_UNIX, join(folder, "plain")],
  ["bind", AF_UNIX, Buffer.from(join(folder, "bytes"))],
  ["bind", AF_UNIX, join(folder, "é€😀")],
  ["bind", AF_UNIX, join(folder, "not UTF-8: \udcff\udc80")],
  ["bind", AF_UNIX, join(folder, "part of a sequence: é\udcc3, \udcf0\udc9f\udc98 and more")],
  ["bind", AF_UNIX, join(folder, "a surrogate's own bytes: \udced\udca0\udc80")],
  ["bind", AF_UNIX, join(folder, "\ufeffmark")],
  ["bind", AF_UNIX, longest],
  ["bind", AF_UNIX, `${longest}x`],
  ["bind", AF_UNIX, join(folder, "up to its NUL\0 and no further")],
  ["bind", AF_UNIX, join(folder, "no-folder", "path")],
  ["bind", AF_UNIX, "\0iomux-test abstract"],
  ["bind", AF_UNIX, Buffer.from("\0iomux-test\0 \xff", "latin1")],
  ["bind", AF_UNIX, Buffer.alloc(108)],
  ["bind", AF_UNIX, Buffer.alloc(109)],
];

const in_python = `
import os, socket, sys

def read_back(how, family, address):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if how == "bind":
            sock.bind(address)
            name = sock.getsockname()
        else:
            sock.connect(address)
            name = sock.getpeername()
    except Exception as error:
        return [type(error).__name__, str(error), getattr(error, "errno", None)]
    finally:
        sock.close()
    if isinstance(name, tuple) and how == "bind": name = (name[0], name[1] > 0, *name[2:])
    if isinstance(name, str) and os.path.exists(name): os.unlink(name)
    return repr(name)

answers = [read_back(how, family, value_of(address)) for how, family, address in questions]
`;

function read_back([how, family, address]: Question): unknown {
  using sock = new socket.socket(family, SOCK_DGRAM);
  try {
    sock[how](address);
    const name = how === "bind" ? sock.getsockname() : sock.getpeername();
    if (!Array.isArray(name) || how === "connect") return repr(name);
    const [host, port, ...rest] = name;
    return repr(tuple([host, port > 0, ...rest]));
  } catch (error) {
    const { name, message, errno } = error as OSError;
    return [name, message, errno ?? null];
  }
}

const answers = ask_python(
  in_python,
  questions.map(([how, family, address]) => [how, family, for_python(address)]),
) as () => unknown[];

describe("an address reads back as in Python", () => {
  const rows = questions.map((question, index) => {
    const [how, family, address] = question;
    return { row: `${how} ${family} ${repr(address)}`, question, index };
  });
  test.each(rows)("$row", ({ question, index }) => {
    expect(read_back(question)).toEqual(answers()[index]);
  });
});

test("a port that is out of range raises OverflowError, whatever the family", () => {
  using sock = new socket.socket();
  for (const port of [-1, 65536, 70000]) {
    const overflow = expect.objectContaining({
      name: "OverflowError",
      message: "connect_ex(): port must be 0-65535.",
    });
    expect(() => sock.connect_ex(["127.0.0.1", port])).toThrow(overflow);
  }
});

test("a host name that means nothing raises gaierror, from connect_ex too", () => {
  using sock = new socket.socket();
  const unknown = expect.objectContaining({ name: "gaierror", errno: socket.EAI_NONAME });
  expect(() => sock.connect(["no such host", 1])).toThrow(unknown);
  expect(() => sock.connect_ex(["no such host", 1])).toThrow(unknown);
  expect(() => sock.bind(["no such host", 0])).toThrow(socket.gaierror);
});

test("what has no form in UTF-8 is not looked up, as in Python", () => {
  const lone = "http\ud800";
  for (const look_up of [
    (): unknown => socket.getaddrinfo("localhost", lone),
    (): unknown => socket.getservbyname(lone),
    (): unknown => socket.getservbyname("http", lone),
    (): unknown => socket.getprotobyname(lone),
    (): unknown => socket.inet_aton(lone),
  ]) {
    const message = "'utf-8' codec can't encode character '\\ud800' in position 4";
    expect(look_up).toThrow(
      expect.objectContaining({
        name: "UnicodeEncodeError",
        message: `${message}: surrogates not allowed`,
      }),
    );
  }
});

test("both ends of a TCP connection know both addresses", () => {
  const [lsock, address] = listener();
  const client = closing(new socket.socket());
  client.connect(address);
  const [server, peer] = lsock.accept();
  closing(server);
  expect(peer).toEqual(client.getsockname());
  expect(server.getpeername()).toEqual(peer);
  expect(server.getsockname()).toEqual(client.getpeername());
  expect(client.getpeername()).toEqual(address);
});

test("addresses and what accept returns are frozen, as tuples are", () => {
  const [lsock, address] = listener();
  const client = closing(new socket.socket());
  client.connect(address);
  const accepted = lsock.accept();
  closing(accepted[0]);
  expect(Object.isFrozen(address)).toBe(true);
  expect(Object.isFrozen(accepted)).toBe(true);
  expect(Object.isFrozen(accepted[1])).toBe(true);
  const both = socket.socketpair();
  both.forEach(closing);
  expect(Object.isFrozen(both)).toBe(true);
});

test("a name that was read is not changed by the next one", () => {
  const [client, server] = connection();
  const name = client.getsockname();
  const text = repr(name);
  server.getsockname();
  expect(repr(name)).toBe(text);
});

test.runIf(has_inet6)("IPv6 addresses have four elements and connect", () => {
  const lsock = closing(new socket.socket(AF_INET6));
  lsock.bind(["::1", 0]);
  lsock.listen();
  const name = lsock.getsockname() as socket.Inet6Address;
  expect(name).toEqual(["::1", expect.any(Number), 0, 0]);
  const client = closing(new socket.socket(AF_INET6));
  client.connect(name);
  const [server, peer] = lsock.accept();
  closing(server);
  expect(peer).toEqual(client.getsockname());
  server.sendall(Buffer.from("six"));
  expect(client.recv(10).toString()).toBe("six");
});

describe("AF_UNIX", () => {
  test("a listener at a path: the client's own name is empty", () => {
    const path = join(folder, "listener");
    const lsock = closing(new socket.socket(AF_UNIX));
    lsock.bind(path);
    lsock.listen();
    const client = closing(new socket.socket(AF_UNIX));
    client.connect(path);
    const [server, peer] = lsock.accept();
    closing(server);
    expect(peer).toBe("");
    expect(client.getsockname()).toBe("");
    expect(client.getpeername()).toBe(path);
    expect(server.getsockname()).toBe(path);
  });

  test("a client that is bound is known by its path", () => {
    const [server_path, client_path] = [join(folder, "server"), join(folder, "client")];
    const lsock = closing(new socket.socket(AF_UNIX));
    lsock.bind(server_path);
    lsock.listen();
    const client = closing(new socket.socket(AF_UNIX));
    client.bind(client_path);
    client.connect(Buffer.from(server_path));
    const [server, peer] = lsock.accept();
    closing(server);
    expect(peer).toBe(client_path);
  });

  test("a path that is no UTF-8 is the same file going in and coming out", () => {
    const path = `${folder}/\udcfe`;
    const lsock = closing(new socket.socket(AF_UNIX));
    lsock.bind(path);
    lsock.listen();
    const list = "import os; answers = list(map(text_of, os.listdir(os.fsencode(questions))))";
    expect(ask_python(list, folder)()).toContain(Buffer.of(0xfe).toString("base64"));
    const client = closing(new socket.socket(AF_UNIX));
    client.connect(lsock.getsockname() as string);
    expect(client.getpeername()).toBe(path);
  });

  test("an abstract name is bytes with a leading NUL, and no file", () => {
    needs_linux();
    const name = Buffer.from(`\0iomux-test-${process.pid}`);
    const lsock = closing(new socket.socket(AF_UNIX));
    lsock.bind(name);
    lsock.listen();
    expect(lsock.getsockname()).toEqual(name);
    const client = closing(new socket.socket(AF_UNIX));
    client.connect(name);
    expect(client.getpeername()).toEqual(name);
  });

  test("bound to an empty name, the system chooses an abstract one", () => {
    needs_linux();
    using sock = new socket.socket(AF_UNIX);
    sock.bind("");
    expect((sock.getsockname() as Buffer).toString("latin1")).toMatch(/^\0[0-9a-f]{5}$/);
  });

  test("the ends of a socketpair have no names", () => {
    const [left, right] = pair();
    expect([left.getsockname(), right.getpeername()]).toEqual(["", ""]);
  });
});

describe("other families", () => {
  beforeEach(needs_linux);

  const { AF_NETLINK, SOCK_RAW } = socket;

  test("AF_NETLINK has a process's number and groups", () => {
    using sock = new socket.socket(AF_NETLINK, SOCK_RAW, socket.NETLINK_ROUTE);
    expect(sock.getsockname()).toEqual([0, 0]);
    sock.bind([0, 0]);
    expect((sock.getsockname() as socket.NetlinkAddress)[0]).toBeGreaterThan(0);
    expect(() => sock.bind("x")).toThrow(
      new TypeError("bind(): AF_NETLINK address must be tuple, not str"),
    );
  });

  test("a socket of a family without a form of its own takes family and bytes, or all the bytes", () => {
    // The descriptor is a netlink socket's, so the system tells what arrived there.
    using real = new socket.socket(AF_NETLINK, SOCK_RAW, socket.NETLINK_ROUTE);
    const OTHER = 4242;
    using sock = new socket.socket(OTHER, SOCK_RAW, socket.NETLINK_ROUTE, real.detach());
    sock.bind([AF_NETLINK, Buffer.alloc(10)]);
    expect((sock.getsockname() as socket.NetlinkAddress)[0]).toBeGreaterThan(0);
    const whole = Buffer.alloc(12);
    whole.writeUInt16LE(AF_NETLINK);
    using again = new socket.socket(OTHER, SOCK_RAW, socket.NETLINK_ROUTE, sock.detach());
    again.connect(whole);
    expect(() => again.connect([AF_NETLINK, Buffer.alloc(200)])).toThrow("address too long");
    expect(() => again.connect(["127.0.0.1", 0])).toThrow(TypeError);
  });
});

test("the families and types are the system's numbers", () => {
  expect([AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM]).toEqual([1, 2, 10, 1, 2]);
});

test.each([AF_INET, AF_INET6])(
  "an object as node:net takes one is told what to write",
  (family) => {
    if (family === AF_INET6 && !has_inet6) return;
    using sock = new socket.socket(family);
    const options = { host: "127.0.0.1", port: 0 } as unknown as socket.Address;
    const name = family === AF_INET ? "AF_INET" : "AF_INET6";
    expect(() => sock.bind(options)).toThrow(
      new TypeError(`bind(): ${name} address must be tuple, not dict: write [host, port]`),
    );
  },
);
