/** recvmmsg and sendmmsg: several datagrams by one system call, where the system has it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { b, tuple } from "iomux/builtins";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

import { native } from "../../lib/native.ts";
import { compiled } from "../support/commands.ts";
import { closing, has_inet6 } from "../support/sockets.ts";
import { between, trace } from "../support/strace.ts";
import { needs } from "../support/tools.ts";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM } = socket;
const has_batches = native.recvmmsg !== undefined;

type Datagrams = socket.socket<socket.AF_INET>;

function bound(): readonly [sock: Datagrams, address: socket.InetAddress] {
  const sock = new socket.socket(AF_INET, SOCK_DGRAM);
  closing(sock);
  sock.bind(["127.0.0.1", 0]);
  sock.settimeout(30);
  return [sock, sock.getsockname()];
}

/** All datagrams that have come, by as many calls as it takes. */
function received(sock: Datagrams, count: number): (readonly [string, unknown])[] {
  const all: (readonly [string, unknown])[] = [];
  while (all.length < count) {
    for (const [data, address] of sock.recvmmsg(count, 2000)) all.push([String(data), address]);
  }
  return all;
}

describe("misuse", () => {
  const [sock, address] = [new socket.socket(AF_INET, SOCK_DGRAM), tuple(["127.0.0.1", 9])];

  test.each<[string, string, () => unknown]>([
    ["ValueError", "negative buffersize in recvmmsg", () => sock.recvmmsg(-1, 10)],
    ["ValueError", "negative buffersize in recvmmsg", () => sock.recvmmsg(1, -10)],
    [
      "TypeError",
      "'str' object cannot be interpreted as an integer",
      () => sock.recvmmsg("1" as never, 10),
    ],
    ["TypeError", "'int' object is not iterable", () => sock.sendmmsg(5 as never)],
    ["TypeError", "'NoneType' object is not iterable", () => sock.sendmmsg(undefined as never)],
    [
      "TypeError",
      "a message must be a pair (data, address), not bytes",
      () => sock.sendmmsg([b`x`] as never),
    ],
    [
      "TypeError",
      "a bytes-like object is required, not 'str'",
      () => sock.sendmmsg([["x", address]] as never),
    ],
    [
      "TypeError",
      "sendmmsg(): AF_INET address must be tuple, not int",
      () => sock.sendmmsg([[b`x`, 5]] as never),
    ],
    [
      "OverflowError",
      "sendmmsg(): port must be 0-65535.",
      () => sock.sendmmsg([[b`x`, ["127.0.0.1", 65_536]]]),
    ],
  ])("%s: %s", (name, message, call) => {
    expect(call).toThrow(expect.objectContaining({ name, message }));
  });

  test("a closed socket is EBADF, for both", () => {
    sock.close();
    expect(() => sock.recvmmsg(1, 10)).toThrow("[Errno 9] Bad file descriptor");
    expect(() => sock.sendmmsg([[b`x`, address]])).toThrow("[Errno 9] Bad file descriptor");
  });
});

test("datagrams come in their order, each with its sender, as tuples", () => {
  const [receiver, address] = bound();
  const senders = [bound(), bound(), bound()];
  const sent = Array.from({ length: 30 }, (_, index) => {
    const [sender, from] = senders[index % 3];
    sender.sendto(Buffer.from(`number ${index}`), address);
    return [`number ${index}`, from];
  });
  expect(received(receiver, 30)).toEqual(sent);
  senders[0][0].sendto(b``, address);
  const [message] = receiver.recvmmsg(5, 10);
  expect(message).toEqual([b``, senders[0][1]]);
  expect([Object.isFrozen(message), Object.isFrozen(message[1])]).toEqual([true, true]);
});

test("what was received stays as it is when more comes", () => {
  const [receiver, address] = bound();
  const kept: Buffer[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const sent = Array.from({ length: 8 }, (_, index) =>
      Buffer.from(`${turn}.${index}`.repeat(50)),
    );
    receiver.sendmmsg(sent.map((data) => [data, address]));
    while (kept.length < 8 * (turn + 1)) {
      kept.push(...receiver.recvmmsg(8, 2000).map(([data]) => data));
    }
  }
  expect(kept.map(String)).toEqual(
    kept.map((_, index) => `${Math.floor(index / 8)}.${index % 8}`.repeat(50)),
  );
});

test("a datagram that is longer than its room is cut, and the next is not", () => {
  const [receiver, address] = bound();
  receiver.sendmmsg([
    [b`0123456789`, address],
    [b`abc`, address],
  ]);
  const all: string[] = [];
  while (all.length < 2) all.push(...receiver.recvmmsg(2, 4).map(([data]) => String(data)));
  expect(all).toEqual(["0123", "abc"]);
});

test("it waits for the first datagram only, and as long as the socket may", () => {
  const [receiver, address] = bound();
  expect(receiver.recvmmsg(0, 10)).toEqual([]);
  receiver.sendto(b`one`, address);
  expect(receiver.recvmmsg(1000, 10)).toHaveLength(1);
  receiver.settimeout(0.05);
  expect(() => receiver.recvmmsg(2, 10)).toThrow(new socket.timeout("timed out"));
  receiver.setblocking(false);
  expect(() => receiver.recvmmsg(2, 10)).toThrow("[Errno 11] Resource temporarily unavailable");
  receiver.setblocking(true);
  signal.signal(signal.SIGALRM, () => {
    receiver.sendto(b`by the handler`, address);
    receiver.sendto(b`again`, address);
    expect(receiver.recvmmsg(1, 100).map(([data]) => String(data))).toEqual(["by the handler"]);
  });
  onTestFinished(() => void signal.signal(signal.SIGALRM, signal.SIG_DFL));
  signal.setitimer(signal.ITIMER_REAL, 0.05);
  expect(String(receiver.recvmmsg(4, 100)[0][0])).toBe("again");
});

test("each datagram goes to its address, or to the peer", () => {
  const [[one, to_one], [other, to_other], [sender, from]] = [bound(), bound(), bound()] as const;
  const view = new DataView(Buffer.from("--a view--").buffer.slice(0), 0, 0);
  const sent = sender.sendmmsg([
    [b`for one`, to_one],
    [b`for the other`, to_other],
    [Buffer.from("for one again").subarray(4), to_one],
    [view, to_other],
  ]);
  expect(sent).toBe(4);
  expect(received(one, 2)).toEqual([
    ["for one", from],
    ["one again", from],
  ]);
  expect(received(other, 2)).toEqual([
    ["for the other", from],
    ["", from],
  ]);
  sender.connect(to_one);
  expect(
    sender.sendmmsg([
      [b`x`, null],
      [b`y`, null],
    ]),
  ).toBe(2);
  expect(received(one, 2).map(([data]) => data)).toEqual(["x", "y"]);
  expect(sender.sendmmsg([])).toBe(0);
});

test("what cannot be sent ends the call, and is an error if it is the first", () => {
  const [sender, address] = bound();
  const too_large = Buffer.alloc(70_000);
  expect(
    sender.sendmmsg([
      [b`x`, address],
      [too_large, address],
      [b`y`, address],
    ]),
  ).toBe(1);
  expect(() => sender.sendmmsg([[too_large, address]])).toThrow("[Errno 90] Message too long");
  expect(received(sender, 1).map(([data]) => data)).toEqual(["x"]);
});

test("no more than 1024 at once", () => {
  const [receiver, address] = bound();
  receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22);
  const many = Array.from({ length: 1100 }, () => [b`x`, address] as const);
  expect(receiver.sendmmsg(many)).toBe(1024);
  expect(receiver.recvmmsg(5000, 1).length).toBeLessThanOrEqual(1024);
});

test.runIf(has_inet6)("IPv6 senders have four elements", () => {
  const sock = closing(new socket.socket(AF_INET6, SOCK_DGRAM));
  sock.bind(["::1", 0]);
  sock.sendmmsg([[b`x`, sock.getsockname()]]);
  expect(sock.recvmmsg(3, 10)).toEqual([[b`x`, sock.getsockname()]]);
});

test("Unix senders have a path, or none", () => {
  const folder = mkdtempSync(join(tmpdir(), "iomux-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [named, nameless] = [1, 2].map(() => closing(new socket.socket(AF_UNIX, SOCK_DGRAM)));
  named.bind(join(folder, "named"));
  named.sendmmsg([[b`x`, join(folder, "named")]]);
  nameless.sendmmsg([[Buffer.alloc(100_000, "y"), join(folder, "named")]]);
  const all: (readonly [Buffer, unknown])[] = [];
  while (all.length < 2) all.push(...named.recvmmsg(2, 200_000));
  expect(all.map(([data, address]) => [data.length, address])).toEqual([
    [1, join(folder, "named")],
    [100_000, null],
  ]);
});

test.runIf(has_batches)("ten datagrams are two system calls", async () => {
  needs("strace");
  const names = "recvmmsg sendmmsg recvfrom sendto recvmsg sendmsg write".split(" ");
  const calls = await trace(compiled("test/support/programs/batch.ts"), names);
  const own = between(calls, "begin\\n", "end\\n");
  expect(own.map(({ name, result }) => [name, result])).toEqual([
    ["sendmmsg", "10"],
    ["recvmmsg", "10"],
  ]);
});
