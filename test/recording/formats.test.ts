/** Recordings read, merged, and written in other formats: of a program that uses sockets in many ways. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as fc from "fast-check";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

import type { Call, Header, Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../../tools/recording/chrome.ts";
import { merge } from "../../tools/recording/merge.ts";
import { BadRecording, parse, Parser } from "../../tools/recording/parse.ts";
import { from_python, to_python } from "../../tools/recording/python-bytes.ts";
import { read } from "../../tools/recording/read.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";
import { compiled } from "../support/commands.ts";
import { on_sockets, parse as parse_strace, renamed, text, traced } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";

function file_with(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "run.jsonl");
  writeFileSync(path, content);
  return path;
}

/** What the program in test/support/programs/recorded.ts has recorded of itself. */
let lines: readonly Line[];
let jsonl: string;
let calls: readonly Call[];

/** Runs the program, under strace perhaps; returns where the recording is. */
function recorded(selector: string, run: (command: readonly string[]) => void): string {
  const path = file_with("");
  run([...compiled("test/support/programs/recorded.ts"), path, selector]);
  return path;
}

function run_plainly([file, ...args]: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "iomux-recording-"));
  const path = join(folder, "run.jsonl");
  run_plainly([...compiled("test/support/programs/recorded.ts"), path, "EpollSelector"]);
  const recording = await read(path);
  rmSync(folder, { recursive: true });
  expect(recording.cut).toBe(false);
  ({ lines } = recording);
  calls = lines.filter((line) => line.kind === "call");
  jsonl = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
});

const header: Header = {
  kind: "header",
  format: "iomux-recording",
  version: 1,
  pid: 4321,
  program: "server.ts",
  argv: ["server.ts"],
  runs_on: "iomux",
  seen_by: "iomux",
  runtime: "Node.js v20.20.2",
  platform: "linux",
  started: "2026-01-02T03:04:05.000Z",
  clock: "5000000000",
  why: false,
  watch: [],
};

const first_line = JSON.stringify(header);

describe("reading", () => {
  test("a recording comes back as it was, from a file and from text", async () => {
    expect(calls.length).toBeGreaterThan(50);
    expect(await read(file_with(jsonl))).toEqual({ lines, cut: false });
    expect(parse(jsonl, "it")).toEqual({ lines, cut: false });
    expect(parse(jsonl.trimEnd(), "it")).toEqual({ lines, cut: false });
  });

  test("a recording comes back as it was, however it is cut into pieces", () => {
    const some = jsonl.slice(0, 20_000).replace(/[^\n]*$/, "");
    const { lines: expected } = parse(some, "it");
    const places = fc.array(fc.nat(some.length), { maxLength: 20 });
    fc.assert(
      fc.property(places, (cuts) => {
        const parser = new Parser("it");
        const edges = [0, ...cuts.toSorted((left, right) => left - right), some.length];
        const pieces = edges.slice(1).map((edge, index) => some.slice(edges[index], edge));
        const got = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end().lines];
        expect(got).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("wherever a recording is cut off, the lines before are there, and that it was cut is said", () => {
    const some = jsonl.slice(0, 10_000);
    const after_header = some.indexOf("\n") + 1;
    fc.assert(
      fc.property(fc.integer({ min: after_header, max: some.length }), (length) => {
        const text_before = some.slice(0, length);
        const whole = text_before.split("\n");
        const rest = whole.pop()!;
        const is_whole = rest === "" || some[length] === "\n";
        const { lines: got, cut } = parse(text_before, "it");
        expect(cut).toBe(!is_whole);
        expect(got).toEqual(lines.slice(0, whole.length + (is_whole && rest !== "" ? 1 : 0)));
      }),
      { numRuns: 200 },
    );
  });

  const call = { kind: "call", call: 0, t: 0, d: 0, name: "recv", args: {}, result: 0, loop: 0 };
  const then = (line: unknown) => `${first_line}\n${JSON.stringify(line)}\n`;

  test.each([
    ["nothing", "", /^run is empty\. .* `npx iomux trace`\.$/],
    [
      "text",
      "Hello\nworld\n",
      /^run is not an iomux recording: its first line is not a header\. Make/,
    ],
    ["a picture", "\x89PNG\r\n\x1a\n\0\0", /^run is not an iomux recording/],
    ["JSON of others", '{"traceEvents":[]}', /^run is not an iomux recording/],
    ["half of a header", first_line.slice(0, 40), /^run is not an iomux recording/],
    ["an empty line first", `\n${first_line}\n`, /^run is not an iomux recording/],
    [
      "another version",
      first_line.replace('"version":1', '"version":2'),
      /^run is a version 2 recording, and this iomux reads version 1: /,
    ],
    [
      "half a line in the middle",
      `${first_line}\n{"kind":"ca\n${JSON.stringify(call)}\n`,
      /^run is damaged: line 2 is not a JSON object\. Record/,
    ],
    ["a list", then([]), /line 2 is not a JSON object/],
    ["no kind", then({}), /line 2 has no kind/],
    [
      "a process unheard of",
      then({ ...call, process: 3 }),
      /line 2 belongs to process 3, which has no header/,
    ],
    [
      "a process of no number",
      then({ ...call, process: "x" }),
      /line 2 has a process that is not a number/,
    ],
    [
      "a call without a time",
      then({ ...call, t: undefined }),
      /line 2 is a call without a valid "t"/,
    ],
    [
      "a call without arguments",
      then({ ...call, args: null }),
      /line 2 is a call without a valid "args"/,
    ],
    [
      "a wake-up that says nothing",
      then({ ...call, wake: {} }),
      /line 2 is a call without a valid "wake"/,
    ],
    [
      "a life without a number",
      then({ ...call, made: [{}] }),
      /line 2 is a call without a valid "made"/,
    ],
    [
      "a clock that is none",
      first_line.replace("5000000000", "soon"),
      /line 1 is a header without a valid "clock"/,
    ],
  ])("what is no recording is refused, in a sentence that says why: %s", (_, content, message) => {
    expect(() => parse(content, "run")).toThrow(BadRecording);
    expect(() => parse(content, "run")).toThrow(message);
  });

  test("a file that cannot be read is no recording", async () => {
    await expect(read("no-such.jsonl")).rejects.toThrow(
      new BadRecording("No such file: no-such.jsonl. Make a recording with `npx iomux trace`."),
    );
    await expect(read(tmpdir())).rejects.toThrow(/ is a directory: name the recording in it\.$/);
    const path = file_with("{}");
    await expect(read(path)).rejects.toThrow(`${path} is not an iomux recording`);
  });

  test("a line of a kind that is not known yet is passed over", () => {
    expect(parse(then({ kind: "weather", rain: true }), "it").lines).toEqual([header]);
    expect(parse(then({ kind: "toString" }), "it").lines).toEqual([header]);
  });
});

test("bytes as Python prints them are the same bytes again", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(from_python(to_python(bytes))).toEqual(bytes);
    }),
  );
  expect(to_python(Buffer.from("Hé\\\r\n\t'\0"))).toBe(String.raw`H\xc3\xa9\\\r\n\t'\x00`);
});

function print(t: number, words: string): Line {
  return { kind: "print", t, fd: 1, text: words };
}

describe("merging", () => {
  const later: Header = {
    ...header,
    pid: 5000,
    program: "client.ts",
    started: "2026-01-02T03:04:06.500Z",
    clock: "6500000000",
  };

  test("two processes are on the clock of the first, in the order of time", () => {
    const server: Line[] = [header, print(100, "a"), print(2_000_000_000, "d")];
    const client: Line[] = [later, print(200, "b"), print(300, "c")];
    const { lines: merged, warnings } = merge([client, server]);
    expect(warnings).toEqual([]);
    expect(merged).toEqual([
      { ...header, process: 0 },
      { ...print(100, "a"), process: 0 },
      { ...later, clock: header.clock, process: 1 },
      { ...print(1_500_000_200, "b"), process: 1 },
      { ...print(1_500_000_300, "c"), process: 1 },
      { ...print(2_000_000_000, "d"), process: 0 },
    ]);
    // What was merged can be merged again, with another or alone.
    expect(merge([merged]).lines).toEqual(merged);
    const third: Header = {
      ...later,
      pid: 6000,
      started: "2026-01-02T03:04:07.000Z",
      clock: "7000000000",
    };
    const again = merge([[third, print(5, "e")], merged]);
    expect(again.warnings).toEqual([]);
    expect(again.lines.flatMap((line) => ("text" in line ? line.text : ""))).toEqual([
      "",
      "a",
      "",
      "b",
      "c",
      "d",
      "",
      "e",
    ]);
    expect(again.lines.flatMap((line) => (line.kind === "header" ? line.pid : []))).toEqual([
      4321, 5000, 6000,
    ]);
  });

  test("the lines of each process stay in their order, whatever their times", () => {
    const moments = fc.array(fc.nat(1000), { maxLength: 30 });
    fc.assert(
      fc.property(moments, moments, fc.nat(500), (left, right, shift) => {
        const other = { ...header, clock: String(BigInt(header.clock) + BigInt(shift)) };
        const one = [header, ...left.map((t, index) => print(t, String(index)))];
        const two = [other, ...right.map((t, index) => print(t, String(index)))];
        const { lines: merged } = merge([one, two]);
        for (const [process, own] of [one, two].entries()) {
          const again = merged.filter((line) => line.process === process);
          expect(again.map((line) => ("text" in line ? line.text : ""))).toEqual(
            own.map((line) => ("text" in line ? line.text : "")),
          );
        }
      }),
    );
  });

  test("a recording of another machine is warned of", () => {
    const rebooted: Header = { ...later, started: "2026-01-02T04:00:00.000Z", clock: "100000000" };
    expect(merge([[header], [rebooted]]).warnings).toEqual([
      "client.ts (pid 5000) was not recorded on the same machine as server.ts (pid 4321), or not since " +
        "the same boot: their order is unknown. Record both together, on one machine.",
    ]);
    expect(merge([[header], [later]]).warnings).toEqual([]);
    expect(merge([])).toEqual({ lines: [], warnings: [] });
  });
});

/** Without what a recording does not say: where in memory something is, and the room that there was for an address. */
function comparable(all: readonly SystemCall[]): string[] {
  const own = on_sockets(all)
    .filter(({ name }) => !["sendmsg", "recvmsg", "fcntl"].includes(name))
    .map(({ name, args, result }) => ({
      name,
      args: args.map((arg) => arg.replace(/^\[\d+ => (\d+)\]$/, "[$1]")),
      result,
    }));
  return renamed(own).map((call) => text(call).replaceAll(/pointer(?:, \[\d+\])?/g, "..."));
}

describe("as strace prints it", () => {
  const names = [
    ..."socket socketpair bind listen accept4 connect getsockname getpeername sendto recvfrom".split(
      " ",
    ),
    ..."shutdown getsockopt setsockopt close ioctl epoll_create1 epoll_ctl epoll_wait poll".split(
      " ",
    ),
    ..."select pselect6".split(" "),
  ];

  test.each(["EpollSelector", "PollSelector", "SelectSelector"])(
    "a program's own recording has the text that strace prints of it: %s",
    async (selector) => {
      let run: ReturnType<typeof traced> | undefined;
      const path = recorded(selector, (command) => {
        run = traced(command, names);
        run_plainly(run.command);
      });
      const theirs = comparable(await run!.calls());
      const { lines: own } = await read(path);
      const printed = to_strace(own).replaceAll(/^\d+ +[\d.]+ | <[\d.]+>$/gm, "");
      const ours = parse_strace(printed).map(({ name, args, result }) => ({
        name,
        args: args.filter((arg, index) => arg !== "..." || args[index - 1] !== "..."),
        result,
      }));
      expect(comparable(ours)).toEqual(theirs);
      expect(theirs.length).toBeGreaterThan(40);
    },
  );
});

test("strace's columns: process, time by the calendar, result from column 40 on", () => {
  const call = { kind: "call", call: 0, t: 1_234_567, d: 12_345, loop: 0 } as const;
  const listens: Line = {
    ...call,
    name: "listen",
    syscall: "listen",
    args: { fd: 7, backlog: 5 },
    result: 0,
  };
  const pure: Line = { ...call, name: "cmsg_len", args: { length: 5 }, result: 21 };
  const data = String.raw`a "b"\n\x001`;
  const failed: Line = {
    ...call,
    process: 1,
    name: "send",
    syscall: "sendto",
    args: { fd: 7, offset: 0, length: 99, flags: "MSG_DONTWAIT", may_block: false },
    result: null,
    errno: "EAGAIN",
    bytes: 0,
    data,
  };
  const end: Line = { kind: "end", process: 1, t: 2e9, status: null, signal: "SIGKILL" };
  const second: Header = { ...header, process: 1, pid: 77, started: "2026-01-02T03:04:06.000Z" };
  const { started } = header;
  const [seconds] = String(Date.parse(started) / 1e3).split(".");
  expect(to_strace([header, second, listens, pure, failed, end]).split("\n")).toEqual([
    `4321  ${seconds}.001234 listen(7, 5)    = 0 <0.000012>`,
    String.raw`77    ${seconds}.001234 sendto(7, "a \"b\"\n\0001"..., 99, MSG_DONTWAIT, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable) <0.000012>`,
    `77    ${Number(seconds) + 2}.000000 +++ killed by SIGKILL +++`,
    "",
  ]);
});

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly cat?: string;
  readonly s?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

function events_of(of: readonly Line[]): TraceEvent[] {
  const { traceEvents } = JSON.parse(to_chrome(of)) as { traceEvents: TraceEvent[] };
  return traceEvents;
}

/** What the Trace Event Format demands of each phase. */
function expect_valid({ name, ph, pid, tid, ts, dur, s, args }: TraceEvent): void {
  expect(name).not.toBe("");
  expect([pid, tid].every(Number.isSafeInteger)).toBe(true);
  if (ph === "M") {
    const metadata = {
      process_name: "name",
      process_labels: "labels",
      thread_name: "name",
      thread_sort_index: "sort_index",
    };
    expect(Object.keys(args)).toEqual([metadata[name as keyof typeof metadata]]);
    return;
  }
  expect(ts).toBeGreaterThanOrEqual(0);
  if (ph === "X") expect(dur).toBeGreaterThanOrEqual(0);
  else if (ph === "i") expect(["t", "p", "g"]).toContain(s);
  else {
    expect(ph).toBe("C");
    expect(Object.values(args).every((value) => typeof value === "number")).toBe(true);
  }
}

/** Things that take time on one track are one after the other, or one in the other. */
function expect_nested(events: readonly TraceEvent[]): void {
  const in_ns = events
    .map(({ name, ts, dur }) => ({
      name,
      from: Math.round(ts * 1e3),
      to: Math.round((ts + dur) * 1e3),
    }))
    .toSorted((left, right) => left.from - right.from || right.to - left.to);
  const open: typeof in_ns = [];
  for (const event of in_ns) {
    while (open.length > 0 && open.at(-1)!.to <= event.from) open.pop();
    const [around] = open.slice(-1);
    if (around !== undefined)
      expect(around.to, `${event.name} in ${around.name}`).toBeGreaterThanOrEqual(event.to);
    open.push(event);
  }
}

function times({ ts, dur }: TraceEvent): number[] {
  return [Math.round(ts * 1e3), Math.round(dur * 1e3)];
}

describe("for Perfetto and chrome://tracing", () => {
  test("each event has what the format demands, each track a name, and its events do not overlap", () => {
    const two = merge([
      lines,
      lines.map((line) => (line.kind === "header" ? { ...line, pid: 1 } : line)),
    ]);
    const events = events_of(two.lines);
    for (const event of events) expect_valid(event);
    const named = events.filter(({ name }) => name === "thread_name").map(({ tid }) => tid);
    expect(new Set(named).size).toBe(named.length);
    const timed = events.filter(({ ph }) => ph === "X");
    for (const tid of named) expect_nested(timed.filter((event) => event.tid === tid));
    expect(timed.every(({ tid }) => named.includes(tid))).toBe(true);
    expect(events.filter(({ name }) => name === "process_name")).toHaveLength(2);
  });

  test("every wait, call, life, print and fault is there, at its time", () => {
    const fault: Line = { kind: "fault", t: 6000, name: "rst", text: "A reset." };
    const events = events_of([...lines, print(5000, "Hello\n"), fault]);
    const waits = calls.filter(({ wake }) => wake !== undefined);
    expect(waits.length).toBeGreaterThan(5);
    expect(events.filter(({ cat }) => cat === "wait").map(times)).toEqual(
      waits.map(({ t, d }) => [t, d]),
    );
    const others = calls.filter(({ wake }) => wake === undefined);
    expect(events.filter(({ cat }) => cat === "call").map(times)).toEqual(
      others.map(({ t, d }) => [t, d]),
    );
    const made = calls.flatMap((call) => call.made ?? []);
    const lives = new Set([...made, ...calls].flatMap(({ life }) => life ?? []));
    expect(events.filter(({ cat }) => cat === "life")).toHaveLength(lives.size);
    expect(events.filter(({ ph }) => ph === "i").map(({ name, ts }) => [name, ts])).toEqual([
      ["ended with status null", expect.any(Number)],
      ["Hello", 5],
      ["fault: rst", 6],
    ]);
    const slept = events.find(({ name }) => name === "asleep in epoll_wait")!;
    expect(slept.args).toMatchObject({
      ready: [expect.stringMatching(/^fd \d+ POLLIN$/)],
      selected: [expect.stringMatching(/^fd \d+ EVENT_READ$/)],
      at: expect.stringMatching(/recorded\.[jt]s:\d+ in <module>$/),
    });
  });

  test("queues and buffers are counters", () => {
    const why = {
      fd: 7,
      life: 1,
      receive: 5,
      send: 0,
      send_room: 9,
      receive_room: 9,
      state: null,
      error: false,
    };
    const call: Call = {
      kind: "call",
      call: 0,
      t: 1000,
      d: 500,
      name: "epoll_wait",
      syscall: "epoll_wait",
      args: {},
      result: 1,
      loop: 1,
      wake: { by: "epoll", poller: 2, timeout: null, ready: [[7, 1, 1]], why: [why] },
      watched: { 1: { outb: { bytes: 12, data: "" }, state: { value: "3" } } },
    };
    const counters = events_of([header, call]).filter(({ ph }) => ph === "C");
    expect(counters.map(({ name, ts, args }) => [name, ts, args])).toEqual([
      ["fd 7 (life 1): kernel's queues", 1.5, { receive: 5, send: 0 }],
      ["life 1: outb", 1, { bytes: 12 }],
    ]);
  });
});
