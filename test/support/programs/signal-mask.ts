/**
 * A program that blocks signals, for test/signal-mask.test.ts. Its argument says which; "calls" is the
 * TypeScript of the Python that stands there.
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { Worker, isMainThread } from "node:worker_threads";

import { print, repr } from "iomux/builtins";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

const { SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SIGALRM, SIGUSR1, SIGUSR2 } = signal;

function numbers(signals: Iterable<number>): number[] {
  return [...signals].toSorted((one, other) => one - other);
}

function told(call: () => unknown): void {
  try {
    print(repr(call()));
  } catch (error) {
    print((error as Error).name, error);
  }
}

function raise_soon(handler: () => void): void {
  signal.signal(SIGALRM, handler);
  signal.setitimer(signal.ITIMER_REAL, 0.05);
}

/** An argument that the compiler would refuse. */
function bad(value: unknown): never {
  return value as never;
}

function calls(): void {
  told(() => numbers(signal.pthread_sigmask(SIG_BLOCK, [])));
  told(() => numbers(signal.pthread_sigmask(SIG_BLOCK, [SIGUSR1, SIGUSR2])));
  told(() => numbers(signal.pthread_sigmask(SIG_BLOCK, new Set([SIGUSR1]))));
  told(() => signal.pthread_sigmask(1700, []));
  told(() => signal.pthread_sigmask(SIG_BLOCK, [signal.NSIG]));
  told(() => signal.pthread_sigmask(SIG_BLOCK, [0]));
  told(() => signal.pthread_sigmask(SIG_BLOCK, bad(5)));
  told(() => signal.pthread_sigmask(SIG_BLOCK, bad(["x"])));
  told(() => signal.pthread_sigmask(SIG_BLOCK, [1.5]));
  told(() => signal.pthread_sigmask(bad("x"), []));
  told(() => numbers(signal.pthread_sigmask(SIG_BLOCK, [signal.SIGKILL, signal.SIGSTOP])));
  told(() => numbers(signal.sigpending()));
  signal.raise_signal(SIGUSR1);
  told(() => numbers(signal.sigpending()));
  told(() => signal.sigwait([SIGUSR1, SIGUSR2]));
  signal.raise_signal(SIGUSR2);
  const sent = signal.sigwaitinfo([SIGUSR1, SIGUSR2]);
  const { si_signo, si_code, si_errno, si_pid } = sent;
  print(si_signo, si_code, si_errno, si_pid === process.pid, [...sent].length);
  print(repr(sent).replaceAll(/\d+/g, "n"));
  told(() => signal.sigtimedwait([SIGUSR1], 0));
  told(() => signal.sigtimedwait([SIGUSR1], 0.05));
  told(() => signal.sigtimedwait([SIGUSR1], -1));
  told(() => signal.sigtimedwait([SIGUSR1], bad("x")));
  told(() => signal.sigtimedwait([SIGUSR1], bad(null)));
  told(() => signal.sigwait(bad(3)));
  told(() => signal.sigwait([99]));
  raise_soon(() => print("alarm"));
  const begin = performance.now();
  told(() => signal.sigtimedwait([SIGUSR1], 0.2));
  print(performance.now() - begin >= 200);
  raise_soon(() => {
    throw new RangeError("enough");
  });
  told(() => {
    try {
      signal.sigwaitinfo([SIGUSR1]);
      return "taken";
    } catch {
      return "thrown";
    }
  });
  signal.signal(SIGUSR1, () => print("handled"));
  signal.raise_signal(SIGUSR1);
  print("sent");
  told(() => numbers(signal.pthread_sigmask(SIG_UNBLOCK, [SIGUSR1])));
  told(() => numbers(signal.pthread_sigmask(SIG_SETMASK, [SIGUSR1])));
  told(() => numbers(signal.pthread_sigmask(SIG_SETMASK, [])));
  told(() => signal.siginterrupt(99, false));
  told(() => signal.siginterrupt(0, false));
  told(() => signal.siginterrupt(signal.SIGKILL, true));
  told(() => signal.siginterrupt(SIGUSR1, 0));
}

const programs: Record<string, () => unknown> = {
  calls,

  /** Signals from outside, while Node has other threads that would take them. */
  async threads(): Promise<void> {
    await Promise.all(Array.from({ length: 8 }, async () => readFile(import.meta.filename)));
    signal.pthread_sigmask(SIG_BLOCK, [SIGUSR1, SIGUSR2]);
    for (;;) {
      print("ready");
      print(signal.sigwait([SIGUSR1, SIGUSR2]));
    }
  },

  /** What handles a signal changes while it is blocked. */
  changes(): void {
    signal.pthread_sigmask(SIG_BLOCK, [SIGUSR2]);
    print(signal.getsignal(SIGUSR2));
    signal.signal(SIGUSR2, () => print("handled"));
    print(typeof signal.getsignal(SIGUSR2));
    signal.raise_signal(SIGUSR2);
    signal.signal(SIGUSR2, signal.SIG_DFL);
    print(signal.getsignal(SIGUSR2), numbers(signal.sigpending()));
    print(signal.sigwait([SIGUSR2]));
  },

  /** A listener of Node's comes while the signal is blocked. */
  async listener(): Promise<void> {
    signal.pthread_sigmask(SIG_BLOCK, [SIGUSR2]);
    process.on("SIGUSR2", () => print("heard"));
    await setTimeout(1);
    signal.raise_signal(SIGUSR2);
    await setTimeout(50);
    print("unblocks");
    signal.pthread_sigmask(SIG_UNBLOCK, [SIGUSR2]);
    await setTimeout(50);
  },

  /** Unblocked with nothing that handles it: Node handles SIGUSR1. */
  unhandled(): void {
    signal.pthread_sigmask(SIG_BLOCK, [SIGUSR2]);
    signal.raise_signal(SIGUSR2);
    print("unblocks");
    signal.pthread_sigmask(SIG_UNBLOCK, [SIGUSR2]);
    print("never said");
  },

  /** A call that waits longer than it takes the alarm to come: does the handler run meanwhile? */
  siginterrupt(): void {
    for (const interrupts of [true, false]) {
      const [left, right] = socket.socketpair();
      spawn("sh", ["-c", "sleep 0.3; printf x"], { stdio: ["ignore", right.fileno(), "ignore"] });
      let received = false;
      raise_soon(() => print(received ? "handled afterwards" : "handled meanwhile"));
      signal.siginterrupt(SIGALRM, interrupts);
      left.recv(1);
      received = true;
      // The handler is told at the next call, as it is in Python.
      told(() => signal.pthread_sigmask(SIG_BLOCK, []).size);
      left.close();
      right.close();
    }
  },

  async worker(): Promise<void> {
    if (isMainThread) {
      void new Worker(new URL(import.meta.url), { argv: ["worker"] });
      return;
    }
    told(() => signal.pthread_sigmask(SIG_BLOCK, []));
    told(() => signal.sigpending());
    told(() => signal.sigwait([SIGUSR1]));
    // What was printed is on its way through the main thread.
    await setTimeout(1);
  },
};

await programs[process.argv[2]]();
