/** What a step is told to be: of calls as programs make them, in the words of a beginner. */
import { describe, expect, test } from "vitest";

import type { Call } from "iomux/trace";

import { ask_about, tell } from "../../tools/recording/telling.ts";
import type { Teller } from "../../tools/recording/telling.ts";

const LISTENER = 1;
const CONNECTING = 7;

const teller: Teller = {
  program: "server",
  seen_by: "iomux",
  is_listener: (life) => life === LISTENER,
  is_connecting: (life) => life === CONNECTING,
};

function call(changes: Partial<Call>): Call {
  return {
    kind: "call",
    call: 1,
    t: 0,
    d: 1000,
    name: "recv",
    args: {},
    result: 0,
    loop: 1,
    ...changes,
  };
}

function told(changes: Partial<Call>): string {
  return tell(call(changes), null, teller);
}

const IN = 1;
const OUT = 4;
const HUP = 0x10;
const ERR = 8;

function wait(ready: NonNullable<Call["wake"]>["ready"], changes: Partial<Call> = {}): Call {
  return call({
    name: "epoll_wait",
    syscall: "epoll_wait",
    args: { timeout_ms: -1 },
    result: ready.length,
    wake: { by: "epoll", poller: 0, timeout: null, ready },
    ...changes,
  });
}

describe("a wait", () => {
  const SLEPT = { d: 551e6 };

  test("that slept: how long, why it woke, and what comes next", () => {
    const accept = call({ name: "accept4", syscall: "accept4", fd: 3 });
    expect(tell(wait([[3, LISTENER, IN]], SLEPT), accept, teller)).toBe(
      "server slept 551 ms. It woke because a connection waits to be accepted on fd 3. Next: accept on fd 3.",
    );
  });

  test.each<[ready: NonNullable<Call["wake"]>["ready"], reason: string]>([
    [[[5, 5, IN]], "fd 5 has something to read"],
    [[[5, 5, IN | HUP]], "fd 5 was closed by its peer"],
    [[[5, 5, OUT]], "fd 5 has room to write, as sockets nearly always have"],
    [[[5, CONNECTING, OUT]], "fd 5 is connected now"],
    [[[5, 5, IN | OUT | ERR | HUP]], "fd 5 has an error"],
    [
      [
        [3, LISTENER, IN],
        [5, 5, IN],
      ],
      "a connection waits to be accepted on fd 3 and fd 5 has something to read",
    ],
    [
      [4, 5, 6, 7, 8].map((fd) => [fd, 10 + fd, IN] as const),
      "fd 4 has something to read, fd 5 has something to read, fd 6 has something to read and 2 other descriptors are ready",
    ],
  ])("that did not sleep, for %j", (ready, reason) => {
    expect(tell(wait(ready), null, teller)).toBe(`server did not sleep, because ${reason}.`);
  });

  test("with what the kernel held, in numbers", () => {
    const held = { send: 0, send_room: 2000, receive_room: 4000, state: null, error: false };
    const wake = {
      by: "epoll",
      timeout: null,
      ready: [
        [3, LISTENER, IN],
        [5, 5, IN | OUT],
        [6, 6, IN],
      ],
      why: [
        { fd: 3, life: LISTENER, receive: 2, ...held },
        { fd: 5, life: 5, receive: 14, ...held, send: 500 },
        { fd: 6, life: 6, receive: 0, ...held },
      ],
    } as const;
    expect(tell(wait([], { wake }), null, teller)).toBe(
      "server did not sleep, because 2 connections wait to be accepted on fd 3, fd 5 has 14 bytes to " +
        "read and has room to write 1,500 bytes and fd 6 was closed by its peer.",
    );
  });

  test("that found nothing: its timeout, without one, a signal", () => {
    const with_timeout = { by: "epoll", timeout: 1000, ready: [] } as const;
    const timed_out = wait([], { d: 1e9, wake: with_timeout });
    expect(tell(timed_out, null, teller)).toBe(
      "server slept 1 s, and nothing happened before its timeout.",
    );
    const at_once = wait([], { wake: { ...with_timeout, timeout: 0 } });
    expect(tell(at_once, null, teller)).toBe("server looked without waiting: nothing was ready.");
    const interrupted = wait([], { d: 2e9, result: null, errno: "EINTR" });
    expect(tell(interrupted, null, teller)).toBe("server slept 2 s, until a signal came.");
  });

  test("is followed by another", () => {
    const sentence = tell(wait([[5, 5, IN]]), wait([]), teller);
    expect(sentence).toContain("Next: wait again.");
  });
});

const recv = { name: "recv", syscall: "recvfrom", fd: 5, life: 5, args: { length: 100 } } as const;
const send = { name: "send", syscall: "sendto", fd: 5, life: 5, args: { length: 100 } } as const;

test.each<[Partial<Call>, sentence: string]>([
  [{ ...recv, result: 1, bytes: 1 }, "1 byte was read from fd 5: what had arrived."],
  [{ ...recv, result: 14, bytes: 14 }, "14 bytes were read from fd 5: what had arrived."],
  [
    { ...recv, result: 0, bytes: 0 },
    "fd 5 gave 0 bytes: its peer has closed, and nothing more will come.",
  ],
  [
    { ...recv, result: null, errno: "EAGAIN" },
    "Nothing can be read from fd 5 yet. It says so (EAGAIN) instead of waiting, which is no failure.",
  ],
  [
    { ...recv, result: null, errno: "ECONNRESET" },
    "recv on fd 5 failed with ECONNRESET: its peer has reset the connection.",
  ],
  [
    { ...recv, result: 2, bytes: 2, d: 30e6, args: { length: 100, may_block: true } },
    "server slept 30 ms in recv, which blocks: meanwhile it could do nothing else. 2 bytes were read from fd 5: what had arrived.",
  ],
  [
    { ...send, result: 100, bytes: 100 },
    "100 bytes were put into the send buffer of fd 5, from where the kernel sends them.",
  ],
  [
    { ...send, result: 40, bytes: 40 },
    "Only 40 of 100 bytes fitted into the send buffer of fd 5: the program must keep the rest.",
  ],
  [
    { ...send, result: null, errno: "EAGAIN" },
    "fd 5 has no room to write, because its peer reads too slowly. It says so (EAGAIN) instead of waiting, which is no failure.",
  ],
  [
    {
      name: "accept4",
      syscall: "accept4",
      fd: 3,
      result: 6,
      made: [{ fd: 6, life: 6, what: "socket", peer: ["127.0.0.1", 50000] }],
    },
    "A connection from 127.0.0.1:50000 was accepted: it is fd 6.",
  ],
  [
    {
      name: "connect",
      syscall: "connect",
      fd: 4,
      args: { address: ["127.0.0.1", 80] },
      result: null,
      errno: "EINPROGRESS",
    },
    "fd 4 begins to connect to 127.0.0.1:80, while server goes on (EINPROGRESS).",
  ],
  [
    {
      name: "epoll_ctl",
      syscall: "epoll_ctl",
      args: { op: "EPOLL_CTL_ADD", fd: 5, events: "EPOLLIN|EPOLLOUT" },
    },
    "The kernel watches fd 5 for something to read or room to write.",
  ],
  [
    { name: "epoll_ctl", syscall: "epoll_ctl", args: { op: "EPOLL_CTL_DEL", fd: 5 } },
    "The kernel watches fd 5 no longer.",
  ],
  [
    { name: "set_nonblocking", syscall: "ioctl", fd: 5, args: { on: false } },
    "Calls on fd 5 wait from now on.",
  ],
  // As of a recording that somebody has made up.
  [
    { name: "set_nonblocking", syscall: "ioctl", fd: 5, args: {} },
    'Calls on fd 5 no longer wait: they say "not now" instead.',
  ],
  [
    { name: "setsockopt", syscall: "setsockopt", fd: 5, args: { option: { toString: 1 } } },
    'An option of fd 5 was set: {"toString":1}.',
  ],
  [
    { name: "set_nonblocking", syscall: "ioctl", fd: 5, args: { on: true } },
    'Calls on fd 5 no longer wait: they say "not now" instead.',
  ],
  [
    { name: "bind", syscall: "bind", fd: 5, args: {}, result: null, errno: "EADDRINUSE" },
    "bind on fd 5 failed with EADDRINUSE: another socket has that address.",
  ],
])("%j", (changes, sentence) => {
  expect(told(changes)).toBe(sentence);
});

test("a question gives nothing away", () => {
  const sentence = ask_about(call({ ...recv, result: null, errno: "ECONNRESET" }), teller);
  expect(sentence).toBe("server is about to call recv on fd 5. What happens?");
});
