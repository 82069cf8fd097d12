/** Files over a socket: who closes what, what waiting does, and Python at the other end. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";

import { describe, expect, onTestFinished, test } from "vitest";

import * as socket from "iomux/socket";

import { attempt, PYTHON } from "../support/python.ts";
import { closing, listener, pair } from "../support/sockets.ts";
import { needs } from "../support/tools.ts";

/** More than fits into a socket. */
const data = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 253));

/** Whether the peer has heard that the connection is over. */
function has_ended(peer: socket.socket): boolean {
  peer.settimeout(0);
  try {
    return peer.recv(100).length === 0;
  } catch {
    return false;
  }
}

describe("closing", () => {
  test.each(["r", "w", "rw", "rb", "wb", "rwb"])("socket first, then the file: %s", (mode) => {
    const [sock, peer] = pair();
    const file = sock.makefile(mode);
    const fd = sock.fileno();
    sock.close();
    expect(String(sock)).toBe(`<socket.socket [closed] fd=${fd}, family=1, type=1, proto=0>`);
    expect([sock.fileno(), file.closed, has_ended(peer)]).toEqual([fd, false, false]);
    file.close();
    expect([sock.fileno(), file.closed, has_ended(peer)]).toEqual([-1, true, true]);
    file.close();
    sock.close();
  });

  test("file first, then the socket", () => {
    const [sock, peer] = pair();
    const file = sock.makefile();
    file.close();
    peer.sendall(Buffer.from("still"));
    expect(sock.recv(10).toString()).toBe("still");
    sock.close();
    expect(has_ended(peer)).toBe(true);
  });

  test("two files: the descriptor goes with the last", () => {
    const [sock, peer] = pair();
    const reading = sock.makefile("r");
    const writing = sock.makefile("wb");
    sock.close();
    reading.close();
    expect([sock.fileno() >= 0, has_ended(peer)]).toEqual([true, false]);
    writing.write(Buffer.from("last words"));
    writing.close();
    expect(peer.recv(100).toString()).toBe("last words");
    expect([sock.fileno(), has_ended(peer)]).toEqual([-1, true]);
  });

  test("a file that is detached from its buffer holds the socket as well", () => {
    const [sock, peer] = pair();
    const file = sock.makefile("rw");
    const buffer = file.detach();
    sock.close();
    expect(has_ended(peer)).toBe(false);
    buffer.close();
    expect(has_ended(peer)).toBe(true);
  });

  test("sock.detach() leaves the files without a socket", () => {
    const [sock, peer] = pair();
    const file = sock.makefile("rb");
    const same = closing(new socket.socket(null, null, null, sock.detach()));
    expect([file.closed, file.name]).toEqual([false, -1]);
    expect(() => file.read()).toThrow(expect.objectContaining({ code: "EBADF" }));
    file.close();
    expect(has_ended(peer)).toBe(false);
    expect(same.fileno()).toBeGreaterThan(2);
  });

  test("`using` closes the file, not the socket", () => {
    const [sock, peer] = pair();
    {
      using file = sock.makefile("w");
      file.write("x");
    }
    expect(peer.recv(10).toString()).toBe("x");
    expect(sock.fileno()).toBeGreaterThan(2);
  });

  test.each(["w", "wb", "rwb"])("closes even when the last words cannot be sent: %s", (mode) => {
    const [sock, peer] = pair();
    const file = sock.makefile(mode);
    const x: unknown = mode === "w" ? "x" : Buffer.from("x");
    (file.write as (data: unknown) => unknown)(x);
    sock.close();
    peer.close();
    expect(() => file.close()).toThrow(expect.objectContaining({ name: "BrokenPipeError" }));
    expect([file.closed, sock.fileno()]).toEqual([true, -1]);
  });
});

describe("waiting", () => {
  test.each(["rb", "rwb", "r"])("a timeout is the end of reading: %s", (mode) => {
    const [sock, peer] = pair();
    using file = sock.makefile(mode as "rb");
    sock.settimeout(0.01);
    peer.sendall(Buffer.from("half"));
    expect(() => file.readline()).toThrow(expect.objectContaining({ name: "TimeoutError" }));
    peer.sendall(Buffer.from(" line\n"));
    const refused = { name: "OSError", message: "cannot read from timed out object", errno: null };
    expect(() => file.readline()).toThrow(expect.objectContaining(refused));
    expect(() => file.read(1)).toThrow(expect.objectContaining(refused));
  });

  test.each([null, 100, 100_000])(
    "not waiting, with a buffer of %s: what was not taken",
    (size) => {
      const [sock, peer] = pair();
      sock.settimeout(0);
      peer.settimeout(0);
      using file = sock.makefile("wb", size);
      const parts: Buffer[] = [];
      const drain = (): void => void attempt(() => parts.push(peer.recv(200_000)));
      const refused = expect.objectContaining({
        name: "BlockingIOError",
        message: "[Errno 11] write could not complete without blocking",
        characters_written: expect.any(Number) as number,
      });
      let refusals = 0;
      for (let taken = 0; taken < data.length;) {
        try {
          taken += file.write(data.subarray(taken, taken + 300_000));
        } catch (error) {
          expect(error).toEqual(refused);
          taken += (error as { characters_written: number }).characters_written;
          refusals += 1;
          drain();
        }
      }
      expect(refusals).toBeGreaterThan(0);
      while (attempt(() => file.flush())[1] !== null) drain();
      sock.shutdown(socket.SHUT_WR);
      while (parts.at(-1)?.length !== 0) drain();
      expect(Buffer.concat(parts).equals(data)).toBe(true);
    },
  );

  test("not waiting, closing a file that cannot be emptied closes it all the same", () => {
    const [sock] = pair();
    sock.settimeout(0);
    const file = sock.makefile("wb");
    expect(() => file.write(data)).toThrow(expect.objectContaining({ name: "BlockingIOError" }));
    sock.close();
    expect(() => file.close()).toThrow(expect.objectContaining({ characters_written: 0 }));
    expect([file.closed, sock.fileno()]).toEqual([true, -1]);
  });
});

/** A Python program connects to us and has `sock`; what is left of it when the test is over is killed. */
function python_peer(source: string): socket.socket {
  needs("python3");
  const [lsock, [, port]] = listener();
  const connect = `import socket\nsock = socket.create_connection(("127.0.0.1", ${port}))\n`;
  const child = spawn(PYTHON, ["-c", connect + source], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [sock] = lsock.accept();
  lsock.close();
  sock.settimeout(30);
  return closing(sock);
}

describe("with Python at the other end", () => {
  test.each([null, 1, 1000, 10_000_000])(
    "all of a large write arrives, buffering %s",
    (buffering) => {
      const sock = python_peer(`
import hashlib
with sock.makefile("rb") as file: data = file.read()
sock.sendall((hashlib.sha256(data).hexdigest() + "\\n").encode())
`);
      {
        using file = sock.makefile("wb", buffering);
        expect(file.write(data)).toBe(data.length);
      }
      sock.shutdown(socket.SHUT_WR);
      using answer = sock.makefile("r");
      expect(answer.readline()).toBe(`${createHash("sha256").update(data).digest("hex")}\n`);
    },
  );

  test("all of a large read arrives", () => {
    const sock = python_peer(`sock.sendall(b"".join(b"%d\\n" % n for n in range(200000)))`);
    using file = sock.makefile("r");
    let count = 0;
    for (const line of file) {
      if (line !== `${count}\n`) throw new Error(`line ${count} is ${line}`);
      count += 1;
    }
    expect(count).toBe(200_000);
  });

  test("an exchange as in SMTP, over one file for both", () => {
    const sock = python_peer(`
with sock, sock.makefile("rw", newline="\\r\\n") as file:
    file.write("220 ready\\n"); file.flush()
    for line in file:
        file.write("250 " + line[:-2][::-1] + "\\n"); file.flush()
        if line == "QUIT\\r\\n": break
`);
    using file = sock.makefile("rw", null, { newline: "\r\n" });
    expect(file.readline()).toBe("220 ready\r\n");
    for (const word of ["HELO", "é😀€", "QUIT"]) {
      file.write(`${word}\n`);
      file.flush();
      expect(file.readline()).toBe(`250 ${Array.from(word).toReversed().join("")}\r\n`);
    }
    expect(file.read()).toBe("");
  });

  test("a request as in HTTP, over a pair", () => {
    const sock = python_peer(`
with sock, sock.makefile("rwb") as file:
    request = file.readline()
    headers = dict(line.split(b": ") for line in iter(lambda: file.readline()[:-2], b""))
    body = file.read(int(headers[b"Content-Length"]))
    file.write(b"HTTP/1.1 200 OK\\r\\nX-Request: " + request + b"\\r\\n" + body[::-1])
`);
    using file = sock.makefile("rwb");
    file.write(Buffer.from("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"));
    file.write(Buffer.from("hello"));
    file.flush();
    const head: string[] = [];
    for (const line of file) {
      if (line.toString() === "\r\n") break;
      head.push(line.toString());
    }
    expect(head).toEqual(["HTTP/1.1 200 OK\r\n", "X-Request: POST / HTTP/1.1\r\n"]);
    expect(file.read()?.toString()).toBe("olleh");
  });
});

test("the type that makefile says is that of what it makes: these compile", () => {
  const [sock] = pair();
  using reader = sock.makefile("rb");
  using writer = sock.makefile("wb", 100);
  using both = sock.makefile("rwb");
  using raw = sock.makefile("rwb", 0);
  using lines = sock.makefile();
  const modes: string[] = [reader.mode, writer.mode, raw.mode, lines.mode];
  expect(modes).toEqual(["rb", "wb", "rwb", "r"]);
  expect([both.readable(), both.writable(), lines.encoding]).toEqual([true, true, "UTF-8"]);
});
