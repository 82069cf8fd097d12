/** Recordings: what the tap in a program sees, held against strace(1), and what it leaves alone. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import { print } from "iomux/builtins";
import * as selectors from "iomux/selectors";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";
import * as trace from "iomux/trace";
import type { Call, Line } from "iomux/trace";

import { native } from "../../lib/native.ts";
import { compiled } from "../support/commands.ts";
import { on_sockets, traced } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";
import { is_linux, kinds } from "../support/system.ts";

function temporary_file(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return join(folder, "run.jsonl");
}

function lines_in(path: string): Line[] {
  const texts = readFileSync(path, "utf8").trimEnd().split("\n");
  return texts.map((text) => JSON.parse(text) as Line);
}

function calls_in(lines: readonly Line[]): Call[] {
  return lines.filter((line): line is Call => line.kind === "call");
}

/** What is recorded while something is done. */
function record(act: () => void, options?: trace.TraceOptions): Line[] {
  const path = temporary_file();
  const recording = trace.start(path, options);
  try {
    act();
  } finally {
    recording.stop();
  }
  return lines_in(path);
}

/** Two connected sockets, and one that listens, on which the second was accepted. */
function connection(): [listener: socket.socket, near: socket.socket, far: socket.socket] {
  const listener = socket.create_server(["127.0.0.1", 0]);
  const near = socket.create_connection(listener.getsockname());
  const [far] = listener.accept();
  onTestFinished(() => {
    for (const one of [listener, near, far]) one.close();
  });
  return [listener, near, far];
}

describe("while nothing is recorded", () => {
  test("the table is the addon's own", () => {
    const before = { ...native };
    record(() => {
      expect({ ...native }).not.toEqual(before);
    });
    expect(
      Object.entries(native).filter(
        ([name, value]) => value !== before[name as keyof typeof native],
      ),
    ).toEqual([]);
  });

  test("nothing is written any more", () => {
    const path = temporary_file();
    const recording = trace.start(path);
    recording.stop();
    const text = readFileSync(path, "utf8");
    connection();
    recording.fault("rst", "too late");
    recording.stop();
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

test("one recording at a time", () => {
  const path = temporary_file();
  record(() => {
    expect(() => trace.start(path)).toThrow("is being recorded already");
  });
});

test("a file that cannot be written is refused, and nothing is left in the way", () => {
  const before = { ...native };
  expect(() => trace.start("/nowhere/run.jsonl")).toThrow("ENOENT");
  expect({ ...native }).toEqual(before);
  record(() => {});
});

test("a call has its arguments, its result, what it moved, and the file that made it", () => {
  const [, near, far] = connection();
  const lines = record(() => {
    near.send(Buffer.from("Hello\r\n\0"));
    far.recv(1024);
  });
  const [sent, received] = calls_in(lines);
  const [fd, other] = [near.fileno(), far.fileno()];
  const may_block = true;
  expect(sent).toMatchObject({
    name: "send",
    syscall: "sendto",
    args: { fd, length: 8, flags: 0, may_block },
    result: 8,
    bytes: 8,
    data: "Hello\\r\\n\\x00",
    fd,
  });
  expect(received).toMatchObject({
    name: "recv",
    syscall: "recvfrom",
    args: { fd: other, length: 1024, flags: 0, may_block },
    result: 8,
    bytes: 8,
    data: "Hello\\r\\n\\x00",
  });
  const stack = lines.find((line) => line.kind === "stack" && line.stack === received.stack);
  const [[, path]] = (stack as trace.Stack).frames;
  expect(path).toBe("test/trace/trace.test.ts");
  const source = lines.find((one) => one.kind === "source");
  expect(source).toMatchObject({ path, text: readFileSync(import.meta.filename, "utf8") });
});

test("an error has its name, and no result", () => {
  const [, near] = connection();
  near.setblocking(false);
  const [call] = calls_in(
    record(() => {
      expect(() => near.recv(10)).toThrow();
    }),
  );
  expect(call).toMatchObject({ name: "recv", result: null, errno: "EAGAIN", bytes: 0 });
});

test("addresses are Python's tuples, also those that the kernel tells", () => {
  const calls = calls_in(record(() => void connection()));
  const of = (name: string) => calls.find((call) => call.name === name)!;
  const address = ["127.0.0.1", expect.any(Number) as number];
  expect(of("bind").args.address).toEqual(["127.0.0.1", 0]);
  expect(of("connect").args.address).toEqual(address);
  expect(of("accept4").args.address).toEqual(address);
  expect(of("accept4").made).toEqual([
    { fd: of("accept4").result, life: expect.any(Number) as number, what: "socket", peer: address },
  ]);
  expect(of("setsockopt").args).toMatchObject({
    level: "SOL_SOCKET",
    option: "SO_REUSEADDR",
    value: 1,
  });
});

test("a descriptor that was closed and made again has another life", () => {
  const calls = calls_in(
    record(() => {
      for (let turn = 0; turn < 3; turn++) {
        new socket.socket(socket.AF_INET, socket.SOCK_STREAM).close();
      }
    }),
  );
  const made = calls.flatMap((call) => call.made ?? []);
  const ended = calls.flatMap((call) => call.ended ?? []);
  expect(new Set(made.map(({ fd }) => fd)).size).toBe(1);
  expect(new Set(made.map(({ life }) => life)).size).toBe(3);
  expect(ended).toEqual(made.map(({ life }) => life));
});

describe.each(kinds)("%s", (name, Selector) => {
  const by = name.replace("Selector", "").toLowerCase();

  test("a wake-up has the interest set, the raw masks, and what the selector made of them", () => {
    const [, near, far] = connection();
    const idle = connection()[1];
    const lines = record(() => {
      using sel = new Selector();
      sel.register(far, selectors.EVENT_READ | selectors.EVENT_WRITE);
      sel.register(idle, selectors.EVENT_READ);
      sel.select(0);
      near.send(Buffer.from("x"));
      sel.select();
      sel.select(0);
    });
    const wakes = calls_in(lines).flatMap(({ wake, loop }) =>
      wake === undefined ? [] : [{ ...wake, loop }],
    );
    const fd = far.fileno();
    const life = expect.any(Number) as number;
    expect(wakes.map(({ loop }) => loop)).toEqual([1, 2, 3]);
    expect(wakes.map((wake) => wake.by)).toEqual([by, by, by]);
    expect(wakes.map(({ timeout }) => timeout)).toEqual([0, null, 0]);
    expect(wakes[0].interest).toHaveLength(2);
    expect(wakes[0].interest).toEqual(
      expect.arrayContaining([
        [fd, life, 3],
        [idle.fileno(), life, 1],
      ]),
    );
    // As it was.
    expect(wakes[1].interest).toBeUndefined();
    expect(wakes.map(({ ready }) => ready)).toEqual([
      [[fd, life, 4]],
      [[fd, life, 5]],
      [[fd, life, 5]],
    ]);
    expect(wakes.map(({ selected }) => selected)).toEqual([
      [[fd, life, 2]],
      [[fd, life, 3]],
      [[fd, life, 3]],
    ]);
  });
});

test("why: what the kernel holds, without taking anything away", () => {
  const [listener, near, far] = connection();
  const second = socket.create_connection(listener.getsockname() as [string, number]);
  onTestFinished(() => second.close());
  near.send(Buffer.from("12345"));
  const [call] = calls_in(
    record(
      () => {
        using sel = new selectors.PollSelector();
        sel.register(listener, selectors.EVENT_READ);
        sel.register(far, selectors.EVENT_READ);
        sel.select();
      },
      { why: true },
    ),
  );
  const buffers = {
    send_room: expect.any(Number) as number,
    receive_room: expect.any(Number) as number,
  };
  expect(call.wake?.why).toMatchObject([
    { fd: listener.fileno(), state: "LISTEN", receive: 1, error: false },
    { fd: far.fileno(), state: "ESTABLISHED", receive: 5, send: 0, error: false, ...buffers },
  ]);
  expect(far.recv(10).toString()).toBe("12345");
});

test("why: a pending error is said, and still there for the program", () => {
  const [, near, far] = connection();
  near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
  near.close();
  const lines = record(
    () => {
      using sel = new selectors.PollSelector();
      sel.register(far, selectors.EVENT_READ);
      sel.select();
      expect(() => far.recv(10)).toThrow("Connection reset by peer");
    },
    { why: true },
  );
  expect(calls_in(lines)[0].wake?.why).toMatchObject([{ fd: far.fileno(), error: true }]);
});

test("watched attributes are told when they change", () => {
  const [, , far] = connection();
  const data = { outb: Buffer.from("abc"), state: "new", unwatched: 1 };
  const lines = record(
    () => {
      using sel = new selectors.PollSelector<typeof data>();
      sel.register(far, selectors.EVENT_WRITE, data);
      for (let turn = 0; turn < 3; turn++) {
        sel.select();
        far.send(data.outb.subarray(0, 1));
        if (turn === 0) data.outb = data.outb.subarray(1);
        if (turn === 1) data.state = "old";
      }
      sel.select();
    },
    { watch: ["outb", "state"] },
  );
  const changes = calls_in(lines).flatMap((call) => Object.values(call.watched ?? {}));
  expect(changes).toEqual([
    { outb: { bytes: 3, data: "abc" }, state: { value: "'new'" } },
    { outb: { bytes: 2, data: "bc" } },
    { state: { value: "'old'" } },
  ]);
});

test("what is printed stands between the calls", () => {
  const [, near] = connection();
  const lines = record(() => {
    near.send(Buffer.from("a"));
    print("in between");
    near.send(Buffer.from("b"));
  }).filter(({ kind }) => kind === "call" || kind === "print");
  expect(lines.map((line) => (line.kind === "print" ? line.text : line.kind))).toEqual([
    "call",
    "in between\n",
    "call",
  ]);
});

test("a signal's handler runs as it does without, and the recording has the EINTR", () => {
  const before = signal.signal(signal.SIGALRM, () => {});
  onTestFinished(() => {
    signal.signal(signal.SIGALRM, before!);
  });
  const [, near] = connection();
  const lines = record(() => {
    using sel = new selectors.DefaultSelector();
    sel.register(near, selectors.EVENT_READ);
    signal.setitimer(signal.ITIMER_REAL, 0.05);
    expect(sel.select(0.2)).toEqual([]);
  });
  const waits = calls_in(lines).filter(({ wake }) => wake !== undefined);
  expect(waits.map(({ errno, result }) => errno ?? result)).toEqual(["EINTR", 0]);
});

/** A recorded call and one of strace's, told alike: its name, its descriptor, and what came of it. */
interface Told {
  readonly name: string;
  readonly fd: number | null;
  readonly result: string;
}

/** What they wait for is no one descriptor. */
const OF_MANY = new Set(["poll", "pselect6"]);

function seen_by_strace({ name, args, result }: SystemCall): Told {
  const end = /^(-?\d+)(?: (E\w+))?/.exec(result);
  const fd = OF_MANY.has(name) || !/^\d+$/.test(args[0] ?? "") ? null : Number(args[0]);
  return { name, fd, result: end?.[2] ?? end?.[1] ?? "" };
}

function seen_by_us({ syscall, args, result, errno }: Call): Told {
  const fd = OF_MANY.has(syscall!) ? null : (args.epfd ?? args.fd ?? null);
  // The table's function returns how long the option is, where the system call returns 0.
  const came_of_it = syscall === "getsockopt" ? 0 : result;
  return { name: syscall!, fd: fd as number | null, result: errno ?? String(came_of_it) };
}

const RECORDED =
  "socket socketpair bind listen accept4 connect getsockname getpeername recvfrom sendto recvmsg sendmsg " +
  "shutdown ioctl fcntl close getsockopt setsockopt epoll_create1 epoll_ctl epoll_wait poll pselect6";

test.skipIf(!is_linux).each(["EpollSelector", "PollSelector", "SelectSelector"])(
  "strace(1) sees the same calls, in the same order, with the same results: %s",
  async (name) => {
    const path = temporary_file();
    const program = compiled("test/support/programs/recorded.ts");
    const run = traced([...program, path, name], RECORDED.split(" "));
    const [file, ...args] = run.command;
    const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const theirs = on_sockets(await run.calls()).map(seen_by_strace);
    const names = new Set(RECORDED.split(" "));
    const ours = calls_in(lines_in(path))
      .filter(({ syscall }) => names.has(syscall ?? ""))
      .map(seen_by_us);
    expect(ours.length).toBeGreaterThan(40);
    expect(ours).toEqual(theirs);
  },
);
