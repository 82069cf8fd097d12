/** Descriptors that go from one process to another: send_fds and recv_fds. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";

import { describe, expect, onTestFinished, test } from "vitest";

import { b } from "iomux/builtins";
import * as socket from "iomux/socket";

import { count_sockets } from "../support/own-process.ts";
import { flags_of } from "../support/proc.ts";
import { PYTHON } from "../support/python.ts";
import { reads_descriptors } from "../support/runtime.ts";
import { closing, Descriptor, descriptors, pair } from "../support/sockets.ts";
import { needs } from "../support/tools.ts";

const { MSG_CMSG_CLOEXEC, MSG_CTRUNC, SCM_RIGHTS, SOCK_DGRAM, SOL_SOCKET } = socket;
const O_CLOEXEC = 0o2000000;

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** A pipe, made by another process: what is written to the second can be read from the first. */
function pipe(): readonly [reader: Descriptor, writer: Descriptor] {
  const [reader, writer] = descriptors("fds = os.pipe()");
  return [reader, writer];
}

/** What can be read from a descriptor. */
function read(from: Descriptor): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString("utf8", 0, readSync(from.fileno(), bytes));
}

/** The descriptors in a list of control data. */
function rights(ancillary: socket.AncillaryData[]): Descriptor[] {
  return ancillary.flatMap(([level, type, data]) => {
    expect([level, type]).toEqual([SOL_SOCKET, SCM_RIGHTS]);
    return Array.from({ length: data.length / 4 }, (_, index) => {
      return new Descriptor(data.readInt32LE(index * 4));
    });
  });
}

describe("what is refused", () => {
  test.each([
    ["TypeError", ["x"]],
    ["TypeError", [1.5]],
    ["TypeError", [null]],
    ["TypeError", 5],
    ["OverflowError", [2 ** 31]],
  ])("send_fds raises %s for %j", (name, fds) => {
    const [left] = pair();
    expect(() => socket.send_fds(left, [b`x`], fds as number[])).toThrow(
      expect.objectContaining({ name }),
    );
  });

  test.each([-1, 2 ** 20 + 7])("%s is no descriptor: EBADF, and nothing is sent", (fd) => {
    const [left, right] = pair();
    expect(() => socket.send_fds(left, [b`x`], [0, fd])).toThrow(
      raises("OSError", "[Errno 9] Bad file descriptor"),
    );
    right.setblocking(false);
    expect(() => socket.recv_fds(right, 10, 2)).toThrow(
      expect.objectContaining({ name: "BlockingIOError" }),
    );
  });

  test("more than 253 are EINVAL", () => {
    const [left, right] = pair();
    const fds = Array.from({ length: 254 }, () => left.fileno());
    expect(() => socket.send_fds(left, [b`x`], fds)).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
    expect(socket.send_fds(left, [b`x`], fds.slice(1))).toBe(1);
    const received = socket.recv_fds(right, 1, 253)[1];
    for (const fd of received) socket.close(fd);
    expect(new Set(received).size).toBe(253);
  });

  test("recv_fds of a number that cannot be raises as CMSG_LEN does", () => {
    const [left] = pair();
    expect(() => socket.recv_fds(left, 1, -1)).toThrow(
      raises("OverflowError", "CMSG_LEN() argument out of range"),
    );
    expect(() => socket.recv_fds(left, 1, "1" as unknown as number)).toThrow(TypeError);
    expect(() => socket.recv_fds(left, -1, 1)).toThrow(
      raises("ValueError", "negative buffer size in recvmsg()"),
    );
  });

  test("a closed socket, and one with a timeout", () => {
    const [left, right] = pair();
    left.settimeout(0.02);
    expect(() => socket.recv_fds(left, 1, 1)).toThrow(raises("TimeoutError", "timed out"));
    left.close();
    const closed = raises("OSError", "[Errno 9] Bad file descriptor");
    expect(() => socket.recv_fds(left, 1, 1)).toThrow(closed);
    expect(() => socket.send_fds(left, [b`x`], [right.fileno()])).toThrow(closed);
  });

  test("a socket that is no AF_UNIX one carries none", () => {
    const sock = closing(new socket.socket(socket.AF_INET, SOCK_DGRAM));
    sock.bind(["127.0.0.1", 0]);
    sock.connect(sock.getsockname() as socket.InetAddress);
    sock.settimeout(30);
    socket.send_fds(sock, [b`x`], [sock.fileno()]);
    expect(socket.recv_fds(sock, 10, 1).slice(0, 3)).toEqual([b`x`, [], 0]);
  });
});

describe("within one process", () => {
  test("the receiver has a duplicate of its own", () => {
    reads_descriptors();
    const [left, right] = pair();
    const [reader, writer] = pipe();
    expect(socket.send_fds(left, [b`two `, b`pieces`], [writer.fileno()])).toBe(10);
    writer.close();
    const [data, fds, flags, address] = socket.recv_fds(right, 100, 5);
    const [received] = fds.map((fd) => new Descriptor(fd));
    expect([data, fds.length, flags, address]).toEqual([b`two pieces`, 1, 0, null]);
    writeSync(received.fileno(), "through the pipe");
    expect(read(reader)).toBe("through the pipe");
    received.close();
    // Nobody is left to write.
    expect(read(reader)).toBe("");
  });

  test("a socket goes as well, and is what it was", () => {
    const [left, right] = pair();
    const [one, other] = pair(SOCK_DGRAM);
    socket.send_fds(left, [b`x`], [one.fileno()]);
    one.close();
    const [fd] = socket.recv_fds(right, 1, 1)[1];
    const received = closing(new socket.socket(null, null, null, fd));
    expect([received.family, received.type]).toEqual([socket.AF_UNIX, SOCK_DGRAM]);
    received.send(b`hello`);
    expect(other.recv(10)).toEqual(b`hello`);
  });

  test("without descriptors, and to an address", () => {
    const name = Buffer.from(`\0iomux-fds-${process.pid}`);
    const receiver = closing(new socket.socket(socket.AF_UNIX, SOCK_DGRAM));
    receiver.bind(name);
    const sender = closing(new socket.socket(socket.AF_UNIX, SOCK_DGRAM));
    expect(socket.send_fds(sender, [b`none`], [], 0, name)).toBe(4);
    expect(socket.recv_fds(receiver, 10, 1)).toEqual([b`none`, [], 0, null]);
    socket.send_fds(sender, [b`one`], new Set([sender.fileno()]), 0, name);
    const [data, [fd]] = socket.recv_fds(receiver, 10, 1);
    socket.close(fd);
    expect(data).toEqual(b`one`);
  });

  test("each comes with the bytes that it was sent with", () => {
    reads_descriptors();
    const [left, right] = pair();
    const files = ["/dev/null", "/dev/zero"].map((path) => openSync(path, "r"));
    onTestFinished(() => files.forEach((fd) => closeSync(fd)));
    socket.send_fds(left, [b`one`], [files[0]]);
    socket.send_fds(left, [b`two`], [files[1]]);
    const devices = files.map((fd) => fstatSync(fd).rdev);
    for (const [index, expected] of [b`one`, b`two`].entries()) {
      const [data, ancillary] = right.recvmsg(3, socket.CMSG_SPACE(4));
      const [received] = rights(ancillary);
      expect([data, fstatSync(received.fileno()).rdev]).toEqual([expected, devices[index]]);
    }
  });
});

describe("close-on-exec", () => {
  test("is what a descriptor that is received is not", () => {
    const [left, right] = pair();
    expect(flags_of(left.fileno()) & O_CLOEXEC).toBe(O_CLOEXEC);
    socket.send_fds(left, [b`x`], [left.fileno()]);
    const [, [fd], flags] = socket.recv_fds(right, 1, 1);
    const received = new Descriptor(fd);
    expect(flags_of(received.fileno()) & O_CLOEXEC).toBe(0);
    expect(flags & MSG_CMSG_CLOEXEC).toBe(0);
  });

  test("is what it is with MSG_CMSG_CLOEXEC", () => {
    const [left, right] = pair();
    socket.send_fds(left, [b`x`], [left.fileno()]);
    const [, [fd], flags] = socket.recv_fds(right, 1, 1, MSG_CMSG_CLOEXEC);
    const received = new Descriptor(fd);
    expect(flags_of(received.fileno()) & O_CLOEXEC).toBe(O_CLOEXEC);
    // The system has put it there, and Python shows it.
    expect(flags).toBe(MSG_CMSG_CLOEXEC);
  });
});

describe("room for fewer than came", () => {
  test.each([0, 1, 2, 3])("recv_fds of %s of three takes as many, and closes the rest", (most) => {
    const [left, right] = pair();
    const [sent, other] = pair();
    const before = count_sockets();
    socket.send_fds(left, [b`x`], [sent.fileno(), sent.fileno(), sent.fileno()]);
    sent.close();
    const [, fds, flags] = socket.recv_fds(right, 1, most);
    const received = fds.map((fd) => new Descriptor(fd));
    expect(fds).toHaveLength(most);
    expect(flags).toBe(most < 3 ? MSG_CTRUNC : 0);
    expect(count_sockets()).toBe(before - 1 + most);
    for (const one of received) one.close();
    other.setblocking(false);
    expect(other.recv(1)).toEqual(b``);
  });

  test("whatever the room, what arrived is all in the list", () => {
    const [left, right] = pair();
    for (let room = 0; room <= socket.CMSG_SPACE(12) + 8; room++) {
      const before = count_sockets();
      const fds = Int32Array.of(left.fileno(), right.fileno(), left.fileno());
      left.sendmsg([b`x`], [[SOL_SOCKET, SCM_RIGHTS, fds]]);
      const [, ancillary, flags] = right.recvmsg(1, room);
      const received = rights(ancillary);
      const fit = Math.floor((room - socket.CMSG_LEN(0)) / 4);
      expect(received).toHaveLength(Math.min(Math.max(fit, 0), 3));
      expect(count_sockets()).toBe(before + received.length);
      expect(flags).toBe(received.length < 3 ? MSG_CTRUNC : 0);
      for (const one of received) one.close();
    }
  });
});

describe("between two processes", () => {
  test("a pipe that Python has made is one here", () => {
    reads_descriptors();
    const [reader, writer] = pipe();
    expect(fstatSync(reader.fileno()).isFIFO()).toBe(true);
    writeSync(writer.fileno(), "hello");
    expect(read(reader)).toBe("hello");
    expect(flags_of(writer.fileno()) & constants.O_WRONLY).toBe(constants.O_WRONLY);
  });

  test("Python writes to a pipe that it was sent", () => {
    reads_descriptors();
    const [ours, theirs] = pair();
    const [reader, writer] = pipe();
    socket.send_fds(ours, [b`take this`], [writer.fileno()]);
    writer.close();
    needs("python3");
    const program = `
import os, socket
data, (fd,), flags, address = socket.recv_fds(socket.socket(fileno=3), 100, 1)
os.write(fd, data + b", it said")
`;
    const stdio = ["ignore", "ignore", "inherit", theirs.fileno()] as const;
    expect(spawnSync(PYTHON, ["-c", program], { stdio: [...stdio] }).status).toBe(0);
    expect(read(reader)).toBe("take this, it said");
    expect(read(reader)).toBe("");
  });
});
