/** What is known of a recorded process: what is open, what is watched, and which function is at work. */
import { describe, expect, test } from "vitest";

import type { Call, Header, Interest, Line } from "../../lib/trace/recording.ts";
import { to_chrome } from "../../tools/recording/chrome.ts";
import { ProcessState } from "../../tools/recording/process-state.ts";

/** The stacks: the loop is in main(), which calls serve() and accept(). */
const frames = [
  ["main", "server.ts", 10],
  ["<module>", "server.ts", 20],
] as const;
const stacks: readonly Line[] = [
  { kind: "stack", stack: 0, frames },
  { kind: "stack", stack: 1, frames: [["serve", "server.ts", 2], ...frames] },
  { kind: "stack", stack: 2, frames: [["accept", "server.ts", 5], ...frames] },
];
const [LOOP, SERVE, ACCEPT] = [0, 1, 2];

let number = 0;

function call(name: string, stack: number, rest: Partial<Call> = {}): Call {
  const t = 100 * number;
  return {
    kind: "call",
    call: number++,
    t,
    d: 10,
    name,
    args: {},
    result: 0,
    loop: 1,
    stack,
    ...rest,
  };
}

function wait(ready: readonly Interest[], interest?: readonly Interest[]): Call {
  const wake = {
    by: "epoll",
    poller: 1,
    timeout: null,
    ready,
    ...(interest && { interest }),
  } as const;
  return call("epoll_wait", LOOP, { fd: 3, life: 1, wake });
}

/** A call on a descriptor whose life has the same number. */
function on(life: number, name: string, stack: number, rest: Partial<Call> = {}): Call {
  return call(name, stack, { fd: life, life, args: { fd: life }, ...rest });
}

function after(...lines: readonly Line[]): ProcessState {
  const process = new ProcessState(0);
  for (const line of [...stacks, ...lines]) process.see(line);
  return process;
}

describe("the function at work", () => {
  const lines = [
    wait([
      [5, 5, 1],
      [6, 6, 1],
      [4, 4, 1],
    ]),
    on(5, "recv", SERVE),
    call("sockaddr_decode", SERVE),
    // Not one that was ready: what is received from one is sent to another.
    on(8, "send", SERVE),
    on(6, "recv", SERVE),
    on(6, "send", SERVE),
    on(4, "accept", ACCEPT),
    wait([[6, 6, 1]]),
    on(6, "recv", SERVE),
  ];

  test("goes on until the loop wakes, or another ready descriptor's turn begins", () => {
    const process = after();
    const turns = lines.map((line) => {
      process.see(line);
      return process.turn;
    });
    expect(turns).toEqual([1, 1, 1, 1, 2, 2, 3, 4, 4]);
  });

  test("is the one that the loop has called, also where the loop is in a function itself", () => {
    const process = after(...lines);
    expect(process.handler(SERVE)).toEqual(["serve", "server.ts", 2]);
    expect(process.handler(LOOP)).toBeNull();
    expect(process.handler(undefined)).toBeNull();
    expect(process.functions(SERVE).map(([name]) => name)).toEqual(["main", "serve"]);
    expect(after().handler(SERVE)).toBeNull();
  });

  test("is on the handlers' track of Perfetto", () => {
    const header: Header = {
      kind: "header",
      format: "iomux-recording",
      version: 1,
      pid: 1,
      program: "server.ts",
      argv: ["server.ts"],
      runs_on: "iomux",
      seen_by: "iomux",
      runtime: "Node.js v20.20.2",
      platform: "linux",
      started: "2026-01-02T03:04:05.000Z",
      clock: "0",
      why: false,
      watch: [],
    };
    const { traceEvents } = JSON.parse([...to_chrome([header, ...stacks, ...lines])].join("")) as {
      traceEvents: { name: string; cat?: string; ts: number; dur: number }[];
    };
    const origin = lines[0].t / 1e3;
    const handlers = traceEvents.filter(({ cat }) => cat === "handler");
    expect(
      handlers.map(({ name, ts, dur }) => [name, Math.round((ts - origin) * 1e3), dur]),
    ).toEqual([
      ["serve", 100, 0.21],
      ["serve", 400, 0.11],
      ["accept", 600, 0.01],
      ["serve", 800, 0.01],
    ]);
  });
});

describe("descriptors", () => {
  const peer = ["127.0.0.1", 40_000];
  const accepts = on(4, "accept", ACCEPT, { made: [{ fd: 5, life: 5, what: "socket", peer }] });

  test("are open from the call that made them, or from before, until they are closed", () => {
    const process = after(on(4, "listen", LOOP), accepts);
    expect(process.begun.map(({ life }) => life)).toEqual([5]);
    expect([...process.open.values()]).toMatchObject([
      { fd: 4, what: "listener", made_by: null, since: 0 },
      { fd: 5, what: "socket", address: peer, made_by: accepts.call, since: accepts.t + accepts.d },
    ]);
    expect(process.name(4, 4)).toBe("fd 4 (the listener)");
    expect(process.name(5, 5)).toBe("fd 5 (peer 127.0.0.1:40000)");
    process.see(on(5, "close", SERVE, { ended: 5 }));
    expect(process.begun).toEqual([]);
    expect([...process.open.keys()]).toEqual([4]);
    expect(process.life_of.get(5)).toBeUndefined();
  });

  test("are known by what they are bound or connected to", () => {
    const address = ["127.0.0.1", 80];
    const begun = { args: { address }, result: null, errno: "EINPROGRESS" };
    const process = after(
      on(7, "connect", LOOP, begun),
      on(8, "connect", LOOP, { ...begun, errno: "ENETUNREACH" }),
    );
    expect(process.open.get(7)?.address).toEqual(address);
    expect(process.open.get(8)?.address).toBeNull();
  });
});

test("what an epoll descriptor watches is what it was told, less what was closed", () => {
  const control = (op: string, fd: number, events: unknown): Call =>
    on(fd, "epoll_ctl", SERVE, { args: { epfd: 3, op: `EPOLL_CTL_${op}`, fd, events } });
  const process = after(
    wait([], [[4, 4, 1]]),
    control("ADD", 5, "EPOLLIN|EPOLLOUT"),
    control("ADD", 6, 1),
    control("MOD", 5, "EPOLLOUT"),
    on(6, "close", SERVE, { ended: 6 }),
  );
  expect([...process.interest(1)]).toEqual([
    [4, { fd: 4, events: 1, stack: undefined }],
    [5, { fd: 5, events: 2, stack: SERVE }],
  ]);
  expect([...process.pollers_of(5)]).toEqual([1]);
  process.see(control("DEL", 5, null));
  expect([...process.interest(1).keys()]).toEqual([4]);
});
