/** What a program with a selector asks of the system: the calls that CPython makes, and no others. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

import { compiled } from "../support/commands.ts";
import { PYTHON } from "../support/python.ts";
import { not_on } from "../support/runtime.ts";
import { between, on_sockets, parse, renamed, text, trace } from "../support/strace.ts";
import type { SystemCall } from "../support/strace.ts";
import { is_linux } from "../support/system.ts";
import { has, needs } from "../support/tools.ts";

const names = (
  "write openat socketpair close epoll_create1 epoll_ctl epoll_wait epoll_pwait poll ppoll " +
  "select pselect6"
).split(" ");

/** Timeouts of all sizes, for selectors in which something is ready: none of them is waited for. */
const remarkable = `
  5e-324 1e-9 0.0009999 0.001 0.0010001 0.009 0.07 0.1 0.25 1.1 5 1e5 2147483 2147483.646
  2147483.647 2147483.648 2147484 4294967.296 9e9 9007199254 9223372037
  9007199.254740991 9007199.254740993 9007200 10000000.000000001`;
const times = [
  ...remarkable.trim().split(/\s+/).map(Number),
  ...fc.sample(fc.double({ min: 0, max: 0.1, noNaN: true }), { numRuns: 60, seed: 1 }),
  ...fc.sample(fc.double({ min: 0, max: 1e4, noNaN: true }), { numRuns: 60, seed: 2 }),
  ...fc.sample(fc.integer({ min: 1, max: 100_000 }), { numRuns: 60, seed: 3 }).map((n) => n / 1e3),
  ...fc.sample(fc.integer({ min: 1, max: 2 ** 31 }), { numRuns: 60, seed: 4 }).map((n) => n / 1e6),
].filter((seconds) => seconds > 0);

let theirs: SystemCall[] = [];
let ours: SystemCall[] = [];

beforeAll(async () => {
  if (!is_linux || !has("strace") || !has("python3")) return;
  const argument = JSON.stringify(times);
  [theirs, ours] = await Promise.all([
    trace([PYTHON, "test/support/programs/selector-calls.py", argument], names),
    trace([...compiled("test/support/programs/selector-calls.ts"), argument], names),
  ]);
});

function calls_of(part: string, calls: readonly SystemCall[]): string[] {
  needs("strace", "python3");
  const files = new Set<string>();
  const own = between(calls, `begin ${part}\\n`, `end ${part}\\n`).filter(
    ({ name, args, result }) => {
      // Bun's garbage collector reads a file, whenever it runs.
      if (name === "openat") files.add(result);
      if (name === "openat" || (name === "close" && files.delete(args[0]))) return false;
      // What else is written in between is for Node's own threads.
      return name !== "write";
    },
  );
  return renamed(own).map(text);
}

describe.skipIf(!is_linux).each(["EpollSelector", "PollSelector", "SelectSelector"])(
  "%s makes CPython's system calls",
  (name) => {
    test.each([
      ["idle", "timeouts that run out, and an empty selector"],
      ["ready", "timeouts of all sizes, while something is ready"],
      ["changes", "register, modify and unregister"],
      ["misuse", "what raises"],
    ])("%s: %s", (program) => {
      const part = `${name} ${program}`;
      expect(calls_of(part, ours)).toEqual(calls_of(part, theirs));
    });
  },
);

test.skipIf(!is_linux).each(["epoll", "poll", "select"])(
  "select.%s makes CPython's system calls",
  (part) => {
    if (part === "select") not_on("Bun", "its table of descriptors is larger, and select() tells");
    expect(calls_of(part, ours)).toEqual(calls_of(part, theirs));
  },
);

function waits(name: string): string[] {
  const calls = calls_of(`${name} idle`, ours);
  return calls.filter((call) => /^(?:epoll_wait|poll|pselect6)/.test(call)).slice(0, 7);
}

test.skipIf(!is_linux)("epoll's timeouts are made of rounded seconds, poll's are not", () => {
  const in_epoll = [70, 10, 1, 1, 0, 0, 0];
  expect(waits("EpollSelector")).toEqual(in_epoll.map((ms) => `epoll_wait(fd1, [], 1, ${ms}) = 0`));
  const in_poll = [70, 9, 1, 1, 0, 0, 0];
  expect(waits("PollSelector")).toEqual(
    in_poll.map((ms) => expect.stringMatching(`^poll\\(.*, 0, ${ms}\\) = 0`) as string),
  );
  const in_select = [70e6, 9e6, 5e5, 1000, 0, 0, 0];
  expect(waits("SelectSelector")).toEqual(
    in_select.map((ns) => expect.stringContaining(`{tv_sec=0, tv_nsec=${ns}}`) as string),
  );
});

test.skipIf(!is_linux)("`modify` that changes only data makes no system call", () => {
  const calls = calls_of("EpollSelector changes", ours);
  const changes = calls.filter((call) => call.startsWith("epoll_ctl"));
  expect(changes.slice(0, 3).map((call) => call.split(", ", 4).slice(1))).toEqual([
    ["EPOLL_CTL_ADD", "fd2", "{events=EPOLLIN"],
    ["EPOLL_CTL_MOD", "fd2", "{events=EPOLLOUT"],
    ["EPOLL_CTL_MOD", "fd2", "{events=EPOLLIN|EPOLLOUT"],
  ]);
});

describe("reading strace's output", () => {
  const log = String.raw`execve("/usr/bin/x", ["x", "y, z"], 0x7ffc0000 /* 2 vars */) = 0
write(1, "begin (\"x\", [\n", 14)       = 14
socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0) = 3
close(3)                                = 0
socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
getsockname(3, {sa_family=AF_INET, sin_port=htons(4321), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0
epoll_create1(EPOLL_CLOEXEC)            = 7
epoll_create1(EPOLL_CLOEXEC)            = 8
epoll_ctl(8, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=3, u64=140213502345219}}) = 0
epoll_wait(8, [{events=EPOLLIN, data={u32=3, u64=140213502345219}}], 2, 70) = 1
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=0} ---
accept4(3, {sa_family=AF_INET, sin_port=htons(4322), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = 9
pselect6(10, [3 9], NULL, NULL, {tv_sec=0, tv_nsec=7}, NULL) = 1 (in [9], left {tv_sec=0, tv_nsec=3})
recvfrom(9, "a)\", ", 100, 0, NULL, NULL) = 5
close(9)                                = 0
close(9)                                = -1 EBADF (Bad file descriptor)
epoll_ctl(8, EPOLL_CTL_DEL, 3, 0x7fffcd8b5604) = 0
write(1, "end\n", 4)                    = 4
epoll_wait(8,  <unfinished ...>)        = ?
+++ killed by SIGKILL +++
`;

  test("calls have names, arguments and results", () => {
    const calls = parse(log);
    expect(calls[0].args).toEqual(['"/usr/bin/x"', '["x", "y, z"]', "0x7ffc0000 /* 2 vars */"]);
    expect(calls).toContainEqual({
      name: "recvfrom",
      args: ["9", String.raw`"a)\", "`, "100", "0", "NULL", "NULL"],
      result: "5",
    });
    expect(calls.at(-1)).toEqual({
      name: "epoll_wait",
      args: ["8", "<unfinished ...>"],
      result: "?",
    });
  });

  test("what is between two markers, on sockets, with names for numbers", () => {
    const calls = between(parse(log), "begin", "end");
    expect(renamed(on_sockets(calls)).map(text)).toEqual([
      "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = fd1",
      'bind(fd1, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
      'getsockname(fd1, {sa_family=AF_INET, sin_port=htons(port1), sin_addr=inet_addr("127.0.0.1")}, [16]) = 0',
      "epoll_create1(EPOLL_CLOEXEC) = fd2",
      "epoll_ctl(fd2, EPOLL_CTL_ADD, fd1, {events=EPOLLIN, data=fd1}) = 0",
      "epoll_wait(fd2, [{events=EPOLLIN, data=fd1}], 2, 70) = 1",
      'accept4(fd1, {sa_family=AF_INET, sin_port=htons(port2), sin_addr=inet_addr("127.0.0.1")}, [16], SOCK_CLOEXEC) = fd3',
      "pselect6(highest + 1, [fd1 fd3], NULL, NULL, {tv_sec=0, tv_nsec=7}, NULL) = 1 (in [fd3])",
      String.raw`recvfrom(fd3, "a)\", ", 100, 0, NULL, NULL) = 5`,
      "close(fd3) = 0",
      "epoll_ctl(fd2, EPOLL_CTL_DEL, fd1, pointer) = 0",
    ]);
  });

  test("a marker that was never written is an error", () => {
    expect(() => between(parse(log), "begin", "nothing")).toThrow(
      'the program never wrote "nothing"',
    );
  });
});
