/** Runs a program with its scenario, and keeps what was recorded and what it printed. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Line } from "../../lib/trace/recording.ts";
import type { PreparedProgram } from "../record/program.ts";
import { UsageError } from "../usage-error.ts";
import type { PeerServer } from "./peers.ts";
import type { Running, Scenario } from "./scenarios.ts";

/** What came of a run. */
export interface RunResult {
  /** The program and its arguments, as one would type them. */
  readonly typed: string;
  readonly lines: readonly Line[];
  /** What it printed, on both of its outputs. */
  readonly printed: string;
  /** How it ended: "ended with exit status 0", "was stopped: it did not exit within 20 seconds". */
  readonly ended: string;
}

/** A program that has nothing more to wait for than its peer is over sooner, on any machine. */
const LONGEST_MS = 20_000;

/** Runs a program from its start to its end, with the scenario or, without one, alone. */
export async function run(
  typed: string,
  prepared: PreparedProgram,
  scenario: Scenario | null,
  port: number,
  peer_server: PeerServer,
): Promise<RunResult> {
  const running = new Process(prepared);
  let stopped: string | null = null;
  const stop = (why: string): void => {
    // A peer that is left alone by a program that has ended can go on no more either.
    if (running.has_ended) return;
    stopped = `was stopped: ${why}`;
    running.kill();
  };
  const late = setTimeout(
    () => stop(`it did not exit within ${LONGEST_MS / 1000} seconds`),
    LONGEST_MS,
  );
  const played = scenario?.play(running, port, peer_server).catch((error: unknown) => {
    stop(`its peer failed (${(error as Error).message})`);
  });
  await Promise.race([played, running.ended]);
  await running.ended;
  clearTimeout(late);
  const ended = stopped ?? `ended with ${running.status}`;
  return { typed, lines: await prepared.lines(), printed: running.printed_so_far, ended };
}

class Process implements Running {
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  printed_so_far = "";
  has_ended = false;
  status = "";

  constructor({ command: [file, ...args], env }: PreparedProgram) {
    this.#child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env, FORCE_COLOR: undefined, NO_COLOR: "1" },
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.printed_so_far += text;
      });
    }
    this.ended = this.#wait(file);
  }

  async #wait(file: string): Promise<void> {
    try {
      const [status, signal] = (await once(this.#child, "close")) as [number, string | null];
      this.status = signal ?? `exit status ${status}`;
    } catch {
      throw new UsageError(`Cannot start ${file}: is it installed?`);
    } finally {
      this.has_ended = true;
    }
  }

  async listening(port: number): Promise<void> {
    await this.#until(() => socket_states(port).includes(LISTEN));
  }

  async interrupt(): Promise<void> {
    await this.#until(() => is_asleep(this.#child.pid!));
    this.#child.kill("SIGINT");
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #until(is_so: () => boolean): Promise<void> {
    while (!is_so() && !this.has_ended) await sleep(2);
  }
}

/** proc_net_tcp(5) */
const LISTEN = "0A";
const TIME_WAIT = "06";

/** Waits until a program can have its port, as long as that is a matter of waiting. */
export async function until_free(port: number, progress: (text: string) => void): Promise<void> {
  if (socket_states(port).includes(LISTEN)) {
    throw new UsageError(
      `Port ${port} is in use: stop the process that listens there (see \`ss -ltnp\`) and try again.`,
    );
  }
  if (!socket_states(port).includes(TIME_WAIT)) return;
  progress(`port ${port} is in TIME_WAIT: the system frees it within a minute`);
  while (socket_states(port).includes(TIME_WAIT)) await sleep(250);
}

/** The states of the sockets bound to a port of the loopback interface. */
function socket_states(port: number): string[] {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local === address)
    .map(([, , , state]) => state);
}

/** Below the ports that the system gives to clients: nobody gets one of these by chance. */
const [FIRST_PORT, LAST_PORT] = [10_000, 20_000];

/** A port for a server that takes one. */
export function free_port(): number {
  const start = FIRST_PORT + (process.pid % (LAST_PORT - FIRST_PORT));
  for (let port = start; ; port = port === LAST_PORT ? FIRST_PORT : port + 1) {
    if (!used.has(port) && socket_states(port).length === 0) {
      used.add(port);
      return port;
    }
  }
}

const used = new Set<number>();

/** Whether a process sleeps in a system call. proc(5) */
function is_asleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.startsWith("S");
  } catch {
    return true;
  }
}
