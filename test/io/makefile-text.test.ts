/** Text files over a socket: characters, line ends and wrong bytes, as Python reads and writes them. */
import { describe, expect, test } from "vitest";

import { expect_same, newlines } from "../support/makefile-steps.ts";
import type { Step, Scenario } from "../support/makefile-steps.ts";
import { pair } from "../support/sockets.ts";

const text = "a\r\nb\rc\n\r\r\ndé€😀\r\n\n\r";

/** The text cut in two at every byte, and what is read after each half. */
function arrivals(bytes: Buffer): Step[][] {
  const cuts = Array.from(bytes, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return cuts.map((parts) => {
    return parts.flatMap((part): Step[] => [
      ["peer", "send", part],
      ["file", "read", 100],
      ["file", "newlines"],
    ]);
  });
}

describe("text", () => {
  test.each(newlines)(
    "a character or a line's end in two pieces arrives whole: newline %j",
    (newline) => {
      const end: Step[] = [
        ["peer", "shutdown", 1],
        ["file", "read", 1],
        ["file", "readline"],
      ];
      const codings: Record<string, Buffer> = {
        "utf-8": Buffer.from(text),
        "utf-16": Buffer.from(`\ufeff${text}`, "utf16le").swap16(),
        "utf-16-le": Buffer.from(text, "utf16le"),
        "latin-1": Buffer.from(text),
      };
      expect_same(
        Object.entries(codings).flatMap(([encoding, bytes]) => {
          return arrivals(bytes).map((steps) => {
            return { mode: "r", options: { newline, encoding }, steps: [...steps, ...end] };
          });
        }),
      );
    },
  );

  test("half a character waits for the other half", () => {
    const [sock, peer] = pair();
    using file = sock.makefile("r");
    const bytes = Buffer.from("ab😀\n");
    peer.sendall(bytes.subarray(0, 4));
    expect(file.read(2)).toBe("ab");
    peer.sendall(bytes.subarray(4));
    expect(file.readline()).toBe("😀\n");
  });

  test("not taken for the end of the file when only half a character has come", () => {
    const [sock, peer] = pair();
    using file = sock.makefile("r");
    peer.sendall(Buffer.from("€\n").subarray(0, 2));
    sock.settimeout(0.01);
    expect(() => file.readline()).toThrow(expect.objectContaining({ name: "TimeoutError" }));
    expect(() => file.readline()).toThrow("cannot read from timed out object");
  });

  test.each(newlines)("lines, characters and limits: newline %j", (newline) => {
    const feed: Step[] = [
      ["peer", "send", Buffer.from(text)],
      ["peer", "shutdown", 1],
    ];
    const ways: readonly (readonly Step[])[] = [
      [["file", "readlines"]],
      [["file", "iterate"]],
      [["file", "read"]],
      ...[1, 2, 3].map((n) => Array.from({ length: 24 }, (): Step => ["file", "read", n])),
      ...[0, 1, 2, 3].map((n) => Array.from({ length: 24 }, (): Step => ["file", "readline", n])),
      ...[1, 3, 5].map((n) => Array.from({ length: 6 }, (): Step => ["file", "readlines", n])),
    ];
    expect_same(
      ways.map((steps) => {
        return {
          mode: "r",
          options: { newline },
          steps: [...feed, ...steps, ["file", "newlines"]],
        };
      }),
    );
  });

  test.each(newlines)("writing: newline %j", (newline) => {
    const steps: Step[] = [
      ["file", "write", text],
      ["file", "writelines", ["x\n", "y\r\n", ""]],
      ["file", "flush"],
      ["peer", "recv", 1000],
    ];
    const encodings = ["utf-8", "utf-16", "utf-16-be"];
    expect_same(
      encodings.map((encoding) => ({ mode: "w", options: { newline, encoding }, steps })),
    );
  });

  const handlers = ["strict", "ignore", "replace", "backslashreplace", "surrogateescape", "nope"];

  test.each([...handlers, "xmlcharrefreplace"])("what is wrong: errors %s", (errors) => {
    const wrong = [
      "ab\xff\xfe\xe2\x82",
      "\xe2\x82\xe2\x82\xac\xf0\x9f\x98",
      "\xed\xa0\x80",
      "a\0\0\xdc",
    ];
    const written = ["\udc80\udcffa", "é\ud800x", "a😀"];
    for (const encoding of ["utf-8", "ascii", "utf-16-le", "latin-1"]) {
      const options = { encoding, errors };
      const reading = wrong.map((bytes): Scenario => {
        const data = Buffer.from(bytes, "latin1");
        const steps: Step[] = [
          ["peer", "send", data],
          ["peer", "shutdown", 1],
          ["file", "read"],
        ];
        return { mode: "r", options, steps };
      });
      const writing = written.map((line): Scenario => {
        const steps: Step[] = [
          ["file", "write", line],
          ["file", "flush"],
          ["peer", "recv", 100],
        ];
        return { mode: "w", options, steps };
      });
      expect_same([...reading, ...writing]);
    }
  });

  test("writing discards what has come and was not read, as in Python", () => {
    const steps: Step[] = [
      ["peer", "send", Buffer.from("one\r\ntwo\n")],
      ["file", "readline"],
      ["file", "newlines"],
      ["file", "write", "x"],
      ["file", "newlines"],
      ["file", "readline"],
    ];
    expect_same([{ mode: "rw", steps }]);
  });

  test("line_buffering sends whole lines", () => {
    const [sock, peer] = pair();
    using file = sock.makefile("w");
    peer.settimeout(0);
    file.reconfigure({ line_buffering: true });
    file.write("half");
    expect(() => peer.recv(10)).toThrow(expect.objectContaining({ code: "EAGAIN" }));
    file.write(" line\n");
    expect(peer.recv(100).toString()).toBe("half line\n");
  });
});
