/**
 * Python's programs and those on node:net, recorded through strace: held against what strace says of
 * the same program without us.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { expect, onTestFinished, test, vi } from "vitest";

import type { Call, Header, Life, Line, Print, Source, Stack } from "../../lib/trace/recording.ts";
import type { PreparedProgram } from "../../tools/record/child.ts";
import { net_command } from "../../tools/record/net.ts";
import { python_command } from "../../tools/record/python.ts";
import { to_events } from "../../tools/recording/masks.ts";
import { merge } from "../../tools/recording/merge.ts";
import { parse as parse_recording } from "../../tools/recording/parse.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";
import { UsageError } from "../../tools/usage-error.ts";
import { compiled, Command } from "../support/commands.ts";
import type { Ending } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { is_blocked } from "../support/proc.ts";
import { PYTHON } from "../support/python.ts";
import { on_sockets, parse, renamed, text, traced } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";
import { until } from "../support/waiting.ts";

const HOST = "127.0.0.1";

/** What happens while a program runs. */
type Scene = (program: Command) => Promise<void>;

const nothing: Scene = async () => {};

function new_folder(): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function script(source: string, name: string = "script.py"): string {
  const path = join(new_folder(), name);
  writeFileSync(path, source);
  return path;
}

interface Recorded {
  readonly lines: readonly Line[];
  readonly calls: Call[];
  readonly ending: Ending;
}

async function record(run: PreparedProgram, scene: Scene = nothing): Promise<Recorded> {
  const program = new Command(run.command);
  await scene(program);
  const ending = await program.ended;
  const lines = await run.lines();
  // What is recorded can be read back.
  expect(parse_recording(lines.map((line) => JSON.stringify(line)).join("\n"), "it").lines).toEqual(
    JSON.parse(JSON.stringify(lines)),
  );
  return { lines, calls: lines.filter((line) => line.kind === "call"), ending };
}

async function record_python(path: string, args: readonly string[] = [], scene: Scene = nothing) {
  return record(python_command(path, args, join(new_folder(), "new")), scene);
}

function of_kind<Kind extends Line["kind"]>(lines: readonly Line[], kind: Kind) {
  return lines.filter((line): line is Extract<Line, { kind: Kind }> => line.kind === kind);
}

const names = (
  "socket socketpair bind listen accept4 connect getsockname getpeername sendto recvfrom shutdown " +
  "getsockopt setsockopt close fcntl ioctl epoll_create1 epoll_ctl epoll_wait epoll_pwait poll " +
  "select pselect6 read write"
).split(" ");

/** Without what differs from run to run, and without what no recording can know: where in memory something is. */
function comparable(calls: readonly SystemCall[]): string[] {
  const own = on_sockets(calls).map(({ name, args, result }) => ({
    name,
    args: args.map((arg) => arg.replace(/^\[\d+ => (\d+)\]$/, "[$1]")),
    result,
  }));
  return renamed(own).map((call) => text(call).replaceAll(/pointer(?:, \[\d+\])?/g, "..."));
}

/** A recording as strace would have printed it. */
function calls_in(lines: readonly Line[]): SystemCall[] {
  const printed = to_strace(lines).replaceAll(/^\d+ +[\d.]+ | <[\d.]+>$/gm, "");
  return parse(printed).map(({ name, args, result }) => ({
    name,
    args: args.filter((arg, index) => arg !== "..." || args[index - 1] !== "..."),
    result,
  }));
}

async function plain(command: readonly string[], scene: Scene): Promise<SystemCall[]> {
  const run = traced(command, names);
  const program = new Command(run.command);
  await scene(program);
  await program.ended;
  return run.calls();
}

/** What the interpreter closes, and asks for, when the script is over has no line of the script. */
function until_done(calls: readonly string[], last: string): readonly string[] {
  const end = calls.findLastIndex((call) => call.startsWith(last));
  expect(end).not.toBe(-1);
  return calls.slice(0, end + 1);
}

const many_calls = `
import selectors, socket, sys
left, right = socket.socketpair()
left.settimeout(0.01)
try:
    left.recv(10)
except TimeoutError:
    pass
right.send(b"h\\xffi\\n\\0005\\"quoted\\"")
left.recv(100)
left.close(), right.close()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
listener.setblocking(False)
try:
    listener.accept()
except BlockingIOError:
    pass
near = socket.socket()
near.setblocking(False)
near.connect_ex(listener.getsockname())
Selector = getattr(selectors, sys.argv[1])
with Selector() as sel:
    sel.register(listener, selectors.EVENT_READ)
    sel.select()
    far, _ = listener.accept()
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sel.register(far, selectors.EVENT_READ | selectors.EVENT_WRITE)
    near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    for _ in range(3):
        near.sendall(b"message")
        sel.select()
        far.recv(1024)
    sel.modify(far, selectors.EVENT_READ)
    sel.select(0)
    near.shutdown(socket.SHUT_WR)
    sel.select()
    far.recv(1024)
    sel.unregister(far)
    # The same number is given again.
    far.close()
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.1", 0))
    other.sendto(b"to itself", other.getsockname())
    other.recvfrom(100)
    twin = other.dup()
    twin.close()
    other.close()
unix = socket.socket(socket.AF_UNIX)
unix.bind("\\0" + sys.argv[2])
unix.close()
near.close()
listener.close()
`;

test.each(["EpollSelector", "PollSelector", "SelectSelector"])(
  "a recorded Python program makes the calls that strace sees without us: %s",
  async (selector) => {
    const path = script(many_calls);
    const name = `iomux-test-${process.pid}-${selector}`;
    const { lines, ending } = await record_python(path, [selector, name]);
    expect(ending).toEqual({ status: 0, signal: null, stdout: "", stderr: "" });
    const theirs = comparable(await plain([PYTHON, path, selector, name], nothing));
    expect(comparable(calls_in(lines))).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(50);
  },
);

/** Sends Ctrl-C to a server that waits for its clients. */
async function interrupt(server: Command): Promise<void> {
  await until(() => is_blocked(server.pid));
  server.kill("SIGINT");
}

/** A client of a server under test: says something, waits until it comes back, and goes. */
async function say(port: number, message: string): Promise<void> {
  const peer = connect(port, HOST);
  let received = "";
  peer.on("data", (data) => (received += data.toString()));
  peer.write(message);
  await until(() => received === message);
  peer.end();
  await once(peer, "close");
}

/** A server for a client under test: what it says comes back. */
async function echoing(port: number): Promise<void> {
  const server = createServer((peer) => peer.pipe(peer));
  server.listen(port, HOST);
  await once(server, "listening");
  onTestFinished(() => void server.close());
}

/** Where the echo programs meet. */
const ECHO_PORT = 65432;

async function expect_same(name: string, args: readonly string[], last: string, scene: Scene) {
  const path = `scripts/${name}.py`;
  const { lines, ending } = await record_python(path, args, scene);
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  const ours = comparable(without_idling(calls_in(lines)));
  const theirs = comparable(without_idling(await plain([PYTHON, path, ...args], scene)));
  expect(until_done(ours, last)).toEqual(until_done(theirs, last));
  return { lines, ending };
}

/** How often a wait came back with nothing to do is a matter of chance: the last one counts. */
function without_idling(calls: readonly SystemCall[]): SystemCall[] {
  return calls.filter(
    ({ name }, index) => name !== "epoll_wait" || calls[index + 1]?.name !== "epoll_wait",
  );
}

test("the echo server makes the calls that strace sees without us", async () => {
  await reserve(ECHO_PORT);
  const { lines } = await expect_same("echo-server", [], "close(fd1)", async (server) => {
    await server.listening(ECHO_PORT);
    await say(ECHO_PORT, "Hello, world");
  });
  expect(lines_of(lines)).toEqual({
    socket: ["with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:"],
    bind: ["s.bind((HOST, PORT))"],
    listen: ["s.listen()"],
    accept4: ["conn, addr = s.accept()"],
    getsockname: ["conn, addr = s.accept()"],
    recvfrom: ["data = conn.recv(1024)"],
    sendto: ["conn.sendall(data)"],
    close: ["with conn:", "with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:"],
  });
});

test("the echo client makes the calls that strace sees without us", async () => {
  await reserve(ECHO_PORT);
  await echoing(ECHO_PORT);
  const { lines } = await expect_same("echo-client", [], "close(fd1)", nothing);
  expect(lines_of(lines)).toMatchObject({
    connect: ["s.connect((HOST, PORT))"],
    sendto: ['s.sendall(b"Hello, world")'],
    recvfrom: ["data = s.recv(1024)"],
  });
  expect(of_kind(lines, "print").map(({ fd, text: printed }) => [fd, printed])).toEqual([
    [1, "Received b'Hello, world'\n"],
  ]);
});

/** The lines of the program that make each system call, in the order of the calls. */
function lines_of(lines: readonly Line[]): Record<string, string[]> {
  const sources = new Map(of_kind(lines, "source").map(({ path, text: all }) => [path, all]));
  const stacks = new Map(of_kind(lines, "stack").map((line) => [line.stack, line.frames]));
  const places: Record<string, Set<string>> = {};
  for (const { syscall, stack } of of_kind(lines, "call")) {
    const frame = stacks.get(stack ?? -1)?.[0];
    if (frame === undefined) continue;
    const [, path, number] = frame;
    const line = sources.get(path)!.split("\n")[number - 1].trim();
    (places[syscall!] ??= new Set()).add(line);
  }
  return Object.fromEntries(Object.entries(places).map(([name, all]) => [name, [...all]]));
}

test("the server for many connections makes the calls that strace sees without us", async () => {
  const port = await reserve();
  const args = [HOST, String(port)];
  const { lines, ending } = await expect_same(
    "multiconn-server",
    args,
    "close(fd1)",
    async (server) => {
      await server.printed("Listening on");
      await say(port, "Hello");
      await interrupt(server);
    },
  );
  expect(ending.stdout).toContain("Caught keyboard interrupt, exiting.");
  expect(lines_of(lines)).toMatchObject({
    accept4: ["conn, addr = sock.accept()"],
    recvfrom: ["recv_data = sock.recv(1024)"],
    sendto: ["sent = sock.send(data.outb)"],
    epoll_wait: ["events = sel.select(timeout=None)"],
    close: ["sock.close()", "sel.close()"],
  });
});

test("the client for many connections: each wake-up says what was asked, what was ready, what select returned", async () => {
  const port = await reserve();
  await echoing(port);
  const { lines, calls } = await record_python("scripts/multiconn-client.py", [
    HOST,
    String(port),
    "3",
  ]);
  const wakes = calls.filter((call) => call.wake !== undefined);
  expect(wakes.length).toBeGreaterThan(1);
  expect(wakes.map(({ loop }) => loop)).toEqual(wakes.map((_, index) => index + 1));
  let interest: readonly (readonly number[])[] = [];
  for (const { wake } of wakes) {
    expect(wake).toMatchObject({ by: "epoll", timeout: 1000 });
    interest = wake!.interest ?? interest;
    const asked = new Map(interest.map(([, life, mask]) => [life, mask]));
    expect(wake!.selected).toEqual(
      wake!.ready.map(([fd, life, mask]) => [fd, life, to_events(mask) & asked.get(life)!]),
    );
  }
  // Three connections came and went, and nothing is watched in the end.
  expect(of_kind(lines, "call").filter(({ syscall }) => syscall === "connect")).toHaveLength(3);
  expect(wakes.some(({ wake }) => wake!.interest?.length === 3)).toBe(true);
  const made = calls.flatMap((call): readonly Life[] => call.made ?? []);
  expect(made.map(({ what }) => what)).toEqual(["epoll", "socket", "socket", "socket"]);
  expect(new Set(calls.flatMap(({ ended }) => ended ?? []))).toEqual(new Set([1, 2, 3, 4]));
  expect(of_kind(lines, "end")).toEqual([{ kind: "end", t: expect.any(Number), status: 0 }]);
});

test("a socket's wait with a time-out is no turn of a loop, a program's own poll is", async () => {
  const { calls } = await record_python(
    script(`
import select, socket
left, right = socket.socketpair()
left.settimeout(5)
right.send(b"x")
left.recv(1)
poller = select.poll()
poller.register(left, select.POLLIN)
right.send(b"y")
poller.poll()
select.select([left], [], [], 0)
left.settimeout(0.01)
left.recv(1)
try:
    left.recv(1)
except TimeoutError:
    pass
`),
  );
  const waits = calls.filter(({ syscall }) => /poll|select/.test(syscall!));
  expect(waits.map(({ wake, loop }) => [wake?.by, loop])).toEqual([
    [undefined, 0],
    ["poll", 1],
    ["select", 2],
    [undefined, 2],
    [undefined, 2],
  ]);
});

const endings = {
  "that ends": "print('héllo', 'wörld', sep='\\n')",
  "that looks around": `
import os, sys
print(sys.argv, os.path.basename(sys.path[0]), os.path.basename(__file__), __name__, __spec__)
print(sorted(name for name in globals() if name.startswith("__")))
import __main__
print(__main__.__file__ == __file__)`,
  "that exits with a status": "import sys; sys.exit(3)",
  "that exits with a word": "import sys; sys.exit('no')",
  "that throws": "def f():\n    return 1 / 0\n\nf()",
  "that throws while it handles": `
def f():
    raise KeyError("one")
try:
    f()
except KeyError:
    raise ValueError("two\\nlines")`,
  "that interrupts itself":
    "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass",
  "that is no Python": "x = (",
  "that prints an exception itself": `
import sys
sys.excepthook = lambda kind, value, traceback: print("hook", kind, traceback.tb_lineno)
raise RuntimeError`,
};

test.each(Object.entries(endings))(
  "a recorded Python program %s ends as without us",
  async (_, source) => {
    const path = script(source);
    const { ending } = await record_python(path, ["one", "two words"]);
    expect(ending).toEqual(await new Command([PYTHON, path, "one", "two words"]).ended);
  },
);

test("what a Python program throws is in its recording's end", async () => {
  const { lines, calls } = await record_python(
    script("import socket\ns = socket.socket()\nraise ValueError('no\\nmore')"),
  );
  expect(lines.at(-1)).toMatchObject({ kind: "end", status: 1, error: "ValueError: no" });
  expect(calls.map(({ syscall }) => syscall)).toEqual(["socket", "close"]);
});

test("Ctrl-C reaches a Python program that never sleeps, wherever it is", async () => {
  const busy = script(`
import selectors, socket
left, right = socket.socketpair()
sel = selectors.DefaultSelector()
sel.register(left, selectors.EVENT_WRITE)
turns = 0
try:
    while True:
        for key, mask in sel.select():
            turns += 1
        if turns == 3:
            print("busy")
except KeyboardInterrupt:
    print("Caught")
left.close()
`);
  const { lines, calls, ending } = await record_python(busy, [], async (program) => {
    await program.printed("busy");
    program.kill("SIGINT");
  });
  expect(ending).toEqual({ status: 0, signal: null, stdout: "busy\nCaught\n", stderr: "" });
  expect(of_kind(lines, "print").map((line: Print) => line.text)).toEqual(["busy\n", "Caught\n"]);
  expect(calls.some(({ wake }) => wake?.selected?.length === 1)).toBe(true);
  // Where the signal came while a line was marked, no more lines are: but none is wrong.
  const { close = ["left.close()"] } = lines_of(lines);
  expect(close).toEqual(["left.close()"]);
});

test("a Python program that was killed has left all that it did until then", async () => {
  const { lines, calls, ending } = await record_python(
    script("import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\ns.accept()"),
    [],
    async (program) => {
      await until(() => is_blocked(program.pid));
      program.kill("SIGKILL");
    },
  );
  expect(ending.signal).toBe("SIGKILL");
  expect(calls.map(({ syscall, result }) => [syscall, result])).toEqual([
    ["socket", 3],
    ["bind", 0],
    ["listen", 0],
    ["accept4", null],
  ]);
  expect(calls.at(-1)).not.toHaveProperty("errno");
  expect(lines.at(-1)).toMatchObject({ kind: "end", status: null, signal: "SIGKILL" });
});

test("a recording says whose it is, and has the program's text and that of its twin", async () => {
  const { lines } = await record_python("scripts/multiconn-client.py");
  const [header] = lines as [Header];
  const version = execFileSync(PYTHON, ["-V"], { encoding: "utf8" }).trim();
  expect(header).toMatchObject({
    program: "multiconn-client.py",
    argv: ["scripts/multiconn-client.py"],
    runs_on: "python",
    seen_by: "strace",
    runtime: version,
  });
  // By the calendar and by the clock it was now, and the process is not ours.
  expect(Math.abs(Date.parse(header.started) - Date.now())).toBeLessThan(60_000);
  expect(Number(process.hrtime.bigint() - BigInt(header.clock))).toBeGreaterThan(0);
  expect(header.pid).not.toBe(process.pid);
  const texts = ["py", "ts"].map((suffix) =>
    readFileSync(`scripts/multiconn-client.${suffix}`, "utf8"),
  );
  expect(of_kind(lines, "source")).toEqual([
    {
      kind: "source",
      path: "scripts/multiconn-client.py",
      text: texts[0],
      twin: { path: "scripts/multiconn-client.ts", text: texts[1] },
    } satisfies Source,
  ]);
  // Each stack that is told of is the first one that a call names.
  const named = lines.flatMap((line) => (line.kind === "call" ? [line.stack] : []));
  const told = of_kind(lines, "stack").map((line: Stack) => line.stack);
  expect(told).toEqual([...new Set(named)].filter((stack) => stack !== undefined));
});

test("modules beside the script are the program's own, those of a library are not", async () => {
  const folder = new_folder();
  const helper =
    "import socket\ndef make():\n    return socket.socketpair()\ndef word():\n    return b'x'\n";
  writeFileSync(join(folder, "helper.py"), helper);
  const path = join(folder, "main.py");
  const main =
    "import helper\nleft, right = helper.make()\nleft.send(helper.word())\nright.close()\n";
  writeFileSync(path, main);
  const { lines, calls } = await record_python(path);
  const places = ["socketpair", "sendto", "close"].map((name) => {
    const { stack } = calls.find(({ syscall }) => syscall === name)!;
    const { frames } = of_kind(lines, "stack").find((line) => line.stack === stack)!;
    return frames.map(([function_name, file, line]) => [function_name, basename(file), line]);
  });
  expect(places).toEqual([
    [
      ["make", "helper.py", 3],
      ["<module>", "main.py", 2],
    ],
    // What it calls in the middle of the line is over by then.
    [["<module>", "main.py", 3]],
    [["<module>", "main.py", 4]],
  ]);
});

test("what is closed is not watched any more, and a number that is given again is another life", async () => {
  const { calls } = await record_python(
    script(`
import select, socket
left, right = socket.socketpair()
poller = select.epoll()
poller.register(left, select.EPOLLIN)
poller.register(right, select.EPOLLOUT)
poller.poll(0)
right.close()
poller.poll(0)
again = socket.socket()
poller.register(again, select.EPOLLIN)
poller.poll(0)
`),
  );
  const [pair] = calls;
  const [left, right] = pair.made!;
  const again = calls.find(({ syscall }) => syscall === "socket")!.made![0];
  expect(again.fd).toBe(right.fd);
  expect(again.life).not.toBe(right.life);
  expect(calls.flatMap(({ wake }) => (wake === undefined ? [] : [wake.interest]))).toEqual([
    [
      [left.fd, left.life, 1],
      [right.fd, right.life, 2],
    ],
    [[left.fd, left.life, 1]],
    [
      [left.fd, left.life, 1],
      [again.fd, again.life, 1],
    ],
  ]);
});

test("what a Python program with a message of many bytes prints and sends is told in part", async () => {
  const { lines, calls } = await record_python(
    script(`
import socket
left, right = socket.socketpair()
left.sendall(b"\\x00'\\xff" * 100)
print("\u{1F400}" * 2000)
`),
  );
  expect(calls.find(({ syscall }) => syscall === "sendto")).toMatchObject({
    bytes: 300,
    data: `${"\\x00'\\xff".repeat(21)}\\x00`,
  });
  const [print] = of_kind(lines, "print");
  expect(print.text).toBe(`${"\u{1F400}".repeat(1024)}...`);
});

test("a program on node:net: its sockets, and the turns of the loop that is not its own", async () => {
  const port = await reserve();
  const [, path] = compiled("scripts/net/multiconn-server.ts");
  const run = net_command(path, [HOST, String(port)], new_folder());
  const { lines, calls, ending } = await record(run, async (server) => {
    await server.printed("Listening on");
    await say(port, "Hello");
    await server.printed("Closing connection");
    server.kill("SIGINT");
  });
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  expect(lines[0]).toMatchObject({ runs_on: "net", seen_by: "strace", program: basename(path) });
  expect(of_kind(lines, "source")).toMatchObject([{ path, text: readFileSync(path, "utf8") }]);
  const without_loop = calls.filter(({ syscall }) => !syscall!.startsWith("epoll"));
  expect(without_loop.map(({ syscall }) => syscall)).toEqual(
    "socket setsockopt bind listen accept4 getpeername read write read shutdown close".split(" "),
  );
  const accepted = calls.find(({ syscall }) => syscall === "accept4")!.made![0];
  const about = calls.filter(({ life }) => life === accepted.life);
  expect(about.find(({ name }) => name === "read")).toMatchObject({ bytes: 5, data: "Hello" });
  expect(about.find(({ name }) => name === "write")).toMatchObject({ bytes: 5, data: "Hello" });
  expect(about.at(-1)).toMatchObject({ name: "close", ended: accepted.life });
  // What Node's loop watches for itself is not told of.
  const wakes = calls.flatMap(({ wake }) => wake ?? []);
  const known = new Set(calls.flatMap(({ made = [] }) => made.map(({ life }) => life)));
  expect(wakes.flatMap(({ ready }) => ready).every(([, life]) => known.has(life))).toBe(true);
  expect(wakes.some(({ ready }) => ready.some(([, life]) => life === accepted.life))).toBe(true);
  expect(of_kind(lines, "print").map((line) => line.text)).toContain(
    "Caught keyboard interrupt, exiting.\n",
  );
});

test("TypeScript on node:net is run as it is, and tsx's own sockets are none of its", async () => {
  const path = script(
    'import { createServer } from "node:net";\nconst server: unknown = createServer().listen(0, function (this: import("node:net").Server) { this.close(); });\n',
    "net.ts",
  );
  const { calls, ending } = await record(net_command(path, [], new_folder()));
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  expect(calls[0]).toMatchObject({ syscall: "socket" });
  expect(calls.flatMap(({ made = [] }) => made)).toHaveLength(1);
});

/** Of a merged recording, when a process was in a call for the first time: its beginning and its end. */
function first_time(lines: readonly Line[], process: number, syscall: string) {
  const call = of_kind(lines, "call").find(
    (line) => line.process === process && line.syscall === syscall && line.errno === undefined,
  )!;
  return { began: call.t, ended: call.t + call.d };
}

/** What may be between two clocks that were read by two processes, in nanoseconds. */
const CLOCKS_NS = 1e6;

test("the two sides of a connection are on one clock: nothing is received before it was sent", async () => {
  await reserve(ECHO_PORT);
  const run = python_command("scripts/echo-server.py", [], new_folder());
  const server = new Command(run.command);
  await server.listening(ECHO_PORT);
  const file = join(new_folder(), "client.jsonl");
  // The client's clock is that of its own process, the server's that of strace.
  const trace = new URL("../../build-test/lib/trace.js", import.meta.url).href;
  const tap = `import { start } from ${JSON.stringify(trace)}; start(${JSON.stringify(file)});`;
  const [node, client] = compiled("scripts/echo-client.ts");
  const tapped = [node, `--import=data:text/javascript,${encodeURIComponent(tap)}`, client];
  expect(await new Command(tapped).ended).toMatchObject({ status: 0, stderr: "" });
  await server.ended;
  const recordings = [parse_recording(readFileSync(file, "utf8"), file).lines, await run.lines()];
  const { lines, warnings } = merge(recordings);
  expect(warnings).toEqual([]);
  // The server was there first.
  expect(of_kind(lines, "header").map(({ program }) => program)).toEqual([
    "echo-server.py",
    "echo-client.js",
  ]);
  const times = of_kind(lines, "call").map(({ t }) => t);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  const accepted = first_time(lines, 0, "accept4");
  const connected = first_time(lines, 1, "connect");
  expect(accepted.began).toBeLessThan(connected.began + CLOCKS_NS);
  expect(accepted.ended).toBeGreaterThan(connected.began - CLOCKS_NS);
  const asked = first_time(lines, 1, "sendto");
  const heard = first_time(lines, 0, "recvfrom");
  expect(heard.ended).toBeGreaterThan(asked.began - CLOCKS_NS);
  const answered = first_time(lines, 0, "sendto");
  const received = first_time(lines, 1, "recvfrom");
  expect(received.ended).toBeGreaterThan(answered.began - CLOCKS_NS);
  // And what was awaited came at once: the clocks are not just any time apart.
  expect(accepted.ended - connected.began).toBeLessThan(1e9);
});

test("what is missing is said before anything is started", async () => {
  const folder = new_folder();
  const path = script("");
  const attempt = () => python_command(path, [], folder);
  expect(() => python_command("none.py", [], folder)).toThrow(
    new UsageError("No such file: none.py."),
  );
  expect(() => net_command("none.js", [], folder)).toThrow(UsageError);
  vi.stubEnv("PYTHON", "no-such-python");
  expect(attempt).toThrow(/^Cannot run no-such-python, .* install Python 3\.$/);
  vi.stubEnv(
    "PYTHON",
    execFileSync(PYTHON, ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim(),
  );
  vi.stubEnv("PATH", folder);
  expect(attempt).toThrow(/^strace is not installed, .*: install it/);
  vi.unstubAllEnvs();
});

/** Puts a program named strace before all others: a shell script. */
function stub_strace(source: string): void {
  const path = script(`#!/bin/sh\n${source}`, "strace");
  chmodSync(path, 0o755);
  vi.stubEnv("PATH", `${dirname(path)}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

test("a strace that knows no nanoseconds will do", async () => {
  const real = execFileSync("which", ["strace"], { encoding: "utf8" }).trim();
  stub_strace(`case "$*" in *--absolute*) echo unknown >&2; exit 1;; esac\nexec ${real} "$@"`);
  const { calls, ending } = await record_python(script("import socket\nsocket.socket().close()"));
  expect(ending).toMatchObject({ status: 0, stderr: "" });
  expect(calls.map(({ syscall }) => syscall)).toEqual(["socket", "close"]);
  expect(calls.every(({ t, d }) => t > 0 && t % 1000 === 0 && d % 1000 === 0)).toBe(true);
});

test("a strace that may not trace says so, before anything is started", () => {
  stub_strace("echo 'strace: test_ptrace_get_syscall_info: Operation not permitted' >&2; exit 1");
  expect(() => python_command(script(""), [], new_folder())).toThrow(
    /^strace is not permitted to trace programs: "strace: .*Operation not permitted"\. In a container, allow/,
  );
});
