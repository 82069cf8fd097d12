/** Files over a socket: the same steps here and in Python, with the same outcome. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";

import * as socket from "iomux/socket";

import { attempt, differences, for_python, PYTHON, python } from "../support/python.ts";
import { closing, listener, pair } from "../support/sockets.ts";

/** What is done to the file, its socket or the peer, and with which arguments. */
type Step = readonly [who: "file" | "sock" | "peer", what: string, ...args: unknown[]];

interface Scenario {
  readonly mode: unknown;
  readonly buffering?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

const program = `
import socket

def told(value):
    if isinstance(value, (bytes, bytearray)): return ["bytes", text_of(value)]
    if isinstance(value, (list, tuple)): return [type(value).__name__, [told(item) for item in value]]
    if value is None or isinstance(value, (bool, int, str)): return value
    return type(value).__name__

def outcome(function):
    try:
        return told(function())
    except Exception as error:
        return ["error", type(error).__name__, str(error), getattr(error, "characters_written", None)]

def do(target, what, *args):
    if what == "iterate": return list(target)
    if what == "next": return next(target, None)
    if what == "fileno": return target.fileno() >= 0
    value = getattr(target, what, None)
    if value is not None and what.startswith("readinto") and isinstance(args[0], int):
        room = bytearray(args[0])
        return [value(room), room]
    return value(*args) if callable(value) else value

def run(scenario):
    mode, buffering, options, steps = [value_of(item) for item in scenario]
    sock, peer = socket.socketpair()
    sock.settimeout(0)
    peer.settimeout(0)
    outcomes = []
    who = {"sock": sock, "peer": peer}
    def open():
        who["file"] = sock.makefile(mode, buffering, **options)
        return type(who["file"]).__name__
    outcomes.append(outcome(open))
    for name, what, *args in steps:
        if name in who: outcomes.append(outcome(lambda: do(who[name], what, *args)))
    return outcomes

answers = [run(scenario) for scenario in questions]
`;

/** What Python tells of the scenarios. */
function theirs(scenarios: readonly Scenario[]): unknown[] {
  const questions = scenarios.map(({ mode, buffering = null, options = {}, steps }) => {
    return [mode, buffering, options, steps].map(for_python);
  });
  return python(program, questions) as unknown[];
}

function told(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("base64")];
  if (Array.isArray(value)) return [Object.isFrozen(value) ? "tuple" : "list", value.map(told)];
  return typeof value === "object" ? value.constructor.name : value;
}

function outcome(run: () => unknown): unknown {
  try {
    return told(run());
  } catch (error) {
    const {
      name,
      message,
      characters_written = null,
    } = error as Error & {
      characters_written?: number;
    };
    return ["error", name, message, characters_written];
  }
}

type Target = Record<string, unknown> & Iterable<unknown> & Iterator<unknown>;

function act(target: Target, what: string, args: readonly unknown[]): unknown {
  if (what === "iterate") return [...target];
  if (what === "next") return target.next().value;
  const value = target[what];
  if (typeof value !== "function") return value;
  if (what.startsWith("readinto") && typeof args[0] === "number") {
    const room = Buffer.alloc(args[0]);
    return [value.call(target, room), room];
  }
  const result: unknown = value.apply(target, args);
  return what === "fileno" ? (result as number) >= 0 : result;
}

/** What this package does in a scenario. */
function ours({ mode, buffering, options, steps }: Scenario): unknown[] {
  const [sock, peer] = socket.socketpair();
  sock.settimeout(0);
  peer.settimeout(0);
  const who: Record<string, unknown> = { sock, peer };
  const outcomes = [
    outcome(() => {
      who["file"] = sock.makefile(mode as "r", buffering as number, options);
      return who["file"];
    }),
  ];
  for (const [name, what, ...args] of steps) {
    if (!(name in who)) continue;
    outcomes.push(
      outcome(() => {
        const result = act(who[name] as Target, what, args);
        if (what === "detach") who["detached"] = result;
        return result;
      }),
    );
  }
  // A file that was detached is closed by what came of it.
  attempt(() => (who["file"] as socket.socket).close());
  attempt(() => (who["detached"] as socket.socket).close());
  sock.close();
  peer.close();
  return outcomes;
}

function expect_same(scenarios: readonly Scenario[]): void {
  expect(differences(scenarios, theirs(scenarios), ours)).toEqual([]);
}

const opened: Step = ["sock", "fileno"];
const kinds = [
  ["rb", 0],
  ["wb", 0],
  ["rwb", 0],
  ...["rb", "wb", "rwb", "r", "w", "rw"].map((mode) => [mode, null] as const),
] as const;

describe("misuse", () => {
  test("arguments that cannot be, and no file is left open", () => {
    const after: Step[] = [["file", "mode"], ["sock", "close"], opened];
    expect_same([
      ...["x", "rt", "r+", null, 5, "", "rr", "bb", "wbr"].map((mode) => ({ mode, steps: after })),
      ...["a", 1.5, [], true, false, 0, -5, 1, 2 ** 45].flatMap((buffering) => [
        { mode: "rb", buffering, steps: after },
        { mode: "w", buffering, steps: after },
      ]),
      ...["x", 5, "\n\n", Buffer.from("\n")].map((newline) => {
        return { mode: "r", options: { newline }, steps: after };
      }),
      ...["nope", 5, "UTF8"].flatMap((text) => [
        { mode: "r", options: { encoding: text, errors: "strict" }, steps: after },
        { mode: "w", options: { encoding: "ascii", errors: text }, steps: after },
        { mode: "rb", options: { encoding: text }, steps: [["sock", "close"], opened] as Step[] },
      ]),
    ]);
  });

  /** Everything there is to be called, with what is right and what is wrong. */
  const calls: readonly (readonly [what: string, ...args: unknown[]])[] = [
    ...["read", "read1", "peek", "readline", "readlines"].flatMap((what) => {
      return [[what], [what, null], [what, "x"], [what, 2], [what, -5], [what, 1.5]] as const;
    }),
    ...["readinto", "readinto1"].flatMap(
      (what) =>
        [
          [what, 3],
          [what, "x"],
        ] as const,
    ),
    ...["write", "writelines"].flatMap((what) => {
      const x = Buffer.from("x");
      return [
        [what, "x"],
        [what, x],
        [what, 5],
        [what, null],
        [what, ["x"]],
        [what, [x]],
      ] as const;
    }),
    ...["readall", "iterate", "next", "flush", "isatty", "readable", "writable", "seekable"].map(
      (what) => [what] as const,
    ),
    ...["tell", "truncate", "fileno", "mode", "closed", "newlines", "errors", "line_buffering"].map(
      (what) => [what] as const,
    ),
    ["seek", 0],
  ];

  function compare(mode: string, buffering: number | null, before: readonly Step[]): void {
    const scenarios = calls.map(([what, ...args]) => {
      return { mode, buffering, steps: [...before, ["file", what, ...args]] as Step[] };
    });
    expect_same(scenarios);
  }

  test.each(kinds)("every call of %s with buffering %s, nothing being there", (mode, buffering) => {
    compare(mode, buffering, []);
  });

  test.each(kinds)("every call of %s with buffering %s, closed", (mode, buffering) => {
    compare(mode, buffering, [
      ["peer", "send", Buffer.from("ab\ncd\n")],
      ["file", "close"],
    ]);
  });

  test.each(kinds.slice(3))("every call of %s, detached", (mode, buffering) => {
    compare(mode, buffering, [["file", "detach"]]);
  });
});

const text = "a\r\nb\rc\n\r\r\ndé€😀\r\n\n\r";
const newlines = [null, "", "\n", "\r", "\r\n"];

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

describe("any steps at all", () => {
  const size = fc.constantFrom(0, 1, 2, 3, 7, 20);
  const bytes = fc.stringMatching(/^[ab\n\r]{0,12}$/);
  const buffered: Record<string, fc.Arbitrary<Step>> = {
    send: bytes.map((data) => ["peer", "send", Buffer.from(data)]),
    read: size.map((n) => ["file", "read", n]),
    readline: fc.constantFrom(-1, 0, 1, 3, 7).map((n) => ["file", "readline", n]),
    recv: fc.constant(["peer", "recv", 5]),
    flush: fc.constant(["file", "flush"]),
  };
  const binary: Record<string, fc.Arbitrary<Step>> = {
    ...buffered,
    read1: size.map((n) => ["file", "read1", n]),
    all: fc.constant(["file", "read"]),
    peek: fc.constant(["file", "peek"]),
    readinto: size.map((n) => ["file", "readinto", n]),
    readinto1: size.map((n) => ["file", "readinto1", n]),
    readlines: size.map((n) => ["file", "readlines", n]),
    write: bytes.map((data) => ["file", "write", Buffer.from(data)]),
  };
  const textual: Record<string, fc.Arbitrary<Step>> = {
    ...buffered,
    write: bytes.map((data): Step => ["file", "write", data]),
  };

  test.each(["rb", "rwb", "r", "rw"])("%s", (mode) => {
    const { write, flush, recv, ...reading } = mode.includes("b") ? binary : textual;
    const all = mode.includes("w") ? { ...reading, write, flush, recv } : reading;
    const scenario = fc.record({
      mode: fc.constant(mode),
      buffering: fc.constantFrom(null, 1, 3, 4, 16),
      options: fc.record({ newline: fc.constantFrom(...newlines), encoding: fc.constant("utf-8") }),
      steps: fc.array(fc.oneof(...Object.values(all)), { maxLength: 20 }),
    });
    expect_same(fc.sample(scenario, 400));
  });
});

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
  test.each(["rb", "rwb", "r"])("a time-out is the end of reading: %s", (mode) => {
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
