/** Python's signal module: its exceptions, timers, names, and what is done about a signal. */
import { afterEach, describe, expect, test } from "vitest";

import * as select from "iomux/select";
import * as signal from "iomux/signal";

import { start } from "./support/programs.ts";
import { ask_python, attempt, python } from "./support/python.ts";
import { pair } from "./support/sockets.ts";

const { SIGALRM, SIGTERM, SIGUSR2 } = signal;

afterEach(() => {
  signal.setitimer(signal.ITIMER_REAL, 0);
  signal.set_wakeup_fd(-1);
  for (const signum of [SIGALRM, SIGTERM, SIGUSR2]) signal.signal(signum, signal.SIG_DFL);
});

function nobody(): void {}

describe("misuse gets Python's exception", () => {
  const misuses: [string, () => unknown][] = [
    ["signal.signal(0, print)", () => signal.signal(0, nobody)],
    ["signal.signal(65, print)", () => signal.signal(65, nobody)],
    ["signal.signal(-1, print)", () => signal.signal(-1, nobody)],
    ["signal.signal(2**31, print)", () => signal.signal(2 ** 31, nobody)],
    ["signal.signal(15, None)", () => signal.signal(15, null as never)],
    ["signal.signal(15, 2)", () => signal.signal(15, 2 as never)],
    ["signal.signal(15, 'x')", () => signal.signal(15, "x" as never)],
    ["signal.signal(9, print)", () => signal.signal(9, nobody)],
    ["signal.signal(19, signal.SIG_IGN)", () => signal.signal(19, signal.SIG_IGN)],
    ["signal.signal(33, print)", () => signal.signal(33, nobody)],
    ["signal.getsignal(0)", () => signal.getsignal(0)],
    ["signal.getsignal(65)", () => signal.getsignal(65)],
    ["signal.getsignal(None)", () => signal.getsignal(null as never)],
    ["signal.raise_signal(-1)", () => signal.raise_signal(-1)],
    ["signal.raise_signal(65)", () => signal.raise_signal(65)],
    ["signal.raise_signal('x')", () => signal.raise_signal("x" as never)],
    ["signal.alarm(None)", () => signal.alarm(null as never)],
    ["signal.alarm(1.5)", () => signal.alarm(1.5)],
    ["signal.setitimer(99, 1)", () => signal.setitimer(99, 1)],
    ["signal.setitimer(-1, 1)", () => signal.setitimer(-1, 1)],
    ["signal.setitimer(0, -1)", () => signal.setitimer(0, -1)],
    ["signal.setitimer(0, 1, -1)", () => signal.setitimer(0, 1, -1)],
    ["signal.setitimer(0, float('nan'))", () => signal.setitimer(0, Number.NaN)],
    ["signal.setitimer(0, 1e300)", () => signal.setitimer(0, 1e300)],
    ["signal.getitimer(99)", () => signal.getitimer(99)],
    ["signal.set_wakeup_fd('x')", () => signal.set_wakeup_fd("x" as never)],
    ["signal.set_wakeup_fd(1000000)", () => signal.set_wakeup_fd(1_000_000)],
    ["signal.strsignal(0)", () => signal.strsignal(0)],
    ["signal.strsignal(65)", () => signal.strsignal(65)],
  ];
  const theirs = ask_python(
    "import signal\nanswers = [attempt(eval, q)[1] for q in questions]",
    misuses.map(([program]) => program),
  ) as () => unknown[];

  test.each(misuses.map(([program, call], index) => [program, call, index] as const))(
    "%s",
    (_, call, index) => {
      const theirs_of_it = theirs()[index];
      expect(theirs_of_it).not.toBeNull();
      expect(attempt(call)[1]).toEqual(theirs_of_it);
    },
  );

  test("a blocking descriptor to be woken by is a ValueError", () => {
    const [left] = pair();
    expect(() => signal.set_wakeup_fd(left.fileno())).toThrow(
      `the fd ${left.fileno()} must be in non-blocking mode`,
    );
  });

  test("the signal by which this package ends a wait cannot be handled", () => {
    expect(() => signal.signal(signal.SIGRTMAX - 2, nobody)).toThrow("[Errno 22]");
  });

  // Python makes an int of the number first, of whatever has one.
  test.each(["2", 1.5, null])("a signal %s is a TypeError", (signum) => {
    expect(() => signal.signal(signum as number, nobody)).toThrow(TypeError);
  });

  test("in a worker thread", async () => {
    const program = start("signals.ts", ["worker"]);
    expect(JSON.parse(await program.line())).toEqual([
      "ValueError: signal only works in main thread of the main interpreter",
      "ValueError: set_wakeup_fd only works in main thread of the main interpreter",
    ]);
  });
});

describe("what is done about a signal", () => {
  test("is Python's before anybody has said anything", () => {
    expect(signal.getsignal(signal.SIGINT)).toBe(signal.default_int_handler);
    expect(signal.getsignal(signal.SIGPIPE)).toBe(signal.SIG_IGN);
    expect(signal.getsignal(SIGALRM)).toBe(signal.SIG_DFL);
  });

  test("null is for a handler of somebody else", () => {
    process.on("SIGWINCH", nobody);
    expect(signal.getsignal(signal.SIGWINCH)).toBeNull();
    process.off("SIGWINCH", nobody);
  });

  test("signal() returns what was before", () => {
    const [first, second] = [nobody.bind(null), nobody.bind(null)];
    expect(signal.signal(SIGTERM, first)).toBe(signal.SIG_DFL);
    expect(signal.signal(SIGTERM, second)).toBe(first);
    expect(signal.getsignal(SIGTERM)).toBe(second);
    expect(signal.signal(SIGTERM, signal.SIG_IGN)).toBe(second);
    expect(signal.signal(SIGTERM, signal.SIG_DFL)).toBe(signal.SIG_IGN);
    expect(signal.getsignal(SIGTERM)).toBe(signal.SIG_DFL);
  });

  test("default_int_handler raises KeyboardInterrupt", () => {
    expect(() => signal.default_int_handler(2, null)).toThrow(
      expect.objectContaining({ name: "KeyboardInterrupt", message: "" }),
    );
  });
});

describe("timers", () => {
  test("alarm() returns the seconds that were left", () => {
    expect(signal.alarm(100)).toBe(0);
    expect(signal.alarm(0)).toBe(100);
    expect(signal.alarm(0)).toBe(0);
  });

  test("setitimer() returns what was set before, getitimer() what is", () => {
    expect(signal.setitimer(signal.ITIMER_REAL, 100, 2.5)).toEqual([0, 0]);
    const [delay, interval] = signal.getitimer(signal.ITIMER_REAL);
    expect(delay).toBeGreaterThan(90);
    expect(delay).toBeLessThanOrEqual(100);
    expect(interval).toBe(2.5);
    expect(signal.setitimer(signal.ITIMER_REAL, 0)[1]).toBe(2.5);
    expect(signal.getitimer(signal.ITIMER_REAL)).toEqual([0, 0]);
  });

  test("a time that is too short for the system is not none", () => {
    signal.setitimer(signal.ITIMER_REAL, 100, 1e-9);
    expect(signal.getitimer(signal.ITIMER_REAL)[1]).toBe(1e-6);
  });
});

describe("set_wakeup_fd", () => {
  test("has each signal's number written, before its handler runs", () => {
    const [left, right] = pair();
    left.setblocking(false);
    right.settimeout(30);
    const read: number[] = [];
    for (const signum of [SIGTERM, SIGUSR2]) {
      signal.signal(signum, () => void read.push(...right.recv(1)));
    }
    expect(signal.set_wakeup_fd(left.fileno())).toBe(-1);
    signal.raise_signal(SIGTERM);
    signal.raise_signal(SIGUSR2);
    expect(read).toEqual([SIGTERM, SIGUSR2]);
    expect(signal.set_wakeup_fd(-1, { warn_on_full_buffer: false })).toBe(left.fileno());
    expect(signal.set_wakeup_fd(-1)).toBe(-1);
  });

  test("that cannot be written is told on the standard error, as in Python", async () => {
    const { stderr } = await start("signals.ts", ["wakeup"]).ended;
    const ignored = "Exception ignored when trying to write to the signal wakeup fd:";
    const full = [ignored, "BlockingIOError: [Errno 11] Resource temporarily unavailable"];
    const closed = [ignored, "OSError: [Errno 9] Bad file descriptor"];
    const lines = [...full, "handled", "handled", ...full, "handled", ...closed, "handled", ""];
    expect(stderr.split("\n")).toEqual(lines);
  });

  test("wakes a select", () => {
    const [left, right] = pair();
    left.setblocking(false);
    signal.signal(SIGALRM, () => {});
    signal.set_wakeup_fd(left.fileno());
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    expect(select.select([right], [], [])[0]).toEqual([right]);
  });
});

describe("names", () => {
  test("strsignal and valid_signals are Python's", () => {
    const program = `
import signal
answers = [[signal.strsignal(n) for n in range(1, 65)], sorted(map(int, signal.valid_signals()))]`;
    const [texts, valid] = python(program, null) as [(string | null)[], number[]];
    expect(texts.map((_, index) => signal.strsignal(index + 1))).toEqual(texts);
    expect([...signal.valid_signals()]).toEqual(valid);
  });
});
