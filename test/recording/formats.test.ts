/** Recordings written as strace prints, and as Perfetto and chrome://tracing read. */
import { describe, expect, test } from "vitest";

import type { Call, Header, Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../../tools/recording/chrome.ts";
import { merge } from "../../tools/recording/merge.ts";
import { read } from "../../tools/recording/read.ts";
import { to_strace } from "../../tools/recording/strace/text.ts";
import { compiled } from "../support/commands.ts";
import { file_with, run_plainly, self_recorded, header, print } from "../support/recordings.ts";
import { traced } from "../support/strace.ts";
import { calls_in, comparable } from "../support/straced.ts";
import { is_linux, waiting_call } from "../support/system.ts";

const lines = self_recorded();
const calls = lines.filter((line): line is Call => line.kind === "call");

/** Runs the program, under strace perhaps; returns where the recording is. */
function recorded(selector: string, run: (command: readonly string[]) => void): string {
  const path = file_with("");
  run([...compiled("test/support/programs/recorded.ts"), path, selector]);
  return path;
}

/** What the program does besides: strace is not asked for it. */
const not_asked_for = new Set(["sendmsg", "recvmsg", "fcntl"]);

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

  test.skipIf(!is_linux).each(["EpollSelector", "PollSelector", "SelectSelector"])(
    "a program's own recording has the text that strace prints of it: %s",
    async (selector) => {
      let run: ReturnType<typeof traced> | undefined;
      const path = recorded(selector, (command) => {
        run = traced(command, names);
        run_plainly(run.command);
      });
      const theirs = comparable(await run!.calls());
      const { lines: own } = read(path);
      const ours = calls_in([...own]).filter(({ name }) => !not_asked_for.has(name));
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
  expect([...to_strace([header, second, listens, pure, failed, end])]).toEqual([
    `4321  ${seconds}.001234 listen(7, 5)    = 0 <0.000012>\n`,
    `77    ${seconds}.001234 sendto(7, "a \\"b\\"\\n\\0001"..., 99, MSG_DONTWAIT, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable) <0.000012>\n`,
    `77    ${Number(seconds) + 2}.000000 +++ killed by SIGKILL +++\n`,
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

function events_of(of: Iterable<Line>): TraceEvent[] {
  const { traceEvents } = JSON.parse([...to_chrome(of)].join("")) as { traceEvents: TraceEvent[] };
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
    const slept = events.find(({ name }) => name === `asleep in ${waiting_call}`)!;
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
