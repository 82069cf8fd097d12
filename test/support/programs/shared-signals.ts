/**
 * A program that shares signals with Node, for test/signal-shared.test.ts. Its first argument says what it
 * does; it prints what became of it.
 */
import { exec, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

import { KeyboardInterrupt } from "iomux/builtins";
import * as select from "iomux/select";
import * as signal from "iomux/signal";
import * as socket from "iomux/socket";

const { SIGCHLD, SIGUSR2, SIGWINCH } = signal;

function tell(what: unknown): void {
  console.log(JSON.stringify(what));
}

/** The status of a child that ends soon. */
async function child(status: number): Promise<unknown> {
  const [code] = await once(spawn("sh", ["-c", `exit ${status}`]), "exit");
  return code;
}

/** Waits, in turns of the event loop, until something has happened. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await setTimeout(1);
}

/** Every way in which node:child_process hears of the end of a child. */
async function children(): Promise<unknown[]> {
  const { status } = spawnSync("sh", ["-c", "exit 3"], { timeout: 60_000 });
  const failed = await promisify(exec)("exit 4").catch((error: { code: number }) => error.code);
  return [status, failed, await child(5)];
}

/**
 * A child process that sends a signal to this one in bursts. Without a pause between them, a machine with few
 * processors may get to nothing but the handler: then Ctrl-C waits too long, and has Node's meaning.
 */
function sender(name: string): { end: () => Promise<unknown> } {
  const burst = Array.from({ length: 20 }, () => `kill -${name} ${process.pid}`).join(" && ");
  const one = spawn("sh", ["-c", `while ${burst}; do sleep 0.001; done`]);
  return {
    end(): Promise<unknown> {
      one.kill("SIGKILL");
      return once(one, "exit");
    },
  };
}

const nobody = (): void => {};

/** Adds and takes away a listener: what Node installs a handler for, and takes it away. */
function listen_and_do_not(name: NodeJS.Signals): void {
  process.on(name, nobody);
  process.off(name, nobody);
}

/** One that has arrived already is thrown first. */
function ignore_interrupts(): void {
  try {
    signal.signal(signal.SIGINT, signal.SIG_IGN);
  } catch {
    ignore_interrupts();
  }
}

const programs: Record<string, () => unknown> = {
  async handler_first(): Promise<void> {
    signal.signal(SIGCHLD, nobody);
    tell(await children());
  },

  async child_first(): Promise<void> {
    await child(0);
    const running = once(spawn("cat"), "exit");
    signal.signal(SIGCHLD, nobody);
    tell(await children());
    running.catch(nobody);
    process.exit();
  },

  async default_again(): Promise<void> {
    signal.signal(SIGCHLD, nobody);
    const running = once(spawn("sleep", ["0.1"]), "exit");
    signal.signal(SIGCHLD, signal.SIG_DFL);
    tell([(await running)[0], ...(await children())]);
  },

  async ignored_before(): Promise<void> {
    await child(0);
    signal.signal(SIGCHLD, signal.SIG_IGN);
    signal.signal(SIGCHLD, signal.SIG_DFL);
    tell(await children());
  },

  async once_a_child(): Promise<void> {
    let ends = 0;
    signal.signal(SIGCHLD, () => void ends++);
    const counts = [];
    for (let count = 1; count <= 5; count++) {
      await child(0);
      await until(() => ends >= count);
      counts.push(ends);
    }
    tell(counts);
  },

  async in_a_wait(): Promise<void> {
    const heard: number[] = [];
    signal.signal(SIGCHLD, (signum) => heard.push(signum));
    const running = once(spawn("true"), "exit");
    while (heard.length === 0) select.select([], [], [], 0.01);
    tell([heard.length, (await running)[0]]);
  },

  async put_back(): Promise<void> {
    const running = once(spawn("sleep", ["0.1"]), "exit");
    const before = signal.signal(SIGCHLD, nobody);
    signal.signal(SIGCHLD, before!);
    tell([before, signal.getsignal(SIGCHLD), (await running)[0]]);
  },

  async listener_too(): Promise<void> {
    const heard: string[] = [];
    process.on("SIGWINCH", () => heard.push("listener"));
    signal.signal(SIGWINCH, () => heard.push("handler"));
    process.kill(process.pid, "SIGWINCH");
    await until(() => heard.length === 2);
    tell(heard.toSorted());
  },

  /** Also how it ends: by SIGUSR2. */
  async listener_after_ignored(): Promise<void> {
    signal.signal(SIGUSR2, signal.SIG_IGN);
    const heard = once(process, "SIGUSR2");
    process.kill(process.pid, "SIGUSR2");
    tell((await heard)[0]);
    process.kill(process.pid, "SIGUSR2");
    await setTimeout(60_000);
  },

  async on_and_off(): Promise<void> {
    let count = 0;
    signal.signal(SIGUSR2, () => void count++);
    const signals = sender("USR2");
    await until(() => {
      for (let turn = 0; turn < 1000; turn++) listen_and_do_not("SIGUSR2");
      return count >= 100;
    });
    await signals.end();
    tell("alive");
  },

  /** In a synchronous run, which Ctrl-C does not end before its next blocking call. */
  async on_and_off_of_interrupts(): Promise<void> {
    select.select([], [], [], 0.001);
    const signals = sender("INT");
    const caught = [];
    for (let turn = 0; turn < 20; turn++) {
      try {
        for (;;) {
          for (let again = 0; again < 100; again++) listen_and_do_not("SIGINT");
          select.select([], [], [], 0.001);
        }
      } catch (error) {
        caught.push(error instanceof KeyboardInterrupt);
      }
    }
    ignore_interrupts();
    await signals.end();
    tell(caught.every(Boolean) ? caught.length : caught);
  },

  /** Ctrl-C, outside of a run, is for listeners; without any it ends the program. */
  async interrupt_and_listeners(): Promise<void> {
    new socket.socket().close();
    await setTimeout(0);
    const heard = once(process, "SIGINT");
    process.kill(process.pid, "SIGINT");
    tell((await heard)[0]);
    process.kill(process.pid, "SIGINT");
    await setTimeout(60_000);
  },
};

// Listeners of signals keep no program alive.
const alive = setInterval(nobody, 60_000);
await programs[process.argv[2]]();
clearInterval(alive);
