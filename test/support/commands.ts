/** Commands that a test runs in a process of their own: how to start them, what they print, how they end. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import { onTestFinished } from "vitest";

import { is_listening } from "./proc.ts";
import { until } from "./waiting.ts";

/** What starts a program in the runtime that the tests run in: Node, Bun or Deno. */
const RUNTIME =
  process.versions.deno === undefined ? [process.execPath] : [process.execPath, "run", "-A"];

/** The command line of a TypeScript program, which test/support/setup.ts has compiled. */
export function compiled(path: string): string[] {
  return [...RUNTIME, `build-test/${path.replace(/\.ts$/, ".js")}`];
}

/** Sends a signal to a child, if it is still there. After its own `kill`, Deno says that a child has died of it. */
export function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, signal);
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs in a process group of its own: what is left of it when the test is over is killed. */
export class Command {
  readonly #child;
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;

  constructor([file, ...args]: readonly string[]) {
    this.#child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      // Some libraries paint for every machine that says it is a CI.
      env: { ...process.env, CI: "true", FORCE_COLOR: undefined },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(this.#child, "close").then(([status, signal]): Ending => {
      return { status, signal, stdout: this.stdout, stderr: this.stderr };
    });
    onTestFinished(async () => {
      try {
        process.kill(-this.pid, "SIGKILL");
      } catch {
        // The whole group has ended.
      }
      await this.ended;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get has_ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    kill(this.#child, signal);
  }

  /**
   * Waits until it has printed so many lines with a text. Lines that have their end: Python writes
   * a line and its end by two calls where standard output has no buffer, and a signal between the
   * two joins the line with the next.
   */
  async printed(text: string, times: number = 1): Promise<void> {
    const lines = (): string => this.stdout.slice(0, this.stdout.lastIndexOf("\n") + 1);
    await this.#until(() => lines().split(text).length > times, `printed ${text}`);
  }

  /** Waits until it has written a text to its standard error. */
  async warned(text: string): Promise<void> {
    await this.#until(() => this.stderr.includes(text), `warned ${text}`);
  }

  /** Waits until it listens. */
  async listening(port: number): Promise<void> {
    await this.#until(() => is_listening(port), `listened on port ${port}`);
  }

  async #until(is_so: () => boolean, what: string): Promise<void> {
    await until(() => is_so() || this.has_ended);
    if (is_so()) return;
    // The last of its output may still be on its way.
    const ending = await this.ended;
    if (!is_so()) throw new Error(`the program ended before it ${what}: ${JSON.stringify(ending)}`);
  }

  /** Sends Ctrl-C, and waits for the end. */
  async interrupt(): Promise<Ending> {
    this.kill("SIGINT");
    return this.ended;
  }
}
