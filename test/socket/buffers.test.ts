/** Bytes in and bytes out: the caller's memory, at its own offset, and never more than was asked. */
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";

import * as socket from "iomux/socket";

import { closing, connection, pair } from "../support/sockets.ts";

const { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SOCK_DGRAM } = socket;

/** 0, 1, 2 ... */
function counted(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => index % 256));
}

/** An ArrayBuffer that can grow and shrink: newer than the language level of these sources. */
function resizable(length: number, most: number): ArrayBuffer & { resize(length: number): void } {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  return new Resizable(length, { maxByteLength: most });
}

/** A view whose memory has gone elsewhere. */
function detached(): Uint8Array {
  const view = new Uint8Array(16);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** Every kind of view there is, over bytes 8 to 24 of the same memory. */
const kinds: Record<string, (memory: ArrayBuffer) => ArrayBufferView> = {
  Buffer: (memory) => Buffer.from(memory, 8, 16),
  Uint8Array: (memory) => new Uint8Array(memory, 8, 16),
  Uint8ClampedArray: (memory) => new Uint8ClampedArray(memory, 8, 16),
  Int8Array: (memory) => new Int8Array(memory, 8, 16),
  Int16Array: (memory) => new Int16Array(memory, 8, 8),
  Uint16Array: (memory) => new Uint16Array(memory, 8, 8),
  Int32Array: (memory) => new Int32Array(memory, 8, 4),
  Uint32Array: (memory) => new Uint32Array(memory, 8, 4),
  Float32Array: (memory) => new Float32Array(memory, 8, 4),
  Float64Array: (memory) => new Float64Array(memory, 8, 2),
  BigInt64Array: (memory) => new BigInt64Array(memory, 8, 2),
  BigUint64Array: (memory) => new BigUint64Array(memory, 8, 2),
  DataView: (memory) => new DataView(memory, 8, 16),
};

describe("recv", () => {
  test("refuses a negative size", () => {
    const [sock] = pair();
    expect(() => sock.recv(-1)).toThrow(
      expect.objectContaining({ name: "ValueError", message: "negative buffersize in recv" }),
    );
  });

  test.each([2 ** 47, 2 ** 50, Number.MAX_SAFE_INTEGER])(
    "a size of %s is a MemoryError",
    (size) => {
      const [sock] = pair();
      expect(() => sock.recv(size)).toThrow(expect.objectContaining({ name: "MemoryError" }));
    },
  );

  test("a size of 0 receives nothing and does not wait", () => {
    const [left, right] = pair();
    left.setblocking(false);
    expect(left.recv(0)).toEqual(Buffer.alloc(0));
    right.sendall(counted(4));
    expect(left.recv(0)).toEqual(Buffer.alloc(0));
    expect(left.recv(10)).toEqual(counted(4));
  });

  test("never takes more than it was asked for, and leaves the rest", () => {
    const [left, right] = pair();
    const data = counted(100);
    right.sendall(data);
    const parts = [1, 9, 30, 59, 100].map((size) => left.recv(size));
    expect(parts.map((part) => part.length)).toEqual([1, 9, 30, 59, 1]);
    expect(Buffer.concat(parts)).toEqual(data);
  });

  test("a datagram is cut to the size, and its rest is gone", () => {
    const [left, right] = pair(SOCK_DGRAM);
    right.send(counted(100));
    right.send(Buffer.from("next"));
    expect(left.recv(10)).toEqual(counted(10));
    expect(left.recv(100).toString()).toBe("next");
  });

  test("MSG_TRUNC returns what was received, not what was lost", () => {
    const [left, right] = pair(SOCK_DGRAM);
    for (const size of [10, 20_000]) {
      right.send(counted(size * 2));
      expect(left.recv(size, MSG_TRUNC)).toEqual(counted(size));
    }
  });

  test("MSG_PEEK leaves it there", () => {
    const [left, right] = pair();
    right.sendall(counted(10));
    expect(left.recv(4, MSG_PEEK)).toEqual(counted(4));
    expect(left.recv(100, MSG_PEEK)).toEqual(counted(10));
    expect(left.recv(100)).toEqual(counted(10));
  });

  test("MSG_DONTWAIT does not wait, on a socket that does", () => {
    const [left] = pair();
    expect(() => left.recv(10, MSG_DONTWAIT)).toThrow(expect.objectContaining({ errno: 11 }));
  });

  test("MSG_WAITALL waits for all of it", () => {
    const [left, right] = pair();
    right.sendall(counted(10));
    right.close();
    expect(left.recv(4, MSG_WAITALL)).toEqual(counted(4));
    expect(left.recv(100, MSG_WAITALL)).toEqual(counted(10).subarray(4));
  });

  test("what was received stays as it is, whatever comes later", () => {
    const [left, right] = pair(SOCK_DGRAM);
    left.setblocking(false);
    const size = fc.oneof(fc.nat(40), fc.nat(5000), fc.nat(40_000), fc.nat(100_000));
    const sizes = fc.array(size, { maxLength: 40 });
    const calls = [
      (most: number) => left.recv(most),
      (most: number) => left.recvfrom(most)[0],
      (most: number) => left.recvmsg(most)[0],
      // Memory for far more than comes.
      () => left.recv(300_000),
    ];
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), (all, how) => {
        const kept = all.map((length, index) => {
          right.send(Buffer.alloc(length, index + 1));
          return calls[how[index]](Math.max(length, 1));
        });
        kept.forEach((part, index) => {
          expect(part.equals(Buffer.alloc(all[index], index + 1))).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });

  test("a Buffer is its reader's own: writing to it changes no other", () => {
    const [left, right] = pair();
    right.sendall(counted(20));
    const parts = Array.from({ length: 20 }, () => left.recv(1));
    parts[3].fill(0xff);
    expect(Buffer.concat(parts.toSpliced(3, 1))).toEqual(
      Buffer.concat([counted(3), counted(20).subarray(4)]),
    );
  });
});

describe("recv_into", () => {
  const memory = new ArrayBuffer(32);
  afterEach(() => new Uint8Array(memory).fill(0));

  /** Bytes 8 to 24 are what came, those around are as before. */
  function expect_received(data: Buffer): void {
    const expected = Buffer.alloc(32);
    data.copy(expected, 8);
    expect(Buffer.from(memory)).toEqual(expected);
  }

  test.each(Object.entries(kinds))("a %s at its own offset, no further than its end", (_, view) => {
    const [left, right] = pair();
    right.sendall(counted(32));
    expect(left.recv_into(view(memory))).toBe(16);
    expect_received(counted(16));
    expect(left.recv(100)).toEqual(counted(32).subarray(16));
  });

  test("no more than nbytes", () => {
    const [left, right] = pair();
    right.sendall(counted(32));
    const view = new DataView(memory, 8, 16);
    expect(left.recv_into(view, 5)).toBe(5);
    expect_received(counted(5));
    expect(left.recv_into(view, 16)).toBe(16);
    expect_received(counted(32).subarray(5, 21));
  });

  test("with nbytes 0, as much as fits", () => {
    const [left, right] = pair();
    right.sendall(counted(32));
    expect(left.recv_into(new Uint16Array(memory, 8, 8), 0)).toBe(16);
  });

  test("refuses a negative nbytes, and one that does not fit", () => {
    const [left, right] = pair();
    right.sendall(counted(32));
    const view = new Uint16Array(memory, 8, 8);
    expect(() => left.recv_into(view, -1)).toThrow(
      expect.objectContaining({ name: "ValueError", message: "negative buffersize in recv_into" }),
    );
    for (const nbytes of [17, 32, 2 ** 40]) {
      expect(() => left.recv_into(view, nbytes)).toThrow(
        expect.objectContaining({
          name: "ValueError",
          message: "buffer too small for requested bytes",
        }),
      );
    }
    expect(left.recv(100)).toEqual(counted(32));
  });

  test.each([
    ["str", "x"],
    ["int", 5],
    ["None", null],
    ["list", [1]],
    ["ArrayBuffer", new ArrayBuffer(8)],
  ])("refuses what Python calls %s with a TypeError", (type, value) => {
    const [left] = pair();
    expect(() => left.recv_into(value as unknown as Buffer)).toThrow(
      expect.objectContaining({
        name: "TypeError",
        message: `recv_into() argument 1 must be read-write bytes-like object, not ${type}`,
      }),
    );
  });

  test("into nothing receives nothing and does not wait", () => {
    const [left] = pair();
    left.setblocking(false);
    expect(left.recv_into(new Uint8Array())).toBe(0);
    expect(left.recv_into(detached())).toBe(0);
    expect(() => left.recv_into(detached(), 4)).toThrow("buffer too small for requested bytes");
  });

  test("memory that grows and shrinks is as large as it is now", () => {
    const [left, right] = pair();
    const shrinking = resizable(64, 128);
    const [following, fixed] = [new Uint8Array(shrinking), new Uint8Array(shrinking, 0, 64)];
    right.sendall(counted(200));
    shrinking.resize(128);
    expect(left.recv_into(following)).toBe(128);
    expect(Buffer.from(following)).toEqual(counted(128));
    shrinking.resize(10);
    expect(left.recv_into(following)).toBe(10);
    expect(Buffer.from(following)).toEqual(counted(138).subarray(128));
    // It no longer fits into its memory, so it has none.
    left.setblocking(false);
    expect(left.recv_into(fixed)).toBe(0);
    expect(() => left.recv_into(fixed, 1)).toThrow("buffer too small for requested bytes");
    expect(left.recv(100)).toEqual(counted(200).subarray(138));
  });

  test("shared memory", () => {
    const [left, right] = pair();
    const shared = new Uint8Array(new SharedArrayBuffer(16), 4, 8);
    right.sendall(counted(16));
    expect(left.recv_into(shared)).toBe(8);
    expect(Buffer.from(shared)).toEqual(counted(8));
  });

  test("MSG_TRUNC returns a datagram's whole length", () => {
    const [left, right] = pair(SOCK_DGRAM);
    right.send(counted(100));
    expect(left.recv_into(new Uint8Array(memory, 8, 16), 0, MSG_TRUNC)).toBe(100);
    expect_received(counted(16));
  });
});

describe("send", () => {
  test.each(Object.entries(kinds))("a %s from its own offset to its end", (_, view) => {
    const [left, right] = pair();
    const bytes = view(new Uint8Array(counted(32)).buffer);
    const expected = counted(32).subarray(8, 24);
    expect(left.send(bytes)).toBe(16);
    expect(right.recv(100)).toEqual(expected);
    left.sendall(bytes);
    expect(right.recv(100)).toEqual(expected);
  });

  test.each([
    ["str", "x"],
    ["int", 5],
    ["NoneType", undefined],
    ["list", [1]],
    ["ArrayBuffer", new ArrayBuffer(8)],
  ])("refuses what Python calls %s with a TypeError", (type, value) => {
    const [left] = pair();
    const refused = expect.objectContaining({
      name: "TypeError",
      message: `a bytes-like object is required, not '${type}'`,
    });
    expect(() => left.send(value as unknown as Buffer)).toThrow(refused);
    expect(() => left.sendall(value as unknown as Buffer)).toThrow(refused);
  });

  test("nothing at all is sent as nothing", () => {
    const [left, right] = pair();
    expect(left.send(Buffer.alloc(0))).toBe(0);
    expect(left.send(detached())).toBe(0);
    left.sendall(detached());
    right.setblocking(false);
    expect(() => right.recv(1)).toThrow(expect.objectContaining({ errno: 11 }));
  });

  test("an empty datagram is one", () => {
    const [left, right] = pair(SOCK_DGRAM);
    left.send(Buffer.alloc(0));
    left.sendall(Buffer.alloc(0));
    right.setblocking(false);
    expect(right.recv(10)).toHaveLength(0);
    expect(right.recv(10)).toHaveLength(0);
    expect(() => right.recv(10)).toThrow(expect.objectContaining({ errno: 11 }));
  });

  test("memory that has shrunk is sent as far as there is any", () => {
    const [left, right] = pair();
    const shrinking = resizable(64, 64);
    const [following, fixed] = [new Uint8Array(shrinking, 2), new DataView(shrinking, 0, 64)];
    following.set(counted(62));
    shrinking.resize(10);
    expect(left.send(following)).toBe(8);
    expect(right.recv(100)).toEqual(counted(8));
    // TypeError is what such a DataView says of its length.
    expect(() => left.send(fixed)).toThrow(TypeError);
  });

  test("a datagram that is too long is EMSGSIZE", () => {
    const sock = closing(new socket.socket(socket.AF_INET, SOCK_DGRAM));
    sock.bind(["127.0.0.1", 0]);
    sock.connect(sock.getsockname() as socket.InetAddress);
    expect(() => sock.send(Buffer.alloc(70_000))).toThrow(
      expect.objectContaining({ name: "OSError", message: "[Errno 90] Message too long" }),
    );
  });
});

test("what sendall sends is what arrives, every byte in its place", () => {
  const [left, right] = connection();
  left.setblocking(false);
  right.setblocking(false);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
      (data, sizes) => {
        left.sendall(data);
        const parts: Buffer[] = [];
        for (let got = 0, turn = 0; got < data.length; turn++) {
          const size = sizes[turn % sizes.length];
          const part = right.recv(size);
          expect(part.length).toBeLessThanOrEqual(size);
          parts.push(part);
          got += part.length;
        }
        expect(Buffer.concat(parts).equals(data)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
