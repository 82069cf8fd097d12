/** Datagrams and packets between AF_UNIX sockets: by whom, to whom, and in which order. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import * as socket from "iomux/socket";

import { closing, pair } from "../support/sockets.ts";
import { needs_linux } from "../support/tools.ts";

const { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM, SOCK_SEQPACKET } = socket;

const folder = mkdtempSync(join(tmpdir(), "iomux-"));
afterAll(() => rmSync(folder, { recursive: true }));

const timed_out = expect.objectContaining({ name: "TimeoutError", message: "timed out" });
const would_block = expect.objectContaining({ name: "BlockingIOError", errno: 11 });

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** An AF_UNIX datagram socket, bound or not. */
function unix(name?: string | Buffer): socket.socket {
  const sock = closing(new socket.socket(AF_UNIX, SOCK_DGRAM));
  if (name !== undefined) sock.bind(name);
  sock.settimeout(30);
  return sock;
}

test("sendto raises TimeoutError, no sooner, when the receiver takes no more", () => {
  const name = Buffer.from(`\0iomux-full-${process.pid}`);
  unix(name);
  const sender = unix();
  sender.setblocking(false);
  expect(() => {
    for (;;) sender.sendto(b`x`, name);
  }).toThrow(would_block);
  sender.settimeout(0.05);
  const before = performance.now();
  expect(() => sender.sendto(b`x`, name)).toThrow(timed_out);
  expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  // With the flag, not even one that waits for ever does.
  sender.settimeout(null);
  expect(() => sender.sendto(b`x`, MSG_DONTWAIT, name)).toThrow(would_block);
  expect(() => sender.sendmsg([b`x`], [], MSG_DONTWAIT, name)).toThrow(would_block);
});

describe("AF_UNIX datagrams", () => {
  const receiver_path = join(folder, "receiver");

  test("a sender without a name has no address", () => {
    const receiver = unix(receiver_path);
    expect(unix().sendto(b`x`, receiver_path)).toBe(1);
    expect(receiver.recvfrom(10)).toEqual([b`x`, null]);
    const [left, right] = pair(SOCK_DGRAM);
    left.send(b`y`);
    expect(right.recvfrom(10)).toEqual([b`y`, null]);
  });

  test("a sender at a path is known by it, and can be answered", () => {
    const receiver = unix(join(folder, "one"));
    const sender = unix(join(folder, "é \udcff"));
    sender.sendto(b`question`, join(folder, "one"));
    const [data, address] = receiver.recvfrom(100);
    expect([data, address]).toEqual([b`question`, join(folder, "é \udcff")]);
    receiver.sendto(b`answer`, address as string);
    expect(sender.recvfrom(100)).toEqual([b`answer`, join(folder, "one")]);
  });

  test("a sender with an abstract name is known by its bytes", () => {
    needs_linux();
    const [one, other] = ["one", "other"].map((name) => {
      return Buffer.from(`\0iomux-${name}\0-${process.pid}`);
    });
    const receiver = unix(one);
    unix(other).sendto(b`x`, one);
    expect(receiver.recvfrom(10)).toEqual([b`x`, other]);
  });

  test("who is bound to no name in particular can be answered too", () => {
    const receiver = unix(join(folder, "another"));
    const sender = unix("");
    sender.sendto(b`question`, join(folder, "another"));
    const [, address] = receiver.recvfrom_into(Buffer.alloc(100));
    expect(address).toEqual(sender.getsockname());
    receiver.sendto(b`answer`, address as Buffer);
    expect(sender.recv(100)).toEqual(b`answer`);
  });

  test("where nothing is, and where nobody listens any more", () => {
    const path = join(folder, "gone");
    const sender = unix();
    expect(() => sender.sendto(b`x`, path)).toThrow(
      raises("FileNotFoundError", "[Errno 2] No such file or directory"),
    );
    unix(path).close();
    expect(() => sender.sendto(b`x`, path)).toThrow(
      raises("ConnectionRefusedError", "[Errno 111] Connection refused"),
    );
    const stream = closing(new socket.socket(AF_UNIX));
    stream.bind(join(folder, "stream"));
    stream.listen();
    expect(() => sender.sendto(b`x`, join(folder, "stream"))).toThrow(
      raises("OSError", "[Errno 91] Protocol wrong type for socket"),
    );
  });
});

describe("SOCK_SEQPACKET", () => {
  test("keeps the bounds of messages, in their order, and tells of the end", () => {
    const [left, right] = pair(SOCK_SEQPACKET);
    for (const data of [b`first`, b`second`, b`third`]) left.send(data);
    left.close();
    expect(right.recv(100)).toEqual(b`first`);
    expect(right.recvfrom(3)).toEqual([b`sec`, null]);
    expect(right.recv(100)).toEqual(b`third`);
    expect(right.recv(100)).toEqual(b``);
    expect(() => right.send(b`x`)).toThrow(raises("BrokenPipeError", "[Errno 32] Broken pipe"));
  });

  test("listens, accepts and connects as a stream does", () => {
    const name = Buffer.from(`\0iomux-seqpacket-${process.pid}`);
    const lsock = closing(new socket.socket(AF_UNIX, SOCK_SEQPACKET));
    lsock.bind(name);
    lsock.listen();
    const client = closing(new socket.socket(AF_UNIX, SOCK_SEQPACKET));
    client.connect(name);
    const [server, peer] = lsock.accept();
    closing(server);
    expect([server.type, peer]).toEqual([SOCK_SEQPACKET, ""]);
    server.sendall(b`one message`);
    expect(client.recv(100)).toEqual(b`one message`);
    expect(() => client.sendall(Buffer.alloc(2 ** 24))).toThrow(
      raises("OSError", "[Errno 90] Message too long"),
    );
  });
});
