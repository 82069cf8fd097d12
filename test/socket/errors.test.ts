/** Exceptions: which class, which text; wrong arguments are in test/differential.test.ts. */
import { stripVTControlCharacters } from "node:util";

import { describe, expect, onTestFinished, test, vi } from "vitest";

import * as builtins from "iomux/builtins";
import { BlockingIOError, OSError, TimeoutError } from "iomux/builtins";
import * as socket from "iomux/socket";

import { native } from "../../lib/native.ts";
import { Command } from "../support/commands.ts";
import { program } from "../support/iomux-command.ts";
import { count_sockets } from "../support/own-process.ts";
import { ask_python } from "../support/python.ts";
import { listener, pair } from "../support/sockets.ts";

const in_python = `
import errno

answers = {
    "errors": {
        name: [type(OSError(number, "text")).__name__, str(OSError(number, "text"))]
        for number, name in errno.errorcode.items() if name != "ECHILD"
    },
    "numbers": {name: number for number, name in errno.errorcode.items() if name != "ECHILD"},
}
`;

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

const oracle = ask_python(in_python, null) as () => {
  readonly errors: Readonly<Record<string, readonly [string, string]>>;
  readonly numbers: Readonly<Record<string, number>>;
};

describe("exceptions", () => {
  // But for ECHILD, which no call here can say.
  test("every errno has the class that Python gives it", () => {
    const classes = new Map<string, unknown>(Object.entries(builtins));
    const ours = Object.entries(oracle().numbers).map(([name, number]) => {
      const error = new OSError(number, "text");
      expect(error.constructor).toBe(classes.get(error.name));
      return [name, [error.name, error.message]];
    });
    expect(Object.fromEntries(ours)).toEqual(oracle().errors);
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
    expect(stack).toMatch(/socket\/errors\.test\.ts/);
  });

  test("a call that would have to wait raises BlockingIOError", () => {
    const [left, right] = socket.socketpair();
    using _left = left;
    using _right = right;
    left.setblocking(false);
    expect(() => left.recv(1)).toThrow(BlockingIOError);
    expect(() => left.recv(1)).toThrow("[Errno 11] Resource temporarily unavailable");
  });

  test("one that a loop catches all the time costs no frames, and no other error loses them", () => {
    const [left, right] = socket.socketpair();
    using _left = left;
    using _right = right;
    left.setblocking(false);
    const limit = Error.stackTraceLimit;
    let error = new OSError();
    for (let turn = 0; turn < 200; turn++) {
      try {
        left.recv(1);
      } catch (caught) {
        error = caught as OSError;
      }
    }
    expect(error).toBeInstanceOf(BlockingIOError);
    expect(error).toMatchObject({ errno: native.errors.EAGAIN, code: "EAGAIN" });
    expect(error.message).toBe("[Errno 11] Resource temporarily unavailable");
    // Bun has no stack at all then.
    expect(error.stack ?? "").not.toContain("errors.test.ts");
    expect(Error.stackTraceLimit).toBe(limit);
    let other = new Error("none");
    try {
      left.getpeername();
      left.listen();
    } catch (caught) {
      other = caught as Error;
    }
    expect(other.stack).toContain("errors.test.ts");
  });

  test("one that nobody catches says which line of the program it is from", async () => {
    const path = `${process.cwd()}/build-test/lib/socket.js`;
    const text = `
      import { socketpair } from ${JSON.stringify(path)};
      const [left] = socketpair();
      left.setblocking(false);
      left.recv(1);`;
    const { status, stderr } = await new Command([process.execPath, program("x.mjs", text)]).ended;
    expect(status).toBe(1);
    const plain = stripVTControlCharacters(stderr);
    expect(plain).toMatch(/BlockingIOError: \[Errno \d+\].*\n(?:.*\n)*?.*x\.mjs:5:12/);
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
    recvmmsg: [1, 1],
    sendmmsg: [[[bytes("x"), ["127.0.0.1", 1]]]],
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

describe("where ioctl(2) with FIONBIO fails, no descriptor is left behind", () => {
  const EIO = 5;

  /** What raises, while that call fails, leaves the process with so many sockets more. */
  function sockets_left(raises: () => unknown): number {
    onTestFinished(() => {
      vi.restoreAllMocks();
      socket.setdefaulttimeout(null);
    });
    const before = count_sockets();
    socket.setdefaulttimeout(5);
    vi.spyOn(native, "set_nonblocking").mockReturnValue(-EIO);
    expect(raises).toThrow(expect.objectContaining({ name: "OSError", errno: EIO }));
    return count_sockets() - before;
  }

  test("a new socket", () => {
    expect(sockets_left(() => new socket.socket())).toBe(0);
  });

  // Python: strace -e inject=ioctl:error=EIO:when=N+ python3 ...
  test("a socket of a descriptor, which is closed as in Python", () => {
    const fd = pair()[0].dup().detach();
    expect(sockets_left(() => new socket.socket(null, null, null, fd))).toBe(-1);
  });

  test("an accepted one", () => {
    const [lsock, address] = listener();
    const client = socket.create_connection(address);
    onTestFinished(() => client.close());
    expect(sockets_left(() => lsock.accept())).toBe(0);
  });
});
