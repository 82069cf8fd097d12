/** What a recording through strace says: wake-ups, lives, lines of source, texts, times. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { beforeEach, expect, test } from "vitest";

import type { Header, Life, Line, Source, Stack } from "../../lib/trace/recording.ts";
import { net_command } from "../../tools/record/net.ts";
import { python_command } from "../../tools/record/python.ts";
import { to_events } from "../../tools/recording/masks.ts";
import { merge } from "../../tools/recording/merge.ts";
import { parse as parse_recording } from "../../tools/recording/parse.ts";
import { compiled, Command } from "../support/commands.ts";
import { reserve } from "../support/ports.ts";
import { PYTHON } from "../support/python.ts";
import {
  HOST,
  new_folder,
  script,
  record,
  record_python,
  of_kind,
  say,
  echoing,
  ECHO_PORT,
} from "../support/straced.ts";
import { needs } from "../support/tools.ts";

beforeEach(() => needs("strace", "python3"));

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

test("a socket's wait with a timeout is no turn of a loop, a program's own poll is", async () => {
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
  const recordings = [
    parse_recording(readFileSync(file, "utf8"), file).lines,
    ...(await run.recorded()),
  ];
  const { lines: merged, warnings } = merge(recordings);
  const lines = [...merged];
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
