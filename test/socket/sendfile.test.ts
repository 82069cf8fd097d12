/** Whole files over a socket: by sendfile(2) where that works, else by reading and sending. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, onTestFinished, test } from "vitest";

import { b, UnsupportedOperation } from "iomux/builtins";
import * as socket from "iomux/socket";

import { native } from "../../lib/native.ts";
import { compiled } from "../support/commands.ts";
import { attempt } from "../support/python.ts";
import { reads_descriptors } from "../support/runtime.ts";
import { closing, connection, descriptors, listener, pair } from "../support/sockets.ts";
import { trace } from "../support/strace.ts";

const folder = mkdtempSync(join(tmpdir(), "iomux-"));
afterAll(() => rmSync(folder, { recursive: true }));

function raises(name: string, message: string): unknown {
  return expect.objectContaining({ name, message });
}

/** A new file with these bytes, open for reading. */
function file_of(bytes: Uint8Array = b`0123456789`): number {
  const path = join(folder, "file");
  rmSync(path, { force: true });
  writeFileSync(path, bytes);
  return opened(path);
}

function opened(path: string): number {
  const fd = openSync(path, "r");
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** What was sent until now, and the end of it. */
function all_of(sender: socket.socket, receiver: socket.socket): Buffer {
  sender.close();
  const parts: Buffer[] = [];
  for (let part; (part = receiver.recv(65_536)).length > 0;) parts.push(part);
  return Buffer.concat(parts);
}

/** A file in memory, with a position. */
class MemoryFile {
  position = 0;
  readonly seeks: number[] = [];
  readonly sizes: number[] = [];
  readonly #bytes: Buffer;

  constructor(bytes: Buffer = b`0123456789`) {
    this.#bytes = bytes;
  }

  read(size: number): Buffer {
    this.sizes.push(size);
    const bytes = this.#bytes.subarray(this.position, this.position + size);
    this.position += bytes.length;
    return bytes;
  }

  seek(offset: number): void {
    this.seeks.push(offset);
    this.position = offset;
  }
}

describe("what is refused, and sends nothing", () => {
  test.each([
    ["TypeError", "file must be a descriptor or a file, not NoneType", null],
    ["TypeError", "file must be a descriptor or a file, not NoneType", undefined],
    ["TypeError", "file must be a descriptor or a file, not str", "/etc/passwd"],
    ["OSError", "[Errno 9] Bad file descriptor", -1],
    ["ValueError", "file should be opened in binary mode", { mode: "r", read: () => b`x` }],
    ["OSError", "the file has neither read() nor fileno()", {}],
    ["OSError", "[Errno 9] Bad file descriptor", 2 ** 20 + 7],
    ["TypeError", "memoryview: a bytes-like object is required, not 'str'", { read: () => "x" }],
    [
      "TypeError",
      "memoryview: a bytes-like object is required, not 'NoneType'",
      { read: () => null },
    ],
  ])("%s: %s", (name, message, file) => {
    const [left, right] = pair();
    expect(() => left.sendfile(file as number)).toThrow(raises(name, message));
    expect(all_of(left, right)).toEqual(b``);
  });

  test("a read that ends later does not make it run for ever", () => {
    const [left] = pair();
    const file = { read: () => Promise.resolve(b`x`) };
    expect(() => left.sendfile(file as never)).toThrow(
      raises("TypeError", "memoryview: a bytes-like object is required, not 'Promise'"),
    );
  });

  test.each([
    ["ValueError", 0],
    ["ValueError", -1],
    ["TypeError", 1.5],
    ["TypeError", "1"],
    ["TypeError", Number.NaN],
  ])("%s for the count %s", (name, count) => {
    const [left, right] = pair();
    const printed = typeof count === "string" ? "'1'" : String(count).toLowerCase();
    const message = `count must be a positive integer (got ${printed})`;
    expect(() => left.sendfile(file_of(), 0, count as number)).toThrow(raises(name, message));
    expect(() => left.sendfile(new MemoryFile(), 0, count as number)).toThrow(
      raises(name, message),
    );
    expect(all_of(left, right)).toEqual(b``);
  });

  test("an offset before the beginning is EINVAL, and one that is no integer a TypeError", () => {
    const [left, right] = pair();
    const fd = file_of();
    expect(() => left.sendfile(fd, -1)).toThrow(raises("OSError", "[Errno 22] Invalid argument"));
    expect(() => left.sendfile(fd, 0.5)).toThrow(TypeError);
    expect(() => left.sendfile(fd, "1" as unknown as number)).toThrow(TypeError);
    expect(all_of(left, right)).toEqual(b``);
  });

  test("a socket that does not wait", () => {
    const [left] = pair();
    left.setblocking(false);
    const refused = raises("ValueError", "non-blocking sockets are not supported");
    expect(() => left.sendfile(file_of())).toThrow(refused);
    expect(() => left.sendfile(new MemoryFile())).toThrow(refused);
  });

  test("datagrams", () => {
    const [left] = pair(socket.SOCK_DGRAM);
    const refused = raises("ValueError", "only SOCK_STREAM type sockets are supported");
    expect(() => left.sendfile(file_of())).toThrow(refused);
    expect(() => left.sendfile(new MemoryFile())).toThrow(refused);
  });

  test("a socket that is closed, or not connected, or whose peer has gone", () => {
    const fd = file_of();
    const [left, right] = pair();
    right.close();
    const broken = raises("BrokenPipeError", "[Errno 32] Broken pipe");
    expect(() => left.sendfile(fd)).toThrow(broken);
    expect(() => left.sendfile(new MemoryFile())).toThrow(broken);
    expect(() => closing(new socket.socket()).sendfile(fd)).toThrow(broken);
    left.close();
    const closed = raises("OSError", "[Errno 9] Bad file descriptor");
    expect(() => left.sendfile(fd)).toThrow(closed);
    expect(() => left.sendfile(new MemoryFile())).toThrow(closed);
  });

  test("an error of the file's own comes through", () => {
    const [left] = pair();
    const file = {
      read(): Buffer {
        throw new RangeError("mine");
      },
    };
    expect(() => left.sendfile(file)).toThrow(raises("RangeError", "mine"));
  });
});

describe.each([
  ["a descriptor", (): socket.Sendable => file_of()],
  [
    "an object with fileno()",
    (): socket.Sendable => {
      const fd = file_of();
      return { fileno: () => fd };
    },
  ],
  ["an object with read()", (): socket.Sendable => new MemoryFile()],
])("%s", (_, new_file) => {
  const ranges: [args: [offset?: number, count?: number | null], expected: string][] = [
    [[], "0123456789"],
    [[0, null], "0123456789"],
    [[3], "3456789"],
    [[3, 4], "3456"],
    [[0, 1], "0"],
    [[0, 10], "0123456789"],
    [[0, 11], "0123456789"],
    [[8, 2 ** 40], "89"],
    [[10], ""],
    [[11, 5], ""],
  ];
  test.each(ranges)("with %j sends %s, and says how much", (args, expected) => {
    const [left, right] = pair();
    expect(left.sendfile(new_file(), ...args)).toBe(expected.length);
    expect(all_of(left, right).toString()).toBe(expected);
  });
});

describe("the position of a file with seek()", () => {
  test("is behind what was sent", () => {
    const [left] = pair();
    const fd = file_of();
    const seeks: number[] = [];
    const file = { fileno: () => fd, seek: (offset: number) => seeks.push(offset) };
    left.sendfile(file);
    left.sendfile(file, 2, 3);
    left.sendfile(file, 10);
    // Where nothing was sent, nothing is moved.
    expect(seeks).toEqual([10, 5]);
  });

  test("is moved to the offset first, where it is read", () => {
    const [left] = pair();
    const file = new MemoryFile();
    left.sendfile(file, 2, 3);
    expect(file.seeks).toEqual([2, 5]);
    expect(file.position).toBe(5);
  });

  test("is asked for where there is an offset, and what is only read has none", () => {
    const [left, right] = pair();
    const file = { read: () => b`x` };
    expect(() => left.sendfile(file, 5)).toThrow(
      raises("TypeError", "'dict' object has no attribute 'seek'"),
    );
    expect(left.sendfile(file, 0, 3)).toBe(3);
    expect(all_of(left, right)).toEqual(b`xxx`);
  });

  test("of a descriptor stays where it is", () => {
    const [left] = pair();
    const fd = file_of();
    left.sendfile(fd, 2, 3);
    expect(readFileSync(fd, "utf8")).toBe("0123456789");
  });

  test("is behind what was sent even when sending fails", () => {
    const [left, right] = pair();
    const fd = file_of(Buffer.alloc(2 ** 22));
    const seeks: number[] = [];
    left.settimeout(0.02);
    expect(() => left.sendfile({ fileno: () => fd, seek: (at) => seeks.push(at) })).toThrow(
      raises("TimeoutError", "timed out"),
    );
    expect(seeks).toEqual([all_of(left, right).length]);
    expect(seeks[0]).toBeGreaterThan(0);
  });
});

test("a file is read 8192 bytes at a time, and the last part no longer than it has to be", () => {
  const [left, right] = connection();
  const bytes = Buffer.alloc(20_000, "0123456789");
  const file = new MemoryFile(bytes);
  expect(left.sendfile(file, 0, 17_000)).toBe(17_000);
  expect(file.sizes).toEqual([8192, 8192, 616]);
  expect(all_of(left, right).equals(bytes.subarray(0, 17_000))).toBe(true);
});

test("a file that has no descriptor after all is read", () => {
  const [left, right] = pair();
  const file = new MemoryFile();
  const none = {
    fileno(): number {
      throw new UnsupportedOperation("fileno");
    },
  };
  expect(left.sendfile(Object.assign(file, none))).toBe(10);
  expect(all_of(left, right)).toEqual(b`0123456789`);
});

test("an object whose descriptor is none is read", () => {
  const [left, right] = pair();
  expect(left.sendfile(Object.assign(new MemoryFile(), { fileno: () => 2 ** 20 + 7 }))).toBe(10);
  expect(all_of(left, right)).toEqual(b`0123456789`);
});

test("an empty file sends nothing, and on a socket that does not wait as well", () => {
  const [left, right] = pair();
  const fd = file_of(b``);
  expect(left.sendfile(fd)).toBe(0);
  left.setblocking(false);
  expect(left.sendfile({ fileno: () => fd })).toBe(0);
  expect(all_of(left, right)).toEqual(b``);
});

test("a pipe has no size, and so, in Python as here, is as empty as an empty file", () => {
  reads_descriptors();
  const [left, right] = pair();
  const [reader] = descriptors("fds = os.pipe(); os.write(fds[1], b'in the pipe')");
  expect(left.sendfile(reader)).toBe(0);
  expect(left.sendfile(Object.assign(new MemoryFile(), { fileno: () => reader.fileno() }))).toBe(0);
  expect(all_of(left, right)).toEqual(b``);
});

test("a timeout that runs out raises TimeoutError, no sooner", () => {
  const fd = file_of(Buffer.alloc(2 ** 22));
  for (const file of [fd, new MemoryFile(Buffer.alloc(2 ** 22))]) {
    const [left] = pair();
    left.settimeout(0.05);
    const before = performance.now();
    expect(() => left.sendfile(file)).toThrow(raises("TimeoutError", "timed out"));
    expect(performance.now() - before).toBeGreaterThanOrEqual(50);
  }
});

test.skipIf(native.sendfile === undefined).each([null, 30])(
  "a large file arrives, by sendfile(2) alone, with the timeout %s",
  async (timeout) => {
    const bytes = Buffer.alloc(8 * 2 ** 20);
    for (let place = 0; place < bytes.length; place += 4) bytes.writeUInt32LE(place, place);
    const path = join(folder, "large");
    writeFileSync(path, bytes);
    const [lsock, [, port]] = listener();
    const what = ["sendfile", String(port), String(timeout), path];
    const program = [...compiled("test/support/programs/socket-calls.ts"), ...what];
    const names = ["connect", "sendfile", "sendto", "sendmsg", "write"];
    const traced = trace(program, names);
    const server = closing(lsock.accept()[0]);
    const received = all_of(closing(new socket.socket()), server);
    expect(received.equals(bytes)).toBe(true);
    const calls = await traced;
    const port_of = `htons(${port})`;
    const begin = calls.findIndex(
      ({ name, args }) => name === "connect" && args[1].includes(port_of),
    );
    const fd = calls[begin].args[0];
    const sends = calls.slice(begin + 1).filter(({ args }) => args[0] === fd);
    expect(new Set(sends.map(({ name }) => name))).toEqual(new Set(["sendfile"]));
    const sent = sends.map(({ result }) => Math.max(Number.parseInt(result, 10), 0));
    expect(sent.reduce((sum, n) => sum + n, 0)).toBe(bytes.length);
  },
);

test("sendfile reads a file whose fileno() is an UnsupportedOperation, as Python's BytesIO's", () => {
  const [sock, peer] = pair();
  const [source, end] = pair();
  end.send(Buffer.from("what comes out there"));
  end.close();
  using file = source.makefile("rwb");
  const read = (size: number): Buffer => file.read(size)!;
  expect(sock.sendfile({ fileno: () => file.fileno(), read })).toBe(20);
  expect(peer.recv(100).toString()).toBe("what comes out there");
});

test("sendfile: a descriptor that is none, or is closed", () => {
  const [sock] = pair();
  const fd = socket.dup(sock.fileno());
  socket.close(fd);
  expect(attempt(() => sock.sendfile(fd))[1]).toEqual(["OSError", "[Errno 9] Bad file descriptor"]);
  for (const [number, name] of [
    [null, "TypeError"],
    [1.5, "TypeError"],
    [2 ** 40, "OverflowError"],
  ] as const) {
    expect(() => sock.sendfile({ fileno: () => number as number })).toThrow(
      expect.objectContaining({ name }),
    );
  }
});
