/** Handlers of signals run in the middle of a blocking call, or in the event loop. */
import { afterEach, describe, expect, test } from "vitest";

import * as select from "iomux/select";
import * as signal from "iomux/signal";

import { has_signals_pending, is_blocked } from "./support/proc.ts";
import { interrupt, start } from "./support/programs.ts";
import { attempt } from "./support/python.ts";
import { pair } from "./support/sockets.ts";
import { has_epoll } from "./support/system.ts";
import { until } from "./support/waiting.ts";

const { SIGALRM, SIGTERM, SIGUSR2 } = signal;

afterEach(() => {
  signal.setitimer(signal.ITIMER_REAL, 0);
  signal.set_wakeup_fd(-1);
  for (const signum of [SIGALRM, SIGTERM, SIGUSR2]) signal.signal(signum, signal.SIG_DFL);
});

describe("a handler", () => {
  test("has run when raise_signal returns, with the signal's number", () => {
    const heard: unknown[] = [];
    signal.signal(SIGTERM, (...args) => heard.push(args));
    signal.raise_signal(SIGTERM);
    expect(heard).toEqual([[SIGTERM, null]]);
  });

  test("that throws throws out of raise_signal, and the next signal is handled again", () => {
    signal.signal(SIGTERM, () => {
      throw new RangeError("enough");
    });
    for (const _ of [1, 2]) expect(() => signal.raise_signal(SIGTERM)).toThrow("enough");
  });

  test("runs in the middle of a call, which goes on with the time that is left", () => {
    const [left] = pair();
    let heard = 0;
    signal.signal(SIGALRM, () => void heard++);
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05);
    left.settimeout(0.3);
    const begin = performance.now();
    expect(() => left.recv(1)).toThrow("timed out");
    expect(performance.now() - begin).toBeGreaterThanOrEqual(299);
    expect(heard).toBeGreaterThan(0);
  });

  test("may use the very socket that waits", () => {
    const [left, right] = pair();
    signal.signal(SIGALRM, () => void right.send(Buffer.from("from the handler")));
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    expect(left.recv(100).toString()).toBe("from the handler");
  });

  test("may close the socket that waits, which then is EBADF", () => {
    const [left] = pair();
    signal.signal(SIGALRM, () => left.close());
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    expect(() => left.recv(100)).toThrow("[Errno 9] Bad file descriptor");
  });

  test.skipIf(!has_epoll)(
    "may close the epoll object that waits, which then is EBADF, whoever has its number",
    () => {
      const ep = new select.epoll();
      const fd = ep.fileno();
      const [left] = pair();
      const later: select.epoll[] = [];
      signal.signal(SIGALRM, () => {
        ep.close();
        later.push(new select.epoll());
        later[0].register(left, select.EPOLLOUT);
      });
      signal.setitimer(signal.ITIMER_REAL, 0.02);
      expect(() => ep.poll()).toThrow("[Errno 9] Bad file descriptor");
      expect(later[0].fileno()).toBe(fd);
      later[0].close();
    },
  );

  test("may not poll with the object that waits, as in Python; with another it may", () => {
    const [left, right] = pair();
    const poller = select.poll();
    const another = select.poll();
    poller.register(left, select.POLLIN);
    another.register(left, select.POLLOUT);
    const heard: unknown[] = [];
    signal.signal(SIGALRM, () => {
      poller.register(right, select.POLLOUT);
      heard.push(attempt(() => poller.poll(0))[1], another.poll(0));
      right.send(Buffer.from("x"));
    });
    signal.setitimer(signal.ITIMER_REAL, 0.02);
    expect(poller.poll()).toEqual([[left.fileno(), select.POLLIN]]);
    expect(heard).toEqual([
      ["RuntimeError", "concurrent poll() invocation"],
      [[left.fileno(), select.POLLOUT]],
    ]);
    expect(poller.poll()).toHaveLength(2);
  });

  test("of several that come at once, the lowest number is first, as in Python", () => {
    const heard: number[] = [];
    for (const signum of [SIGALRM, SIGTERM, SIGUSR2]) {
      signal.signal(signum, (number) => {
        heard.push(number);
        if (number === SIGUSR2) {
          // Both are pending before the first of them is handled.
          process.kill(process.pid, "SIGTERM");
          process.kill(process.pid, "SIGALRM");
        }
      });
    }
    signal.raise_signal(SIGUSR2);
    expect(heard).toEqual([SIGUSR2, SIGALRM, SIGTERM]);
  });

  test("is called by the event loop while that runs", async () => {
    const heard = new Promise((resolve) => {
      signal.signal(SIGTERM, resolve);
    });
    process.kill(process.pid, "SIGTERM");
    expect(await heard).toBe(SIGTERM);
  });

  const kinds =
    "accept recv recv_into recvfrom recvmsg sendall sendmsg recv_with_timeout select_by_default poll";
  test.each([...kinds.split(" "), "select"])("ends %s only if it throws", async (what) => {
    const program = start("signals.ts", [what]);
    expect(await program.line()).toBe("ready");
    await interrupt(program, "SIGTERM");
    expect(await program.line()).toBe(`handled ${SIGTERM}`);
    await interrupt(program, "SIGTERM");
    expect(await program.line()).toBe(`handled ${SIGTERM}`);
    await until(() => is_blocked(program.pid));
    program.kill("SIGUSR2");
    expect(await program.line()).toBe(`RuntimeError: thrown by ${SIGUSR2}`);
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("pause() waits for it, again and again", async () => {
    const program = start("signals.ts", ["pause"]);
    expect(await program.line()).toBe("ready");
    for (const _ of [1, 2, 3]) {
      program.kill("SIGTERM");
      expect(await program.line()).toBe(`handled ${SIGTERM}`);
    }
    program.kill("SIGUSR2");
    expect(await program.line()).toBe(`RuntimeError: thrown by ${SIGUSR2}`);
  });

  test("keeps no process alive", async () => {
    const program = start("signals.ts", ["unused"]);
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("that throws in the event loop is an uncaught exception", async () => {
    const program = start("signals.ts", ["uncaught"]);
    expect(await program.line()).toBe("ready");
    for (const _ of [1, 2]) {
      program.kill("SIGTERM");
      expect(await program.line()).toBe("uncaught enough");
    }
  });

  test("has the signal for itself, whatever Node's listeners", async () => {
    const program = start("signals.ts", ["listener"]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGTERM");
    expect(await program.line()).toBe(`handled ${SIGTERM}`);
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("costs no descriptor, called a thousand times", async () => {
    expect(await start("signals.ts", ["thousand"]).line()).toBe("1001 0");
  });
});

describe("Ctrl-C", () => {
  test("is handled in the middle of a call and in the event loop", async () => {
    const program = start("signals.ts", ["interrupt"]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    expect(await program.line()).toBe("handled 2");
    expect(await program.line()).toBe("TimeoutError");
    program.kill("SIGINT");
    expect(await program.line()).toBe("handled 2");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("is KeyboardInterrupt again when default_int_handler is put back", async () => {
    const program = start("signals.ts", ["interrupt_again"]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    expect(await program.line()).toBe("interrupted");
  });

  test("is nothing with SIG_IGN", async () => {
    const program = start("signals.ts", ["ignore"]);
    expect(await program.line()).toBe("ready");
    expect(await program.line()).toBe("alive");
    expect(await program.ended).toEqual({ status: 0, signal: null, stderr: "" });
  });

  test("ends the process at once with SIG_DFL", async () => {
    const program = start("signals.ts", ["default"]);
    expect(await program.line()).toBe("ready");
    program.kill("SIGINT");
    expect(await program.ended).toEqual({ status: null, signal: "SIGINT", stderr: "" });
    await expect(program.line()).rejects.toThrow("ended too early");
  });

  test("an ignored signal that comes during a wait does not end it", async () => {
    const program = start("signals.ts", ["recv"]);
    expect(await program.line()).toBe("ready");
    await until(() => is_blocked(program.pid));
    program.kill("SIGWINCH");
    await until(() => !has_signals_pending(program.pid) && is_blocked(program.pid));
    program.kill("SIGUSR2");
    expect(await program.line()).toBe(`RuntimeError: thrown by ${SIGUSR2}`);
  });
});
