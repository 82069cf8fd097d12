/** Wrong arguments and failing calls: the exception, its text and its errno are CPython's. */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import * as builtins from "iomux/builtins";
import { BlockingIOError, OSError, repr, TimeoutError, tuple } from "iomux/builtins";
import * as socket from "iomux/socket";

import { python } from "./fixtures/python.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = socket;

const folder = mkdtempSync(join(tmpdir(), "iomux-"));
const regular_file = join(folder, "regular");
closeSync(openSync(regular_file, "w"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the expressions of a row can name, made anew for each. */
function new_sockets() {
  const [left, right] = socket.socketpair();
  const closed = new socket.socket();
  closed.close();
  left.settimeout(0.1);
  const made: socket.socket[] = [];
  return {
    made,
    left,
    right,
    closed,
    inet: new socket.socket(),
    udp: new socket.socket(AF_INET, SOCK_DGRAM),
    unix: new socket.socket(AF_UNIX),
    /** Not every machine has it. */
    inet6: (): socket.socket => {
      const sock = new socket.socket(AF_INET6);
      made.push(sock);
      return sock;
    },
    folder,
  };
}
type Sockets = ReturnType<typeof new_sockets>;

const in_python = `
import errno
from socket import *
import socket

class Names(dict):
    def __init__(self, folder):
        left, right = socketpair()
        left.settimeout(0.1)
        closed = socket.socket()
        closed.close()
        super().__init__(globals(), left=left, right=right, closed=closed, folder=folder,
            inet=socket.socket(), udp=socket.socket(AF_INET, SOCK_DGRAM),
            unix=socket.socket(AF_UNIX), inet6=lambda: socket.socket(AF_INET6))

def outcome(expression, folder):
    try:
        return ["value", repr(eval(expression, Names(folder)))]
    except Exception as error:
        return [type(error).__name__, str(error), getattr(error, "errno", None)]

answers = {
    "rows": [outcome(row, questions["folder"]) for row in questions["rows"]],
    "errors": {
        name: [type(OSError(number, "text")).__name__, str(OSError(number, "text"))]
        for number, name in errno.errorcode.items() if name != "ECHILD"
    },
    "numbers": {name: number for number, name in errno.errorcode.items() if name != "ECHILD"},
}
`;

function outcome(run: (sockets: Sockets) => unknown): readonly unknown[] {
  const sockets = new_sockets();
  try {
    return ["value", repr(run(sockets))];
  } catch (error) {
    const { name, message, errno } = error as OSError;
    return [name, message, errno ?? null];
  } finally {
    for (const one of [...sockets.made, ...Object.values(sockets)]) {
      if (one instanceof socket.socket) one.close();
    }
  }
}

type Row = readonly [expression: string, run: (sockets: Sockets) => unknown];

/** An argument of a type that TypeScript refuses, and JavaScript does not. */
function wrong(value: unknown): never {
  return value as never;
}

const rows: readonly Row[] = [
  // The constructor
  ["socket.socket('x')", () => new socket.socket(wrong("x"))],
  ["socket.socket(1.5)", () => new socket.socket(1.5)],
  ["socket.socket(99)", () => new socket.socket(99)],
  ["socket.socket(2**31)", () => new socket.socket(2 ** 31)],
  ["socket.socket(AF_INET, 99)", () => new socket.socket(AF_INET, 99)],
  ["socket.socket(AF_INET, 'x')", () => new socket.socket(AF_INET, wrong("x"))],
  ["socket.socket(AF_INET, SOCK_STREAM, 17)", () => new socket.socket(AF_INET, SOCK_STREAM, 17)],
  ["int(socket.socket(AF_UNIX, -1, -1).type)", () => new socket.socket(AF_UNIX, -1, -1).type],
  ["int(socket.socket(-1).family)", () => new socket.socket(-1).family],
  ["socket.socket(fileno=-1)", () => new socket.socket(null, null, null, -1)],
  ["socket.socket(fileno='x')", () => new socket.socket(null, null, null, wrong("x"))],
  ["socket.socket(fileno=1.5)", () => new socket.socket(null, null, null, 1.5)],
  ["socket.socket(fileno=9999)", () => new socket.socket(null, null, null, 9999)],
  [
    "socket.socket(AF_INET, SOCK_STREAM, 0, 9999)",
    () => new socket.socket(AF_INET, SOCK_STREAM, 0, 9999),
  ],
  ["socketpair('x')", () => socket.socketpair(wrong("x"))],
  ["socketpair(AF_INET)", () => socket.socketpair(AF_INET)],
  ["socketpair(AF_UNIX, 99)", () => socket.socketpair(AF_UNIX, 99)],

  // Time-outs
  ["inet.settimeout(-1)", ({ inet }) => inet.settimeout(-1)],
  ["inet.settimeout(-1e-10)", ({ inet }) => inet.settimeout(-1e-10)],
  ["inet.settimeout(float('nan'))", ({ inet }) => inet.settimeout(NaN)],
  ["inet.settimeout(float('inf'))", ({ inet }) => inet.settimeout(Infinity)],
  ["inet.settimeout(float('-inf'))", ({ inet }) => inet.settimeout(-Infinity)],
  ["inet.settimeout(1e30)", ({ inet }) => inet.settimeout(1e30)],
  ["inet.settimeout(9223372036.9)", ({ inet }) => inet.settimeout(9223372036.9)],
  ["inet.settimeout('1')", ({ inet }) => inet.settimeout(wrong("1"))],
  ["inet.settimeout(b'1')", ({ inet }) => inet.settimeout(wrong(Buffer.from("1")))],
  ["inet.settimeout([1])", ({ inet }) => inet.settimeout(wrong([1]))],
  ["inet.settimeout({})", ({ inet }) => inet.settimeout(wrong({}))],
  ["closed.settimeout(1)", ({ closed }) => closed.settimeout(1)],
  ["closed.setblocking(True)", ({ closed }) => closed.setblocking(true)],
  ["setdefaulttimeout(-1)", () => socket.setdefaulttimeout(-1)],
  ["setdefaulttimeout('x')", () => socket.setdefaulttimeout(wrong("x"))],
  ["setdefaulttimeout(float('nan'))", () => socket.setdefaulttimeout(NaN)],

  // Addresses
  ["inet.bind('127.0.0.1')", ({ inet }) => inet.bind("127.0.0.1")],
  ["inet.bind(None)", ({ inet }) => inet.bind(wrong(null))],
  ["inet.bind(80)", ({ inet }) => inet.bind(wrong(80))],
  ["inet.bind(b'x')", ({ inet }) => inet.bind(Buffer.from("x"))],
  ["inet.bind(('127.0.0.1',))", ({ inet }) => inet.bind(wrong(["127.0.0.1"]))],
  ["inet.bind(('127.0.0.1', 0, 0))", ({ inet }) => inet.bind(["127.0.0.1", 0, 0])],
  ["inet.bind((None, 0))", ({ inet }) => inet.bind(wrong([null, 0]))],
  ["inet.bind((5, 0))", ({ inet }) => inet.bind(wrong([5, 0]))],
  ["inet.bind(('a\\0b', 0))", ({ inet }) => inet.bind(["a\0b", 0])],
  ["inet.bind((b'a\\0b', 0))", ({ inet }) => inet.bind([Buffer.from("a\0b"), 0])],
  ["inet.bind(('no such host', 0))", ({ inet }) => inet.bind(["no such host", 0])],
  ["inet.connect(('no such host', 1))", ({ inet }) => inet.connect(["no such host", 1])],
  ["inet.connect_ex(('no such host', 1))", ({ inet }) => inet.connect_ex(["no such host", 1])],
  ["inet.bind(('127.0.0.1', '80'))", ({ inet }) => inet.bind(wrong(["127.0.0.1", "80"]))],
  ["inet.bind(('127.0.0.1', 1.5))", ({ inet }) => inet.bind(["127.0.0.1", 1.5])],
  ["inet.bind(('127.0.0.1', None))", ({ inet }) => inet.bind(wrong(["127.0.0.1", null]))],
  ["inet.bind(('127.0.0.1', -1))", ({ inet }) => inet.bind(["127.0.0.1", -1])],
  ["inet.bind(('127.0.0.1', 65536))", ({ inet }) => inet.bind(["127.0.0.1", 65536])],
  ["inet.bind(('127.0.0.1', 2**31))", ({ inet }) => inet.bind(["127.0.0.1", 2 ** 31])],
  ["inet.connect(('127.0.0.1', 70000))", ({ inet }) => inet.connect(["127.0.0.1", 70000])],
  ["inet.connect(('127.0.0.1', 'x'))", ({ inet }) => inet.connect(wrong(["127.0.0.1", "x"]))],
  ["inet.connect_ex(('127.0.0.1', 70000))", ({ inet }) => inet.connect_ex(["127.0.0.1", 70000])],
  ["inet.connect_ex('x')", ({ inet }) => inet.connect_ex("x")],
  ["inet.bind(('::1', 0))", ({ inet }) => inet.bind(["::1", 0])],
  // The name is looked up before the port is looked at.
  ["inet.bind(('::1', 70000))", ({ inet }) => inet.bind(["::1", 70000])],
  ["inet.connect_ex(('::1', 70000))", ({ inet }) => inet.connect_ex(["::1", 70000])],
  ["inet.connect_ex(('::1', 1))", ({ inet }) => inet.connect_ex(["::1", 1])],
  ["inet6().bind('::1')", ({ inet6 }) => inet6().bind("::1")],
  ["inet6().bind(('::1',))", ({ inet6 }) => inet6().bind(wrong(["::1"]))],
  ["inet6().bind(('::1', 'x'))", ({ inet6 }) => inet6().bind(wrong(["::1", "x"]))],
  ["inet6().bind(('::1', 65536))", ({ inet6 }) => inet6().bind(["::1", 65536])],
  ["inet6().bind(('::1', 0, -1))", ({ inet6 }) => inet6().bind(["::1", 0, -1])],
  ["inet6().bind(('::1', 0, 2**20))", ({ inet6 }) => inet6().bind(["::1", 0, 2 ** 20])],
  ["inet6().bind(('::1', 0, 'x'))", ({ inet6 }) => inet6().bind(wrong(["::1", 0, "x"]))],
  ["inet6().bind(('::1', 0, 0, 'x'))", ({ inet6 }) => inet6().bind(wrong(["::1", 0, 0, "x"]))],
  ["inet6().bind(('::1', 0, 0, 1.5))", ({ inet6 }) => inet6().bind(["::1", 0, 0, 1.5])],
  ["inet6().bind(('::1', 0, 0, None))", ({ inet6 }) => inet6().bind(wrong(["::1", 0, 0, null]))],
  ["inet6().bind(('127.0.0.1', 0))", ({ inet6 }) => inet6().bind(["127.0.0.1", 0])],
  ["inet6().bind(('<broadcast>', 0))", ({ inet6 }) => inet6().bind(["<broadcast>", 0])],
  ["inet6().bind(('255.255.255.255', 0))", ({ inet6 }) => inet6().bind(["255.255.255.255", 0])],
  ["unix.bind(('x', 0))", ({ unix }) => unix.bind(tuple(["x", 0]))],
  ["unix.bind(None)", ({ unix }) => unix.bind(wrong(null))],
  ["unix.bind('\\ud800')", ({ unix }) => unix.bind("\ud800")],
  ["unix.bind('a\\udc7f')", ({ unix }) => unix.bind("a\udc7f")],
  ["unix.bind('x' * 108)", ({ unix }) => unix.bind("x".repeat(108))],
  ["unix.connect(b'x' * 108)", ({ unix }) => unix.connect(Buffer.alloc(108, "x"))],
  ["unix.connect(bytes(109))", ({ unix }) => unix.connect(Buffer.alloc(109))],
  ["unix.connect(folder + '/none')", ({ unix }) => unix.connect(join(folder, "none"))],
  ["unix.connect_ex(folder + '/none')", ({ unix }) => unix.connect_ex(join(folder, "none"))],
  ["unix.connect(folder + '/regular')", ({ unix }) => unix.connect(regular_file)],
  ["unix.connect(folder + '/regular/x')", ({ unix }) => unix.connect(join(regular_file, "x"))],
  ["unix.bind(folder + '/regular')", ({ unix }) => unix.bind(regular_file)],

  // Calls that fail
  ["inet.listen('x')", ({ inet }) => inet.listen(wrong("x"))],
  ["inet.listen(1.5)", ({ inet }) => inet.listen(1.5)],
  ["inet.listen(2**31)", ({ inet }) => inet.listen(2 ** 31)],
  ["udp.listen()", ({ udp }) => udp.listen()],
  ["inet.accept()", ({ inet }) => inet.accept()],
  ["inet.getpeername()", ({ inet }) => inet.getpeername()],
  ["inet.getsockname()", ({ inet }) => inet.getsockname()],
  ["unix.getsockname()", ({ unix }) => unix.getsockname()],
  ["inet.shutdown(2)", ({ inet }) => inet.shutdown(2)],
  ["left.shutdown(99)", ({ left }) => left.shutdown(99)],
  ["left.shutdown('x')", ({ left }) => left.shutdown(wrong("x"))],
  ["left.shutdown(2**31)", ({ left }) => left.shutdown(2 ** 31)],
  ["udp.connect(('127.255.255.255', 9))", ({ udp }) => udp.connect(["127.255.255.255", 9])],
  ["left.connect('\\0none')", ({ left }) => left.connect("\0none")],
  ["left.connect_ex('\\0none')", ({ left }) => left.connect_ex("\0none")],

  // Sending and receiving
  ["left.recv(-1)", ({ left }) => left.recv(-1)],
  ["left.recv('x')", ({ left }) => left.recv(wrong("x"))],
  ["left.recv(1.5)", ({ left }) => left.recv(1.5)],
  ["left.recv(None)", ({ left }) => left.recv(wrong(null))],
  ["left.recv(2**50)", ({ left }) => left.recv(2 ** 50)],
  ["left.recv(2**53)", ({ left }) => left.recv(2 ** 53)],
  ["left.recv(2**63)", ({ left }) => left.recv(wrong(2n ** 63n))],
  ["left.recv(1, 'x')", ({ left }) => left.recv(1, wrong("x"))],
  ["left.recv(1, 2**31)", ({ left }) => left.recv(1, 2 ** 31)],
  ["left.recv(0)", ({ left }) => left.recv(0)],
  ["closed.recv(0)", ({ closed }) => closed.recv(0)],
  ["closed.recv(-1)", ({ closed }) => closed.recv(-1)],
  ["inet.recv(0)", ({ inet }) => inet.recv(0)],
  ["inet.recv(1)", ({ inet }) => inet.recv(1)],
  ["left.recv_into('x')", ({ left }) => left.recv_into(wrong("x"))],
  ["left.recv_into(bytearray())", ({ left }) => left.recv_into(new Uint8Array())],
  ["left.recv_into(bytearray(4), -1)", ({ left }) => left.recv_into(new Uint8Array(4), -1)],
  ["left.recv_into(bytearray(4), 5)", ({ left }) => left.recv_into(new Uint8Array(4), 5)],
  ["left.recv_into(bytearray(4), 'x')", ({ left }) => left.recv_into(Buffer.alloc(4), wrong("x"))],
  ["left.send('x')", ({ left }) => left.send(wrong("x"))],
  ["left.send(5)", ({ left }) => left.send(wrong(5))],
  ["left.send(None)", ({ left }) => left.send(wrong(null))],
  ["left.send(b'x', 'y')", ({ left }) => left.send(Buffer.from("x"), wrong("y"))],
  ["left.send(b'')", ({ left }) => left.send(Buffer.alloc(0))],
  ["left.sendall('x')", ({ left }) => left.sendall(wrong("x"))],
  ["left.sendall([1])", ({ left }) => left.sendall(wrong([1]))],
  ["left.sendall(b'')", ({ left }) => left.sendall(Buffer.alloc(0))],
  ["right.close() or left.send(b'x')", ({ left, right }) => right.close() ?? left.send(bytes("x"))],
  ["right.close() or left.recv(1)", ({ left, right }) => right.close() ?? left.recv(1)],
  ["inet.send(b'x')", ({ inet }) => inet.send(bytes("x"))],
  ["udp.send(b'x')", ({ udp }) => udp.send(bytes("x"))],

  // Options
  ["inet.getsockopt(SOL_SOCKET, 9999)", ({ inet }) => inet.getsockopt(SOL_SOCKET, 9999)],
  ["inet.getsockopt('x', 1)", ({ inet }) => inet.getsockopt(wrong("x"), 1)],
  ["inet.getsockopt(1, 3, -1)", ({ inet }) => inet.getsockopt(1, 3, -1)],
  ["inet.getsockopt(1, 3, 1025)", ({ inet }) => inet.getsockopt(1, 3, 1025)],
  ["inet.getsockopt(1, 3, 1024)", ({ inet }) => inet.getsockopt(1, 3, 1024)],
  ["inet.getsockopt(1, 3, 'x')", ({ inet }) => inet.getsockopt(1, 3, wrong("x"))],
  ["inet.setsockopt(1, 2, None)", ({ inet }) => inet.setsockopt(1, 2, wrong(null))],
  ["inet.setsockopt(1, 2, 'x')", ({ inet }) => inet.setsockopt(1, 2, wrong("x"))],
  ["inet.setsockopt(1, 2, 1.5)", ({ inet }) => inet.setsockopt(1, 2, 1.5)],
  ["inet.setsockopt(1, 2, 2**31)", ({ inet }) => inet.setsockopt(1, 2, 2 ** 31)],
  ["inet.setsockopt(1, 2, b'')", ({ inet }) => inet.setsockopt(1, 2, Buffer.alloc(0))],
  ["inet.setsockopt(1, 2, None, 4)", ({ inet }) => inet.setsockopt(1, 2, null, 4)],
  ["inet.setsockopt('x', 2, 1)", ({ inet }) => inet.setsockopt(wrong("x"), 2, 1)],
];

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

const oracle = python(in_python, { folder, rows: rows.map(([expression]) => expression) }) as {
  readonly rows: readonly (readonly unknown[])[];
  readonly errors: Readonly<Record<string, readonly [string, string]>>;
  readonly numbers: Readonly<Record<string, number>>;
};

describe("the same outcome as in Python", () => {
  test.each(rows.map(([expression, run], index) => ({ expression, run, index })))(
    "$expression",
    ({ run, index }) => {
      expect(outcome(run)).toEqual(oracle.rows[index]);
    },
  );
});

describe("exceptions", () => {
  // But for ECHILD, which no call here can say.
  test("every errno has the class that Python gives it", () => {
    const classes = new Map<string, unknown>(Object.entries(builtins));
    const ours = Object.entries(oracle.numbers).map(([name, number]) => {
      const error = new OSError(number, "text");
      expect(error.constructor).toBe(classes.get(error.name));
      return [name, [error.name, error.message]];
    });
    expect(Object.fromEntries(ours)).toEqual(oracle.errors);
  });

  test("socket.error is OSError, socket.timeout is TimeoutError", () => {
    expect(socket.error).toBe(OSError);
    expect(socket.timeout).toBe(TimeoutError);
    expect(socket.gaierror.prototype).toBeInstanceOf(OSError);
  });

  test("the text is libc's, the code is errno's name", () => {
    using unbound = new socket.socket();
    unbound.bind(["127.0.0.1", 0]);
    using sock = new socket.socket();
    expect(() => sock.connect(unbound.getsockname() as socket.InetAddress)).toThrow(
      expect.objectContaining({
        name: "ConnectionRefusedError",
        message: "[Errno 111] Connection refused",
        errno: 111,
        code: "ECONNREFUSED",
        strerror: "Connection refused",
      }),
    );
  });

  test("a stack begins where the method was called", () => {
    using sock = new socket.socket();
    let stack = "";
    try {
      sock.getpeername();
    } catch (error) {
      ({ stack = "" } = error as Error);
    }
    expect(stack).toMatch(/^OSError: \[Errno 107\] /);
    expect(stack).toMatch(/socket-errors\.test\.ts/);
  });

  test("a call that would have to wait raises BlockingIOError", () => {
    const [left, right] = socket.socketpair();
    using _left = left;
    using _right = right;
    left.setblocking(false);
    expect(() => left.recv(1)).toThrow(BlockingIOError);
    expect(() => left.recv(1)).toThrow("[Errno 11] Resource temporarily unavailable");
  });
});

test("a method borrowed for another object raises TypeError", () => {
  const base = Object.getPrototypeOf(socket.socket.prototype) as object;
  const { constructor: _, ...methods } = {
    ...Object.getOwnPropertyDescriptors(base),
    ...Object.getOwnPropertyDescriptors(socket.socket.prototype),
  };
  const arguments_of: Record<string, unknown[]> = {
    bind: [["127.0.0.1", 0]],
    connect: [["127.0.0.1", 1]],
    connect_ex: [["127.0.0.1", 1]],
    send: [bytes("x")],
    sendall: [bytes("x")],
    recv: [1],
    recv_into: [Buffer.alloc(1)],
    recvfrom: [1],
    recvfrom_into: [Buffer.alloc(1)],
    recvmsg: [1],
    recvmsg_into: [[Buffer.alloc(1)]],
    sendto: [bytes("x"), ["127.0.0.1", 1]],
    sendmsg: [[bytes("x")]],
    sendfile: [0],
    settimeout: [1],
    set_inheritable: [true],
    getsockopt: [1, 2],
    setsockopt: [1, 2, 1],
  };
  expect(Object.keys(methods).length).toBeGreaterThan(20);
  for (const [name, property] of Object.entries(methods)) {
    if (name.startsWith("_") && !name.endsWith("_")) continue;
    // oxlint-disable-next-line typescript/unbound-method -- unbound is what it is to be
    const method: unknown = property.get ?? property.value;
    const args = arguments_of[name] ?? [];
    const borrow = (self: unknown) => (): unknown =>
      Reflect.apply(method as () => unknown, self, args);
    expect(borrow({}), name).toThrow(TypeError);
    expect(borrow(undefined), name).toThrow(TypeError);
  }
});
