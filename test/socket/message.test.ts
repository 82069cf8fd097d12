/** sendmsg and recvmsg: messages of several pieces of memory, with control data. */
import { beforeEach, describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import * as socket from "iomux/socket";

import { count_sockets } from "../support/own-process.ts";
import { attempt, for_python, python } from "../support/python.ts";
import { closing, connection, has_inet6, pair } from "../support/sockets.ts";
import { needs_linux } from "../support/tools.ts";

const { AF_INET6, IPPROTO_IPV6, MSG_CTRUNC, MSG_TRUNC, SCM_CREDENTIALS, SO_PASSCRED } = socket;
const { SOCK_DGRAM, SOCK_SEQPACKET, SOL_SOCKET } = socket;

const timed_out = expect.objectContaining({ name: "TimeoutError", message: "timed out" });
const would_block = expect.objectContaining({ name: "BlockingIOError", errno: 11 });
const closed = expect.objectContaining({
  name: "OSError",
  message: "[Errno 9] Bad file descriptor",
});

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** Any call, with arguments that TypeScript would refuse. */
function wrongly(
  sock: socket.socket,
  method: keyof socket.socket,
  ...args: unknown[]
): () => unknown {
  return () => Reflect.apply(sock[method] as () => unknown, sock, args);
}

function int_bytes(...numbers: number[]): Buffer {
  return Buffer.from(Int32Array.from(numbers).buffer);
}

describe("sendmsg", () => {
  test.each([
    ["sendmsg() argument 1 must be an iterable", [5]],
    ["sendmsg() argument 1 must be an iterable", [null]],
    ["a bytes-like object is required, not 'int'", [[5]]],
    ["a bytes-like object is required, not 'str'", ["text"]],
    ["sendmsg() argument 2 must be an iterable", [[b`x`], 5]],
    ["[sendmsg() ancillary data items]() argument must be 3-item sequence, not int", [[b`x`], [5]]],
    [
      "[sendmsg() ancillary data items]() argument must be sequence of length 3, not 2",
      [[b`x`], [[1, 2]]],
    ],
    ["'str' object cannot be interpreted as an integer", [[b`x`], [["1", 2, b``]]]],
    ["a bytes-like object is required, not 'str'", [[b`x`], [[1, 2, "x"]]]],
    ["'str' object cannot be interpreted as an integer", [[b`x`], [], "0"]],
    ["a bytes-like object is required, not 'int'", [[b`x`], [], 0, 5]],
  ])("TypeError: %s", (message, args) => {
    const [sock, peer] = pair();
    expect(wrongly(sock, "sendmsg", ...args)).toThrow(raises("TypeError", message));
    peer.setblocking(false);
    expect(() => peer.recv(1)).toThrow(would_block);
  });

  test("sends all pieces as one message, each of its own offset", () => {
    const [left, right] = pair(SOCK_DGRAM);
    const memory = Buffer.from("0123456789");
    const pieces = [b`ab`, new Uint8Array(), new DataView(memory.buffer, memory.byteOffset + 4, 3)];
    expect(left.sendmsg(pieces)).toBe(5);
    expect(left.sendmsg(new Set([b`set`]))).toBe(3);
    expect(left.sendmsg([])).toBe(0);
    expect(right.recv(100)).toEqual(b`ab456`);
    expect(right.recv(100)).toEqual(b`set`);
    expect(right.recv(100)).toEqual(b``);
  });

  test("takes 1024 pieces, as the system does, and no more", () => {
    const [left, right] = pair(SOCK_SEQPACKET);
    const pieces = Array.from({ length: 1025 }, (_, index) => Buffer.from([index & 0xff]));
    expect(() => left.sendmsg(pieces)).toThrow(raises("OSError", "[Errno 90] Message too long"));
    expect(left.sendmsg(pieces.slice(1))).toBe(1024);
    expect(right.recv(2000)).toEqual(Buffer.concat(pieces.slice(1)));
    expect(() => right.recvmsg_into(pieces)).toThrow(
      raises("OSError", "[Errno 90] Message too long"),
    );
  });

  test("to an address", () => {
    const [sender, receiver] = [0, 1].map(() => {
      const sock = closing(new socket.socket(socket.AF_INET, SOCK_DGRAM));
      sock.bind(["127.0.0.1", 0]);
      return sock;
    });
    const address = receiver.getsockname() as socket.InetAddress;
    expect(sender.sendmsg([b`x`, b`y`], [], 0, address)).toBe(2);
    expect(receiver.recvmsg(10)).toEqual([b`xy`, [], 0, sender.getsockname()]);
    expect(() => sender.sendmsg([b`x`], [], 0, ["127.0.0.1", 70_000])).toThrow(
      raises("OverflowError", "sendmsg(): port must be 0-65535."),
    );
    expect(() => sender.sendmsg([b`x`])).toThrow(expect.objectContaining({ errno: 89 }));
  });

  test("where nobody reads any more is a BrokenPipeError, and no signal", () => {
    const [left, right] = pair();
    right.close();
    expect(() => left.sendmsg([b`x`])).toThrow(raises("BrokenPipeError", "[Errno 32] Broken pipe"));
  });

  test("when the system takes no more: as the timeout says", () => {
    const [left] = connection();
    left.setblocking(false);
    const much = [Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 20)];
    expect(left.sendmsg(much)).toBeGreaterThan(0);
    expect(() => {
      for (;;) left.sendmsg(much);
    }).toThrow(would_block);
    left.settimeout(0.05);
    const before = performance.now();
    expect(() => {
      // The system may have made room meanwhile.
      for (;;) left.sendmsg(much);
    }).toThrow(timed_out);
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
    left.close();
    expect(() => left.sendmsg([b`x`])).toThrow(closed);
  });
});

describe("recvmsg", () => {
  test.each([
    ["ValueError", "negative buffer size in recvmsg()", [-1]],
    ["ValueError", "invalid ancillary data buffer length", [1, -1]],
    ["ValueError", "invalid ancillary data buffer length", [1, 2 ** 31]],
    ["TypeError", "'str' object cannot be interpreted as an integer", ["1"]],
    ["TypeError", "'float' object cannot be interpreted as an integer", [1, 0.5]],
    ["TypeError", "'str' object cannot be interpreted as an integer", [1, 0, "0"]],
  ])("%s: %s", (name, message, args) => {
    const [left, right] = pair();
    right.sendall(b`still there`);
    expect(wrongly(left, "recvmsg", ...args)).toThrow(raises(name, message));
    expect(left.recv(100)).toEqual(b`still there`);
  });

  test("returns bytes, control data, flags and address, as a tuple", () => {
    const [left, right] = pair();
    right.sendall(b`hello`);
    const message = left.recvmsg(4);
    expect(message).toEqual([b`hell`, [], 0, null]);
    expect(Object.isFrozen(message)).toBe(true);
    expect(Object.isFrozen(message[1])).toBe(false);
    expect(left.recvmsg(4, 100)).toEqual([b`o`, [], 0, null]);
    right.close();
    expect(left.recvmsg(4)).toEqual([b``, [], 0, null]);
  });

  test("tells that a datagram was cut, by MSG_TRUNC in the flags", () => {
    const [left, right] = pair(SOCK_DGRAM);
    for (let turn = 0; turn < 4; turn++) right.send(b`0123456789`);
    expect(left.recvmsg(4)).toEqual([b`0123`, [], MSG_TRUNC, null]);
    expect(left.recvmsg(4, 0, MSG_TRUNC)).toEqual([b`0123`, [], MSG_TRUNC, null]);
    const memory = Buffer.alloc(6, ".");
    const pieces = [memory.subarray(1, 3), memory.subarray(4, 5)];
    expect(left.recvmsg_into(pieces, 0, MSG_TRUNC)).toEqual([10, [], MSG_TRUNC, null]);
    expect(memory.toString()).toBe(".01.2.");
    expect(left.recvmsg(10)).toEqual([b`0123456789`, [], 0, null]);
  });

  test("of several pieces that were sent is one message", () => {
    const [left, right] = pair(SOCK_SEQPACKET);
    right.sendmsg([b`one `, b`message`], [], socket.MSG_EOR);
    right.send(b`another`);
    expect(left.recvmsg(100)).toEqual([b`one message`, [], 0, null]);
  });
});

describe("recvmsg_into", () => {
  const not_writable =
    "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers";
  test.each([
    ["TypeError", "recvmsg_into() argument 1 must be an iterable", [5]],
    ["TypeError", not_writable, [[5]]],
    ["TypeError", not_writable, ["text"]],
    ["TypeError", not_writable, [[Buffer.alloc(1), "x"]]],
    ["ValueError", "invalid ancillary data buffer length", [[Buffer.alloc(1)], -1]],
  ])("%s: %s", (name, message, args) => {
    const [left, right] = pair();
    right.sendall(b`still there`);
    expect(wrongly(left, "recvmsg_into", ...args)).toThrow(raises(name, message));
    expect(left.recv(100)).toEqual(b`still there`);
  });

  test("fills one piece after the other, and none further than its end", () => {
    const [left, right] = pair();
    const memory = Buffer.alloc(16, ".");
    const pieces = [
      new DataView(memory.buffer, memory.byteOffset + 1, 3),
      new Uint8Array(),
      memory.subarray(6, 8),
      memory.subarray(10, 14),
    ];
    right.sendall(b`0123456789`);
    expect(left.recvmsg_into(pieces)).toEqual([9, [], 0, null]);
    expect(memory.toString()).toBe(".012..34..5678..");
    right.sendall(b`ab`);
    expect(left.recvmsg_into(new Set([memory.subarray(15)]))).toEqual([1, [], 0, null]);
    expect(left.recvmsg_into([memory.subarray(0, 2)])).toEqual([2, [], 0, null]);
    expect(memory.toString()).toBe("ab12..34..5678.9");
    right.sendall(b`still there`);
    expect(left.recvmsg_into([])).toEqual([0, [], 0, null]);
    expect(left.recv(100)).toEqual(b`still there`);
  });
});

describe.each([
  ["recvmsg", (sock: socket.socket, flags?: number) => sock.recvmsg(10, 0, flags)],
  [
    "recvmsg_into",
    (sock: socket.socket, flags?: number) => sock.recvmsg_into([Buffer.alloc(10)], 0, flags),
  ],
])("%s, when nothing has come", (_, receive) => {
  test("as the timeout says", () => {
    const [sock] = pair();
    expect(() => receive(sock, socket.MSG_DONTWAIT)).toThrow(would_block);
    sock.setblocking(false);
    expect(() => receive(sock)).toThrow(would_block);
    sock.settimeout(0.05);
    const before = performance.now();
    expect(() => receive(sock)).toThrow(timed_out);
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  });

  test("on a closed socket raises EBADF", () => {
    const [sock] = pair();
    sock.close();
    expect(() => receive(sock)).toThrow(closed);
  });
});

describe("SCM_CREDENTIALS", () => {
  beforeEach(needs_linux);

  test("say who has sent it: process, user, group", () => {
    const [left, right] = pair();
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    const mine = int_bytes(process.pid, process.getuid!(), process.getgid!());
    left.sendmsg([b`told`], [[SOL_SOCKET, SCM_CREDENTIALS, mine]]);
    const credentials = [SOL_SOCKET, SCM_CREDENTIALS, mine];
    const room = socket.CMSG_SPACE(12);
    expect(right.recvmsg(10, room)).toEqual([b`told`, [credentials], 0, null]);
    // The system tells by itself who has not said it.
    left.send(b`not told`);
    const [data, ancillary] = right.recvmsg_into([Buffer.alloc(10)], room);
    expect([data, ancillary]).toEqual([8, [credentials]]);
    expect(Object.isFrozen(ancillary[0])).toBe(true);
  });

  test("of somebody else are refused", () => {
    const [left] = pair();
    const nobody = int_bytes(2 ** 22 + 1, 0, 0);
    expect(() => left.sendmsg([b`x`], [[SOL_SOCKET, SCM_CREDENTIALS, nobody]])).toThrow(
      expect.objectContaining({
        name: expect.stringMatching("ProcessLookupError|PermissionError") as string,
      }),
    );
    const short = int_bytes(process.pid);
    expect(() => left.sendmsg([b`x`], [[SOL_SOCKET, SCM_CREDENTIALS, short]])).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
  });

  test("that do not fit are cut off where the room ends, and MSG_CTRUNC says so", () => {
    const [left, right] = pair();
    right.setsockopt(SOL_SOCKET, SO_PASSCRED, 1);
    const whole = int_bytes(process.pid, process.getuid!(), process.getgid!());
    const header = socket.CMSG_LEN(0);
    for (let room = 0; room <= socket.CMSG_SPACE(12); room++) {
      left.send(b`x`);
      const [, ancillary, flags] = right.recvmsg(1, room);
      const arrived = whole.subarray(0, Math.max(room - header, 0));
      const expected = room < header ? [] : [[SOL_SOCKET, SCM_CREDENTIALS, arrived]];
      expect(ancillary).toEqual(expected);
      expect(flags).toBe(arrived.length < whole.length ? MSG_CTRUNC : 0);
    }
  });
});

// Without IPv6 on the machine there is no socket to ask.
describe.runIf(has_inet6)("IPv6's control data", () => {
  const { IPV6_HOPLIMIT, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_TCLASS } = socket;
  const hop_limit = [IPPROTO_IPV6, IPV6_HOPLIMIT, int_bytes(7)] as const;
  const traffic_class = [IPPROTO_IPV6, IPV6_TCLASS, int_bytes(0x20)] as const;

  /** Sends to itself, and hears hop limit and traffic class. */
  function new_socket(): readonly [socket.socket, socket.Inet6Address] {
    const sock = closing(new socket.socket(AF_INET6, SOCK_DGRAM));
    sock.bind(["::1", 0]);
    sock.setsockopt(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    sock.setsockopt(IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    return [sock, sock.getsockname() as socket.Inet6Address];
  }

  test("several items go out and come in, each with its alignment", () => {
    const [sock, address] = new_socket();
    const room = socket.CMSG_SPACE(4) * 2;
    sock.sendmsg([b`x`], [hop_limit, traffic_class], 0, address);
    expect(sock.recvmsg(10, room)).toEqual([b`x`, [hop_limit, traffic_class], 0, address]);
    sock.sendmsg([b`y`], new Set([traffic_class]), 0, address);
    const [, ancillary] = sock.recvmsg_into([Buffer.alloc(1)], room);
    expect(ancillary.at(-1)).toEqual(traffic_class);
  });

  test("a hop limit that cannot be is EINVAL", () => {
    const [sock, address] = new_socket();
    const wrong = [IPPROTO_IPV6, IPV6_HOPLIMIT, int_bytes(256)] as const;
    expect(() => sock.sendmsg([b`x`], [wrong], 0, address)).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
  });

  test("whatever the room, what arrives is what arrives in Python", () => {
    const rooms = Array.from({ length: 64 }, (_, room) => room);
    const theirs = python(
      `
import socket, struct
sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
sock.bind(("::1", 0))
sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
def received(room):
    sock.sendto(b"x", sock.getsockname())
    _, ancillary, flags, _ = sock.recvmsg(1, room)
    return [[[level, kind, data.hex()] for level, kind, data in ancillary], flags]
answers = [received(room) for room in questions]
`,
      rooms,
    );
    const [sock, address] = new_socket();
    const ours = rooms.map((room) => {
      sock.sendto(b`x`, address);
      const [, ancillary, flags] = sock.recvmsg(1, room);
      return [ancillary.map(([level, kind, data]) => [level, kind, data.toString("hex")]), flags];
    });
    expect(ours).toEqual(theirs);
    expect(ours.some(([, flags]) => flags === MSG_CTRUNC)).toBe(true);
  });
});

test("control data that cannot be received leave no descriptor behind", () => {
  const [left, right] = pair();
  const before = count_sockets();
  socket.send_fds(left, [b`x`], [left.fileno(), right.fileno()]);
  expect(right.recvmsg(10)).toEqual([b`x`, [], MSG_CTRUNC, null]);
  socket.send_fds(left, [b`x`], [left.fileno(), right.fileno()]);
  expect(right.recv(10)).toEqual(b`x`);
  expect(count_sockets()).toBe(before);
});

describe("CMSG_LEN and CMSG_SPACE are Python's", () => {
  const lengths = [...Array(40).keys(), 1000, 4095, 2 ** 31 - 32, 2 ** 31 - 25, 2 ** 31 - 24];
  const more = [
    2 ** 31 - 17,
    2 ** 31 - 16,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53 - 1,
    -1,
    2n ** 63n,
    2n ** 64n,
  ];
  const values = [...lengths, ...more, -(2n ** 63n), 0.5, "1", null, true];

  test.each([
    ["CMSG_LEN", socket.CMSG_LEN],
    ["CMSG_SPACE", socket.CMSG_SPACE],
  ])("%s", (name, length_of) => {
    const theirs = python(
      `import socket\nanswers = [attempt(socket.${name}, value_of(one)) for one in questions]`,
      values.map(for_python),
    );
    const ours = values.map((one) => attempt(() => length_of(one as number)));
    expect(ours).toEqual(theirs);
  });
});
