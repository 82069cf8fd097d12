/** A program that runs as a child process, from its start to its end. */
import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import type { Line } from "../../lib/trace/recording.ts";
import { UsageError } from "../usage-error.ts";
import { cpu_time, is_asleep } from "./processes.ts";

/** A command to start, and what it adds to the environment. */
export interface ProgramStart {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program that is ready to be started and recorded. */
export interface PreparedProgram extends ProgramStart {
  /** What was recorded, once the program has ended: of each of its threads; nothing if it never ran. */
  recorded(): Promise<Iterable<Line>[]>;
}

type Ending = [status: number | null, signal: NodeJS.Signals | null];

export class Child {
  readonly #child: ChildProcess;
  readonly pid: number;
  /** Resolves when the program has ended, and all its output has been read. */
  readonly ended: Promise<void>;
  has_ended = false;
  /** The exit status; null if a signal ended the program. */
  status: number | null = null;
  signal: NodeJS.Signals | null = null;

  /** Starts a program. Throws UsageError if it does not start. */
  constructor({ command, env }: ProgramStart, stdio: SpawnOptions["stdio"]) {
    const [file, ...args] = command;
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio });
    this.#child.on("error", () => {});
    if (this.#child.pid === undefined) {
      throw new UsageError(`${file} does not start: is it installed?`);
    }
    this.pid = this.#child.pid;
    this.ended = this.#wait();
  }

  async #wait(): Promise<void> {
    [this.status, this.signal] = (await once(this.#child, "close")) as Ending;
    this.has_ended = true;
  }

  /** The standard output and the standard error, where they are pipes. */
  get outputs(): Readable[] {
    return [this.#child.stdout, this.#child.stderr].filter((stream) => stream !== null);
  }

  /** Waits until something is so, the program has ended, or the time is up. */
  async until(is_so: () => boolean, timeout_ms = Infinity): Promise<void> {
    const latest = Date.now() + timeout_ms;
    while (!this.has_ended && !is_so() && Date.now() < latest) await sleep(5);
  }

  /** Waits until the program has been idle for a moment, as its processor time shows, but not for long. */
  async idle(): Promise<void> {
    for (let before = "none", turn = 0; turn < 10 && !this.has_ended; turn++) {
      const used = cpu_time(this.pid);
      if (used === before) return;
      before = used;
      await Promise.race([this.ended, sleep(150)]);
    }
  }

  /** Sends Ctrl-C as soon as the program sleeps in a system call. */
  async interrupt_asleep(): Promise<void> {
    await this.until(() => is_asleep(this.pid));
    this.interrupt();
  }

  interrupt(): void {
    if (!this.has_ended) this.#child.kill("SIGINT");
  }

  kill(): void {
    if (!this.has_ended) this.#child.kill("SIGKILL");
  }
}
