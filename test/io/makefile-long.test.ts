/** What a peer sends without an end: the time that it takes grows with its length, no faster. */
import { spawn } from "node:child_process";

import { expect, onTestFinished, test } from "vitest";

import type { TextIOWrapper } from "../../lib/io/text.ts";
import { PYTHON } from "../support/python.ts";
import { listener } from "../support/sockets.ts";
import { needs } from "../support/tools.ts";

const MIB = 1 << 20;
/** Where each chunk, byte or character is looked at again for the next, these take minutes and hours. */
const timeout = 60_000;

/** A text file over a socket from which `bytes` come, over and over, `size` bytes in all. */
function sent(
  bytes: Buffer,
  size: number,
  newline: string | null,
  encoding: string,
): TextIOWrapper {
  needs("python3");
  const [lsock, [, port]] = listener();
  const program = `
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
    sock.sendall(bytes.fromhex(sys.argv[2]) * int(sys.argv[3]))
`;
  const times = String(size / bytes.length);
  const peer = spawn(PYTHON, ["-c", program, String(port), bytes.toString("hex"), times]);
  const [conn] = lsock.accept();
  const file = conn.makefile("r", -1, { newline, encoding, errors: "replace" });
  onTestFinished(() => {
    file.close();
    conn.close();
    peer.kill();
  });
  return file;
}

test.each([
  [null, "x"],
  ["", "x"],
  ["\n", "x\r"],
  ["\r", "x\n"],
  ["\r\n", "\r"],
])("a line without an end: newline %j, %j over and over", { timeout }, (newline, text) => {
  const file = sent(Buffer.from(text), 64 * MIB, newline, "utf-8");
  expect(file.readline(MIB)).toBe(text.repeat(MIB / text.length));
  expect(file.readline()).toHaveLength(63 * MIB);
  expect(file.readline()).toBe("");
});

test("a limit counts characters in every piece of a line", { timeout }, () => {
  const file = sent(Buffer.from("😀"), 16 * MIB, null, "utf-8");
  expect(file.readline(3 * MIB)).toBe("😀".repeat(3 * MIB));
  expect(file.readline(3 * MIB)).toBe("😀".repeat(MIB));
});

test.each([
  ["utf-8", "ff"],
  ["utf-8", "c3"],
  ["ascii", "80"],
  ["utf-16-le", "00dc"],
  ["utf-16-be", "d800"],
])("nothing but wrong bytes: %s, %s", { timeout }, (encoding, hex) => {
  const bytes = Buffer.from(hex, "hex");
  const replaced = "\ufffd".repeat((2 * MIB) / bytes.length);
  expect(sent(bytes, 2 * MIB, null, encoding).read()).toBe(replaced);
  expect(sent(bytes, 2 * MIB, null, encoding).readline()).toBe(replaced);
});

test("lines of one character, and a file that is read character by character", { timeout }, () => {
  expect([...sent(Buffer.from("x\r"), MIB, null, "utf-8")]).toHaveLength(MIB / 2);
  const file = sent(Buffer.from("x"), MIB, null, "utf-8");
  let count = 0;
  while (file.read(1) !== "") count++;
  expect(count).toBe(MIB);
});
