/** UDP: each datagram arrives whole or not at all, and with its sender's address. */
import { describe, expect, test } from "vitest";

import { b } from "iomux/builtins";
import * as socket from "iomux/socket";

import { closing, connection, pair } from "../support/sockets.ts";

const { AF_INET, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM } = socket;

const timed_out = expect.objectContaining({ name: "TimeoutError", message: "timed out" });
const would_block = expect.objectContaining({ name: "BlockingIOError", errno: 11 });

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** A UDP socket that is bound on 127.0.0.1, and its address. What does not come fails the test. */
function bound(): readonly [socket.socket, socket.InetAddress] {
  const sock = closing(new socket.socket(AF_INET, SOCK_DGRAM));
  sock.bind(["127.0.0.1", 0]);
  sock.settimeout(30);
  return [sock, sock.getsockname() as socket.InetAddress];
}

describe("sendto", () => {
  test.each([
    ["sendto() takes 2 or 3 arguments (1 given)", [b`x`]],
    ["sendto() takes 2 or 3 arguments (4 given)", [b`x`, 0, ["127.0.0.1", 9], 0]],
    ["a bytes-like object is required, not 'str'", ["x", ["127.0.0.1", 9]]],
    ["'str' object cannot be interpreted as an integer", [b`x`, "0", ["127.0.0.1", 9]]],
    ["'float' object cannot be interpreted as an integer", [b`x`, 0.5, ["127.0.0.1", 9]]],
    ["sendto(): AF_INET address must be tuple, not int", [b`x`, 0]],
    ["sendto(): AF_INET address must be tuple, not NoneType", [b`x`, 0, null]],
    ["sendto(): AF_INET address must be tuple, not NoneType", [b`x`, undefined]],
    ["AF_INET address must be a pair (host, port)", [b`x`, ["127.0.0.1"]]],
  ])("TypeError: %s", (message, args) => {
    const [sock] = bound();
    const sendto = sock.sendto.bind(sock) as (...args: unknown[]) => number;
    expect(() => sendto(...args)).toThrow(raises("TypeError", message));
  });

  test("a port that cannot be is an OverflowError, a name that means nothing a gaierror", () => {
    const [sock] = bound();
    expect(() => sock.sendto(b`x`, ["127.0.0.1", 65536])).toThrow(
      raises("OverflowError", "sendto(): port must be 0-65535."),
    );
    expect(() => sock.sendto(b`x`, ["no such host", 9])).toThrow(socket.gaierror);
  });

  test("port 0 is EINVAL", () => {
    const [sock] = bound();
    expect(() => sock.sendto(b`x`, ["127.0.0.1", 0])).toThrow(
      raises("OSError", "[Errno 22] Invalid argument"),
    );
  });

  test("more than a datagram can be is EMSGSIZE, and as much as it can be arrives", () => {
    const [sock, address] = bound();
    const most = 65507;
    expect(() => sock.sendto(Buffer.alloc(most + 1), address)).toThrow(
      raises("OSError", "[Errno 90] Message too long"),
    );
    expect(sock.sendto(Buffer.alloc(most, "0123456789"), address)).toBe(most);
    expect(sock.recv(70_000)).toEqual(Buffer.alloc(most, "0123456789"));
  });

  test("on a stream without a connection is a BrokenPipeError, and with one has no use for the address", () => {
    using alone = new socket.socket();
    expect(() => alone.sendto(b`x`, ["127.0.0.1", 9])).toThrow(
      raises("BrokenPipeError", "[Errno 32] Broken pipe"),
    );
    const [client, server] = connection();
    client.sendto(b`x`, ["192.0.2.1", 9]);
    expect(server.recvfrom(10)).toEqual([b`x`, null]);
  });

  test("with and without flags, to whoever is named", () => {
    const [sock, from] = bound();
    const [first, first_address] = bound();
    const [second, second_address] = bound();
    expect(sock.sendto(b`to the first`, first_address)).toBe(12);
    expect(sock.sendto(b`to the second`, MSG_DONTWAIT, second_address)).toBe(13);
    expect(sock.sendto(b``, 0, first_address)).toBe(0);
    expect(first.recvfrom(100)).toEqual([b`to the first`, from]);
    expect(first.recvfrom(100)).toEqual([b``, from]);
    expect(second.recvfrom(100)).toEqual([b`to the second`, from]);
  });

  test("only a view's own bytes", () => {
    const [sock, address] = bound();
    const bytes = Buffer.from("0123456789");
    sock.sendto(new DataView(bytes.buffer, bytes.byteOffset + 2, 3), address);
    expect(sock.recv(100)).toEqual(b`234`);
  });

  test("binds a socket that was not", () => {
    const sock = closing(new socket.socket(AF_INET, SOCK_DGRAM));
    const [receiver, address] = bound();
    sock.sendto(b`x`, address);
    const [, port] = sock.getsockname() as socket.InetAddress;
    expect(port).toBeGreaterThan(0);
    expect(receiver.recvfrom(10)).toEqual([b`x`, ["127.0.0.1", port]]);
  });
});

describe("recvfrom", () => {
  test("refuses a negative size", () => {
    const [sock] = bound();
    expect(() => sock.recvfrom(-1)).toThrow(
      raises("ValueError", "negative buffersize in recvfrom"),
    );
  });

  test("returns a tuple, and its address is one", () => {
    const [sock, address] = bound();
    sock.sendto(b`x`, address);
    const received = sock.recvfrom(10);
    expect(Object.isFrozen(received)).toBe(true);
    expect(Object.isFrozen(received[1])).toBe(true);
  });

  test("what does not fit is lost, and the next datagram is not", () => {
    const [sock, address] = bound();
    for (const data of [b`0123456789`, b`next`, b`last`]) sock.sendto(data, address);
    expect(sock.recvfrom(4)).toEqual([b`0123`, address]);
    expect(sock.recvfrom(0)).toEqual([b``, address]);
    expect(sock.recvfrom(100)).toEqual([b`last`, address]);
  });

  test("with MSG_TRUNC has the bytes that there are, and no memory behind them", () => {
    const [sock, address] = bound();
    sock.sendto(b`0123456789`, address);
    expect(sock.recvfrom(4, MSG_PEEK | MSG_TRUNC)).toEqual([b`0123`, address]);
    expect(sock.recvfrom(4, MSG_TRUNC)).toEqual([b`0123`, address]);
  });

  test("with MSG_PEEK leaves it there", () => {
    const [sock, address] = bound();
    sock.sendto(b`0123456789`, address);
    expect(sock.recvfrom(4, MSG_PEEK)).toEqual([b`0123`, address]);
    expect(sock.recvfrom(100)).toEqual([b`0123456789`, address]);
  });

  test("on a stream there is no sender", () => {
    const [client, server] = connection();
    client.sendall(b`x`);
    expect(server.recvfrom(10)).toEqual([b`x`, null]);
    client.close();
    expect(server.recvfrom(10)).toEqual([b``, null]);
  });

  test("of a stream that is not connected is ENOTCONN", () => {
    using sock = new socket.socket();
    expect(() => sock.recvfrom(1)).toThrow(expect.objectContaining({ errno: 107 }));
  });
});

describe("recvfrom_into", () => {
  test.each([
    [
      "TypeError",
      "recvfrom_into() argument 1 must be read-write bytes-like object, not str",
      ["x"],
    ],
    ["ValueError", "negative buffersize in recvfrom_into", [Buffer.alloc(4), -1]],
    ["ValueError", "nbytes is greater than the length of the buffer", [Buffer.alloc(4), 5]],
    ["ValueError", "nbytes is greater than the length of the buffer", [new Uint16Array(2), 5]],
  ])("%s: %s", (name, message, args) => {
    const [sock, address] = bound();
    sock.sendto(b`still there`, address);
    const recvfrom_into = sock.recvfrom_into.bind(sock) as (...args: unknown[]) => unknown;
    expect(() => recvfrom_into(...args)).toThrow(raises(name, message));
    expect(sock.recv(100)).toEqual(b`still there`);
  });

  test("writes into a view's own memory, as much as it was asked for", () => {
    const [sock, address] = bound();
    const memory = Buffer.alloc(12, ".");
    for (const data of [b`abcdefgh`, b`ABCDEFGH`, b`01234567`]) sock.sendto(data, address);
    expect(sock.recvfrom_into(memory.subarray(2, 6))).toEqual([4, address]);
    expect(memory.toString()).toBe("..abcd......");
    expect(sock.recvfrom_into(memory.subarray(2, 6), 2)).toEqual([2, address]);
    expect(memory.toString()).toBe("..ABcd......");
    expect(sock.recvfrom_into(memory.subarray(6), 0)).toEqual([6, address]);
    expect(memory.toString()).toBe("..ABcd012345");
  });

  test("with MSG_TRUNC returns the whole length, and writes no further than the memory", () => {
    const [sock, address] = bound();
    const memory = Buffer.alloc(8, ".");
    sock.sendto(b`0123456789`, address);
    expect(sock.recvfrom_into(memory.subarray(2, 6), 0, MSG_TRUNC)).toEqual([10, address]);
    expect(memory.toString()).toBe("..0123..");
  });

  test("on a stream there is no sender", () => {
    const [left, right] = pair();
    left.sendall(b`x`);
    expect(right.recvfrom_into(Buffer.alloc(4))).toEqual([1, null]);
  });
});

const receives: Record<string, (sock: socket.socket, flags?: number) => unknown> = {
  recvfrom: (sock, flags) => sock.recvfrom(10, flags),
  recvfrom_into: (sock, flags) => sock.recvfrom_into(Buffer.alloc(10), 0, flags),
};

describe.each(Object.entries(receives))("%s, when there is no datagram", (_, receive) => {
  test("raises BlockingIOError on a socket that does not wait", () => {
    const [sock] = bound();
    sock.setblocking(false);
    expect(() => receive(sock)).toThrow(would_block);
  });

  test("raises TimeoutError, no sooner than the timeout", () => {
    const [sock] = bound();
    sock.settimeout(0.05);
    const before = performance.now();
    expect(() => receive(sock)).toThrow(timed_out);
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  });

  test("raises BlockingIOError with MSG_DONTWAIT, on a socket that waits", () => {
    const [sock] = bound();
    sock.settimeout(null);
    expect(() => receive(sock, MSG_DONTWAIT)).toThrow(would_block);
  });

  test("raises EBADF on a closed socket", () => {
    const [sock] = bound();
    sock.close();
    expect(() => receive(sock)).toThrow(raises("OSError", "[Errno 9] Bad file descriptor"));
    expect(() => sock.sendto(b`x`, ["127.0.0.1", 9])).toThrow(
      raises("OSError", "[Errno 9] Bad file descriptor"),
    );
  });
});

describe("connected UDP", () => {
  test("sends and receives by itself, and hears nobody else", () => {
    const [left, left_address] = bound();
    const [right, right_address] = bound();
    const [stranger] = bound();
    left.connect(right_address);
    expect(left.getpeername()).toEqual(right_address);
    expect(left.send(b`hello`)).toBe(5);
    expect(right.recvfrom(100)).toEqual([b`hello`, left_address]);
    stranger.sendto(b`I am here as well`, left_address);
    right.sendto(b`answer`, left_address);
    expect(left.recvfrom(100)).toEqual([b`answer`, right_address]);
    left.setblocking(false);
    expect(() => left.recv(100)).toThrow(would_block);
  });

  test("can be connected again, to another", () => {
    const [sock] = bound();
    const [first, first_address] = bound();
    const [second, second_address] = bound();
    sock.connect(first_address);
    sock.connect(second_address);
    sock.send(b`x`);
    expect(second.recv(10)).toEqual(b`x`);
    expect(sock.sendto(b`y`, first_address)).toBe(1);
    expect(first.recv(10)).toEqual(b`y`);
  });

  test("hears that nobody is at the port: ConnectionRefusedError of the next call, once", () => {
    const [sock] = bound();
    const [gone, address] = bound();
    gone.close();
    sock.connect(address);
    sock.send(b`x`);
    const refused = raises("ConnectionRefusedError", "[Errno 111] Connection refused");
    expect(() => sock.recv(10)).toThrow(refused);
    sock.setblocking(false);
    expect(() => sock.recv(10)).toThrow(would_block);
  });

  test("without an address there is nowhere to send to", () => {
    const [sock] = bound();
    expect(() => sock.send(b`x`)).toThrow(
      raises("OSError", "[Errno 89] Destination address required"),
    );
    expect(() => sock.getpeername()).toThrow(expect.objectContaining({ errno: 107 }));
  });

  test("after shutdown nobody waits any more", () => {
    const [sock] = bound();
    const [, address] = bound();
    sock.connect(address);
    sock.shutdown(socket.SHUT_RD);
    // Only one that blocks: otherwise the system says EAGAIN.
    sock.settimeout(null);
    expect(sock.recvfrom(10)).toEqual([b``, null]);
  });
});

test("senders are told apart, however many there are, and each gets its answer", () => {
  const [receiver, address] = bound();
  const [kept, [, port]] = bound();
  const exchange = (sender: socket.socket): void => {
    sender.sendto(b`question`, address);
    const [data, from] = receiver.recvfrom(100);
    expect([data.toString(), from]).toEqual(["question", sender.getsockname()]);
    receiver.sendto(b`answer`, from as socket.InetAddress);
    expect(sender.recv(100).toString()).toBe("answer");
  };
  // Elsewhere the loopback has one address.
  const hosts = process.platform === "linux" ? 9 : 1;
  for (let turn = 0; turn < 1500; turn++) {
    using sender = new socket.socket(AF_INET, SOCK_DGRAM);
    const host = 1 + (turn % hosts);
    // The same port of another host, too.
    sender.bind([`127.0.0.${host}`, host > 1 && turn % 2 === 0 ? port : 0]);
    exchange(sender);
    if (turn % 100 === 0) exchange(kept);
  }
});
